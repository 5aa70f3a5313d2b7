//go:build unix

package load

import (
	"fmt"
	"syscall"
	"time"
)

// spareFiles is what the program needs beside its connections.
const spareFiles = 32

// enoughFiles says what to raise if so many connections cannot be had. Go has raised
// the soft limit to the hard one already.
func enoughFiles(connections int) error {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return nil // then it will show
	}
	if want := uint64(connections + spareFiles); uint64(limit.Cur) < want {
		return fmt.Errorf("%d connections take %d file descriptors, and this process may have %d: raise the limit with `ulimit -n %d`, or LimitNOFILE=%d in a service's unit; the pool needs as many",
			connections, want, limit.Cur, want, want)
	}
	return nil
}

// processorTime is what this process has used of the processors.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
