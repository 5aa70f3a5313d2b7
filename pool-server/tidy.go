package main

import (
	"context"
	"runtime/debug"
	rt "runtime/metrics"
	"time"
)

// When memory is given back, see tidy.
const (
	tidyEvery   = 5 * time.Second
	tidyQuiet   = 1 << 20  // bytes allocated within tidyEvery, at most
	tidyGarbage = 16 << 20 // bytes allocated since it was last given back, at least
)

// tidy gives memory back to the system once a storm is over, until ctx ends. Thousands
// of miners that sign in at the same time leave as much garbage as they themselves
// take; a quiet server has so little new garbage that Go would keep the old for long.
func (s *server) tidy(ctx context.Context) error {
	sample := []rt.Sample{{Name: "/gc/heap/allocs:bytes"}}
	allocated := func() uint64 {
		rt.Read(sample)
		return sample[0].Value.Uint64()
	}
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	last, tidied := allocated(), uint64(0)
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		now := allocated()
		if now-last <= tidyQuiet && now-tidied >= tidyGarbage {
			debug.FreeOSMemory()
			tidied = now
		}
		last = now
	}
}
