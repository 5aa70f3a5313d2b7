package hwdetect

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

func addLiveRights(r *Rights) error {
	root := os.Geteuid() == 0
	msr := root && !lockedDown(readLine("/sys/kernel/security/lockdown")) && hasMSR()
	r.Root, r.WriteMSR = &root, &msr
	return nil
}

// hasMSR reports whether the msr module runs and lets this process in, which a
// container's root it does not, or else could be loaded by root.
func hasMSR() bool {
	if f, err := os.OpenFile("/dev/cpu/0/msr", os.O_RDWR, 0); err == nil {
		return f.Close() == nil
	} else if !os.IsNotExist(err) {
		return false
	}
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return false
	}
	module := filepath.Join("/lib/modules", unix.ByteSliceToString(u.Release[:]), "kernel/arch/x86/kernel/msr.ko*")
	found, _ := filepath.Glob(module)
	return len(found) > 0
}

// mayRender reports whether this process may compute on a card; where that cannot be
// told, the driver is left to say so.
func (p Prober) mayRender(card string) bool {
	if p.Root != "" {
		return true
	}
	nodes, _ := filepath.Glob(filepath.Join(card, "drm", "renderD*"))
	for _, node := range nodes {
		if unix.Access(filepath.Join("/dev/dri", filepath.Base(node)), unix.R_OK|unix.W_OK) == unix.EACCES {
			return false
		}
	}
	return true
}
