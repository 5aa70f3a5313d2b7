//go:build linux || darwin || freebsd

package cpuminer

import "syscall"

// lowerPriority makes the calling thread step back behind others; except on
// Linux, it is the whole process.
func lowerPriority(nice int) error {
	return syscall.Setpriority(syscall.PRIO_PROCESS, 0, nice)
}
