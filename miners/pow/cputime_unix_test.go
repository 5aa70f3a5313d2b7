//go:build unix

package pow_test

import (
	"syscall"
	"time"
)

// cpuTime is what this process has computed so far. Unlike a clock it hardly minds what
// else runs on the machine.
func cpuTime() time.Duration {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}
