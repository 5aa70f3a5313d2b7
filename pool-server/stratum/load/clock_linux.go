package load

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// clock sleeps to the microsecond. Go's own timers wake a program that is otherwise
// idle up to a millisecond late, and a share's latency counts from when it was due.
type clock struct{}

// newClock keeps the goroutine on its thread, whose timers become exact.
func newClock() clock {
	runtime.LockOSThread()
	unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0) // nanoseconds; without it they are 50 µs late
	return clock{}
}

func (clock) sleep(d time.Duration) {
	t := unix.NsecToTimespec(int64(d))
	for unix.Nanosleep(&t, &t) == unix.EINTR { // Go's scheduler sends signals
	}
}

func (clock) close() {
	unix.Prctl(unix.PR_SET_TIMERSLACK, 0, 0, 0, 0)
	runtime.UnlockOSThread()
}
