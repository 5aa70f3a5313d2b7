package sharelog

import (
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// flight watches the batch that is being written. A write into a file cannot be
// called off: if the disk hangs, the owners of the batch's records, and of those
// that wait in the queue behind it, are told that they are not durable, so that no miner waits for ever.
// The writer goes on once the disk lets it.
type flight struct {
	limit time.Duration // how long a batch may take; 0 for a store that ends a write by itself
	log   *slog.Logger
	queue <-chan entry   // what waits behind the batch
	lost  *atomic.Uint64 // counts those who were told

	mu    sync.Mutex
	timer *time.Timer
	began time.Time
	batch []entry       // nil when there is none, or once its owners were told
	hung  error         // why they were
	over  chan struct{} // closed when the disk goes on
}

// begin notes batch as under way. Its array is the caller's again after end.
func (f *flight) begin(batch []entry) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.batch, f.began = batch, time.Now()
	if f.limit == 0 {
		return
	}
	if f.timer == nil {
		f.timer = time.AfterFunc(f.limit, f.late)
		return
	}
	f.timer.Reset(f.limit)
}

// end notes that the batch came through, and reports whether its owners have been
// told already that it did not.
func (f *flight) end() (late bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.timer != nil {
		f.timer.Stop()
	}
	late = f.hung != nil
	if late {
		f.log.Info("the share log's disk goes on", "after", time.Since(f.began))
		close(f.over)
	}
	f.batch, f.hung = nil, nil
	return late
}

// hanging says why nothing becomes durable at the moment, nil if all is well.
func (f *flight) hanging() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.hung
}

// late tells the owners, and then those that come while the disk hangs.
func (f *flight) late() {
	f.mu.Lock()
	if f.batch == nil || time.Since(f.began) < f.limit {
		f.mu.Unlock()
		return // it has just ended
	}
	owners := slices.Clone(f.batch)
	err := fmt.Errorf("%w in %v: the disk hangs", errNoAck, f.limit)
	over := make(chan struct{})
	f.hung, f.over = err, over
	f.mu.Unlock()
	f.log.Error("shares not durable", "err", err)
	f.lost.Add(uint64(len(owners)))
	for _, e := range owners {
		e.done(err)
	}
	for {
		select {
		case e := <-f.queue:
			f.lost.Add(1)
			e.done(err)
		case <-over:
			return
		}
	}
}
