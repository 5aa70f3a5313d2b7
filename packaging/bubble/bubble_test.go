package bubble_test

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/adit-mining/adit/packaging/bubble"
)

// A timer that nobody waits for is run by the goroutine that looks at it, while the
// bubble still runs others that are due: this is what the race detector dies of.
func TestTimersDueTogether(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	for range 10 {
		bubble.Test(t, func(t *testing.T) {
			for range 20 {
				var done sync.WaitGroup
				for range 100 {
					unwatched := time.NewTimer(time.Second)
					done.Add(1)
					time.AfterFunc(time.Second, func() {
						defer done.Done()
						select {
						case <-unwatched.C:
						default:
							t.Error("a timer that is due has not fired")
						}
					})
				}
				done.Wait()
			}
		})
	}
	if after := runtime.GOMAXPROCS(0); after != before {
		t.Errorf("%d threads afterwards, %d before", after, before)
	}
}
