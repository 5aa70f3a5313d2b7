package choice

import "golang.org/x/sys/unix"

// ThisBoot returns the run of the operating system that we are in.
func ThisBoot() Boot {
	id, _ := unix.Sysctl("kern.bootsessionuuid") // without one no program is blamed
	return Boot{ID: id}
}
