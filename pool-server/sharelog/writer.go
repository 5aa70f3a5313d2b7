package sharelog

import (
	"context"
	"fmt"
	"slices"
	"time"
)

const (
	maxBatchBytes = 1 << 20     // a batch takes no more block bytes than this beyond its first block
	retryEvery    = time.Second // between attempts to open a broken store again
)

// Run writes what is appended until ctx is done; then it refuses new records,
// writes those that wait, and returns nil. It must be called once.
func (l *Log) Run(ctx context.Context) error {
	var batch []entry
	for l.next(ctx) {
		batch = l.writeWaiting(batch)
	}
	l.refuse()
	for len(l.queue) > 0 {
		batch = l.writeWaiting(batch)
	}
	return nil
}

// writeWaiting writes what waits when its turn comes. It returns an empty batch, for
// the next time.
func (l *Log) writeWaiting(batch []entry) []entry {
	l.writing.Lock()
	defer l.writing.Unlock()
	if batch = l.collect(batch); len(batch) > 0 {
		l.write(batch)
	}
	clear(batch) // lets go of blocks and callbacks
	return batch[:0]
}

// writeAlone writes e on its caller's goroutine if no other record is under way or
// waits. It reports whether it did.
func (l *Log) writeAlone(e entry) bool {
	if len(l.queue) > 0 || !l.writing.TryLock() {
		return false
	}
	defer l.writing.Unlock()
	l.appending.RLock() // Run does not end meanwhile
	defer l.appending.RUnlock()
	if l.closed || l.broken() {
		return false
	}
	l.alone[0] = e
	l.write(l.alone[:])
	l.alone[0] = entry{}
	return true
}

// next waits until records wait, and reports false once ctx is done. While the store
// is broken it tries to mend it. It takes no record: see flight.
func (l *Log) next(ctx context.Context) bool {
	for len(l.queue) == 0 {
		var retry <-chan time.Time
		if l.broken() {
			retry = time.After(retryEvery)
		}
		select {
		case <-l.waiting:
		case <-retry:
			l.writing.Lock()
			l.flight.begin([]entry{}) // no batch, but what comes meanwhile must not wait for a disk that hangs
			l.reopen()
			l.flight.end()
			l.writing.Unlock()
		case <-ctx.Done():
			return false
		}
	}
	return ctx.Err() == nil
}

// refuse makes Append refuse records from now on. When it returns, no Append is
// on its way into the queue any more.
func (l *Log) refuse() {
	l.stopOnce.Do(func() { close(l.stop) })
	l.appending.Lock()
	l.closed = true
	l.appending.Unlock()
}

// collect adds to batch what waits already, up to the size of a batch. It does
// not wait for more: while this batch is being synced the next one collects.
func (l *Log) collect(batch []entry) []entry {
	size := 0
	for _, e := range batch {
		size += e.record.blockSize()
	}
	for len(batch) < l.o.MaxBatch && size <= maxBatchBytes {
		select {
		case e := <-l.queue:
			batch = append(batch, e)
			size += e.record.blockSize()
		default:
			return batch
		}
	}
	return batch
}

// blockSize is how many bytes of a batch r's block takes.
func (r *Record) blockSize() int {
	if r.Block == nil {
		return 0
	}
	return len(r.Block.Raw)
}

// write makes batch durable and tells each record's owner how it went, or, if the
// disk hangs, that it may be lost. The caller holds writing.
func (l *Log) write(batch []entry) {
	l.flight.begin(batch)
	for i := range batch {
		l.records = append(l.records, batch[i].record)
	}
	err := l.commit(l.records)
	clear(l.records)
	l.records = l.records[:0]
	if err == nil {
		l.measures.durable(len(batch), l.flight.began)
	}
	if l.flight.end() {
		return // its owners were told long ago
	}
	if err != nil {
		l.measures.lost.Add(uint64(len(batch)))
	}
	for i := range batch {
		batch[i].done(err)
	}
}

// commit appends one batch. A store that fails is opened again at once, and if
// the batch is certainly not in it the batch is tried a second time.
func (l *Log) commit(records []Record) error {
	if l.broken() && !l.reopen() {
		return l.condition()
	}
	var err error
	for range 2 {
		st, position := l.current()
		data := Batch{Position: position + 1, Writer: l.id, Records: records}.Encode()
		if err = st.publish(position+1, data); err == nil {
			l.committed(position+1, records, data)
			return nil
		}
		err = l.explain(err)
		// Here the batch may be in the log or not. A crash now is harmless:
		// nobody was told that it is.
		l.log.Error("shares not durable", "position", position+1, "err", err)
		l.fail(err)
		if !l.reopen() {
			return l.condition()
		}
		if st, _ = l.current(); holds(st, position+1, data) {
			l.committed(position+1, records, data)
			return nil
		}
	}
	l.fail(err)
	return l.condition()
}

// explain looks for the cause of a failed write, which the store does not tell.
func (l *Log) explain(err error) error {
	if l.o.URL != "" {
		return err
	}
	if cause := probe(l.o.Dir); cause != nil {
		return fmt.Errorf("%w: %w", err, cause)
	}
	return err
}

// committed books a batch that is durable now.
func (l *Log) committed(position uint64, records []Record, data []byte) {
	l.mark.set(position)
	l.recent.add(position, data)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last, l.first = max(l.last, position), max(l.first, 1)
	l.bytes += uint64(len(data)) // Trim asks for the exact sum
	l.written += uint64(len(records))
	l.batches++
	wake(&l.grown)
	if slices.ContainsFunc(records, func(r Record) bool { return r.Block != nil }) {
		l.block = position
		wake(&l.hurry)
	}
}

// wake tells all who wait for c.
func wake(c *chan struct{}) {
	close(*c)
	*c = make(chan struct{})
}

// current returns the store and the position at which the log ends. Only the
// writer may rely on the store being there.
func (l *Log) current() (store, uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.store, l.last
}

func (l *Log) broken() bool {
	st, _ := l.current()
	return st == nil
}

// condition says why shares can't be made durable.
func (l *Log) condition() error {
	if err := l.flight.hanging(); err != nil {
		return fmt.Errorf("share log %s: %w", l.o.where(), err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		return nil
	}
	return fmt.Errorf("share log %s: %w", l.o.where(), l.err)
}

// fail takes the store out of use.
func (l *Log) fail(err error) {
	l.mu.Lock()
	st := l.store
	l.store, l.err = nil, err
	l.mu.Unlock()
	if st != nil {
		st.close()
	}
}

// reopen tries to bring a broken store back, at most once every retryEvery
// unless the store has only just broken. The caller holds writing.
func (l *Log) reopen() bool {
	if time.Since(l.retried) < retryEvery {
		return false
	}
	l.retried = time.Now()
	if err := l.tryOpen(); err != nil {
		l.log.Warn("share log still broken", "err", err)
		l.fail(err)
		return false
	}
	_, last := l.current()
	l.log.Info("share log works again", "position", last)
	return true
}

func (l *Log) tryOpen() error {
	if l.o.URL == "" {
		if err := probe(l.o.Dir); err != nil {
			return err
		}
	}
	return l.connect()
}

// adopt makes st the store in use and takes the log's extent from it.
func (l *Log) adopt(st store) error {
	e, err := st.state()
	if err != nil {
		st.close()
		return fmt.Errorf("ask for the log's extent: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.store, l.err = st, nil
	l.first, l.last, l.bytes = e.first, e.last, e.bytes
	l.recent.clear()
	wake(&l.grown)
	return nil
}
