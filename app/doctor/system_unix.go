//go:build linux || darwin

package doctor

import (
	"os"

	"golang.org/x/sys/unix"
)

// volumeOf looks at the file system that path is on.
func volumeOf(path string) (volume, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return volume{}, err
	}
	return volume{
		Free:     s.Bavail * uint64(s.Bsize),
		ReadOnly: uint64(s.Flags)&flagReadOnly != 0,
		NoExec:   uint64(s.Flags)&flagNoExec != 0,
	}, nil
}

// tellsModes says whether a file's mode tells who may do what with it.
const tellsModes = true

// isAdministrator tells whether the app runs with all rights.
func isAdministrator() bool { return os.Geteuid() == 0 }

// watchers tells which antivirus programs the system itself names: none here.
func watchers() []string { return nil }
