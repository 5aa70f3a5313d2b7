// Package bubble runs a test in virtual time, like testing/synctest, also under
// the race detector.
//
// The timers of a bubble share one context of the race detector, and Go 1.26 lets two
// threads use it at once: one that runs the timers that are due, and a goroutine that
// one of them has woken and that looks at another one. The detector's shadow stack
// gets out of step, and the process dies of a SIGSEGV in it. One thread at a time
// takes nothing from what the detector finds: it judges by what happens before what,
// not by what runs at once.
package bubble

import (
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
)

// Test runs f in a bubble, as [synctest.Test] does.
func Test(t *testing.T, f func(*testing.T)) {
	t.Helper()
	if RaceDetector {
		defer oneThread()()
	}
	synctest.Test(t, f)
}

var bubbles struct {
	sync.Mutex
	open    int
	threads int // to go back to when none is open
}

// oneThread keeps the process to one thread until what it returns is called, by
// everybody who called it.
func oneThread() (release func()) {
	bubbles.Lock()
	defer bubbles.Unlock()
	if bubbles.open == 0 {
		bubbles.threads = runtime.GOMAXPROCS(1)
	}
	bubbles.open++
	return func() {
		bubbles.Lock()
		defer bubbles.Unlock()
		bubbles.open--
		if bubbles.open == 0 {
			runtime.GOMAXPROCS(bubbles.threads)
		}
	}
}
