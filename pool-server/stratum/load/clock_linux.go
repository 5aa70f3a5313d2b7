package load

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// clock sleeps to some microseconds, by a timer of the kernel that is waited for as for
// a connection. Go's own timers wake a program that is otherwise idle up to a
// millisecond late, and a share's latency counts from when it was due.
type clock struct {
	timer *os.File // nil if there is none to be had
}

func newClock() clock {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return clock{}
	}
	return clock{os.NewFile(uintptr(fd), "timer")}
}

func (c clock) sleep(d time.Duration) {
	if c.timer != nil && c.set(d) == nil {
		var expired [8]byte
		if _, err := c.timer.Read(expired[:]); err == nil {
			return
		}
	}
	time.Sleep(d)
}

func (c clock) set(d time.Duration) error {
	raw, err := c.timer.SyscallConn()
	if err != nil {
		return err
	}
	value := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}
	var setErr error
	if err := raw.Control(func(fd uintptr) { setErr = unix.TimerfdSettime(int(fd), 0, &value, nil) }); err != nil {
		return err
	}
	return setErr
}

func (c clock) close() {
	if c.timer != nil {
		c.timer.Close()
	}
}
