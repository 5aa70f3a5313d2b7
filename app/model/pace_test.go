package model_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/packaging/bubble"
)

// TestShowsWhatMattersAtOnceAndNumbersOnceASecond counts the states that are shown
// while a program reports a hundred shares a second.
func TestShowsWhatMattersAtOnceAndNumbersOnceASecond(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := &world{}
		c := w.config(t)
		c.Start = true
		c.Mine = func(ctx context.Context, _ miners.Driver, _ miners.Plan, on func(miners.Event)) error {
			on(miners.Started{PID: 1})
			on(miners.Connected{})
			on(miners.Hashrate{Hashrate: 100, Device: miners.Whole})
			for ctx.Err() == nil {
				w.shares.Add(1)
				on(miners.Accepted{N: 1})
				time.Sleep(10 * time.Millisecond)
			}
			return nil
		}
		ctx, cancel := context.WithCancel(t.Context())
		engine := model.New(c)
		var mu sync.Mutex
		var shown int
		var last model.State
		var running sync.WaitGroup
		running.Go(func() {
			engine.Run(ctx, func(s model.State) {
				mu.Lock()
				defer mu.Unlock()
				shown++
				last = s
			})
		})
		look := func(after time.Duration) (int, model.State) {
			time.Sleep(after)
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			return shown, last
		}
		before, _ := look(time.Minute)
		after, s := look(time.Minute)
		if n := after - before; n < 55 || n > 90 || s.Totals().Accepted < 11000 { // the pool's answers come between
			t.Errorf("%d states in a minute, want about one a second; %d accepted", n, s.Totals().Accepted)
		}
		engine.Do(ctx, model.Stop{})
		if _, s := look(60 * time.Millisecond); s.Wanted {
			t.Error("a click does not show at once")
		}
		cancel()
		running.Wait()
	})
}
