//go:build !linux

package load

import "time"

// clock sleeps as exactly as Go does.
type clock struct{}

func newClock() clock { return clock{} }

func (clock) sleep(d time.Duration) { time.Sleep(d) }

func (clock) close() {}
