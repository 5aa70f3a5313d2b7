package sharelog

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// pollEvery is how often a consumer looks for batches that another process wrote
// to a cluster, and how long it waits for a store that is broken.
const pollEvery = 250 * time.Millisecond

// How much Consume hands over at once, and how often. Each apply is a transaction of
// its consumer's database, with a sync of the disk: one for each batch would cost
// ten times what the share itself does.
const (
	applyEvery   = 250 * time.Millisecond
	applyAtMost  = 20_000  // records
	applyBatches = 2_000   // what a bad record holds up
	applyBytes   = 8 << 20 // of blocks
)

// Consume gives what stands behind position after to apply, in order and without
// gaps, and waits for more until ctx is done; then it returns nil. One call of
// apply gets the records of one or more batches, those of positions first to last:
// what comes fast is collected for a quarter of a second, but a block candidate
// does not wait. Who remembers last together with its effect gets each record
// exactly once. A batch that is missing or damaged ends it with a *DamageError,
// after what stands before it was applied; an error of apply ends it too. While
// the store is broken Consume waits.
func (l *Log) Consume(ctx context.Context, after uint64, apply func(ctx context.Context, first, last uint64, rs []Record) error) error {
	for {
		first := after + 1
		rs, err := l.await(ctx, first)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		began := time.Now()
		var all bool
		rs, after, all = l.more(rs, first)
		if err := apply(ctx, first, after, rs); err != nil {
			return fmt.Errorf("apply positions %d to %d of the share log: %w", first, after, err)
		}
		if all {
			l.pause(ctx, after, l.applyEvery-time.Since(began))
		}
	}
}

// more adds to rs, which stands at position, what is durable behind it, and says
// whether that is all. A fault there is for the next await to find again.
func (l *Log) more(rs []Record, position uint64) (_ []Record, last uint64, all bool) {
	blocks := blockBytes(rs)
	for batches := 1; batches < applyBatches && len(rs) < applyAtMost && blocks < applyBytes; batches++ {
		st, end, _ := l.watch()
		if st == nil || position >= end {
			return rs, position, true
		}
		next, err := l.load(st, position+1)
		if err != nil {
			return rs, position, false
		}
		rs = append(rs, next...)
		blocks += blockBytes(next)
		position++
	}
	return rs, position, false
}

func blockBytes(rs []Record) (n int) {
	for i := range rs {
		n += rs[i].blockSize()
	}
	return n
}

// pause waits so long, or until a block candidate is in the log behind position
// after, or ctx is done.
func (l *Log) pause(ctx context.Context, after uint64, limit time.Duration) {
	l.mu.Lock()
	hurry, waits := l.hurry, l.block > after
	l.mu.Unlock()
	if waits {
		return
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-hurry:
	case <-ctx.Done():
	}
}

// await returns the records at position as soon as they are durable.
func (l *Log) await(ctx context.Context, position uint64) ([]Record, error) {
	for {
		st, last, grown := l.watch()
		if st != nil && position > last+1 {
			return nil, l.damage(last+1, fmt.Sprintf("the log ends at %d, but it was read up to position %d before", last, position-1))
		}
		if st != nil && position <= last {
			rs, err := l.load(st, position)
			var damage *DamageError
			if err == nil || errors.As(err, &damage) {
				return rs, err
			}
		}
		var poll <-chan time.Time
		if st == nil || position <= last || l.o.URL != "" {
			poll = time.After(pollEvery)
		}
		select {
		case <-grown:
		case <-poll:
			if st != nil && l.o.URL != "" {
				l.refresh(st) // another process may have written
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// watch returns the store, nil while it is broken, the last durable position, and
// a channel that is closed when either changes for the better.
func (l *Log) watch() (store, uint64, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.store, l.last, l.grown
}

// refresh asks the store for the log's extent. The end of an embedded log is
// better known to its writer, for the store also counts what is not synced yet.
func (l *Log) refresh(st store) {
	e, err := st.state()
	if err != nil {
		return // the next one asks again; the writer sees to a broken store
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.first, l.bytes = e.first, e.bytes
	if l.o.URL != "" {
		l.last = max(l.last, e.last)
	}
}

// load reads and decodes one batch. An error other than a *DamageError means that
// the store could not answer.
func (l *Log) load(st store, position uint64) ([]Record, error) {
	data, err := l.recent.at(position), error(nil)
	if data == nil {
		data, err = st.read(position)
	}
	if errors.Is(err, errMissing) {
		return nil, l.missing(st, position)
	}
	if err != nil {
		return nil, err
	}
	batch, err := DecodeBatch(data)
	if err != nil {
		return nil, l.damage(position, "the batch is damaged: "+err.Error())
	}
	if batch.Position != position {
		return nil, l.damage(position, fmt.Sprintf("there is a batch that was written for position %d", batch.Position))
	}
	return batch.Records, nil
}

// missing finds out why there is no batch at position.
func (l *Log) missing(st store, position uint64) error {
	e, err := st.state()
	if err != nil {
		return err
	}
	if position < e.first {
		return l.damage(position, fmt.Sprintf("was trimmed away or lost: the log begins at %d", e.first))
	}
	return l.damage(position, fmt.Sprintf("is missing or unreadable, though the log holds %d to %d", e.first, e.last))
}

func (l *Log) damage(position uint64, reason string) error {
	return &DamageError{Position: position, Where: l.o.where(), Reason: reason}
}

// Trim forgets the batches up to and including upTo. Every consumer must have
// applied them for good.
func (l *Log) Trim(ctx context.Context, upTo uint64) error {
	st, last := l.current()
	if st == nil {
		return l.condition()
	}
	if upTo = min(upTo, last); upTo == 0 {
		return nil
	}
	if err := st.purge(ctx, upTo+1); err != nil {
		return fmt.Errorf("trim share log %s to position %d: %w", l.o.where(), upTo, err)
	}
	l.recent.trim(upTo + 1)
	l.refresh(st)
	return nil
}

// ContinueAfter makes an emptied or lost log go on behind position, so that the
// ledger, which has applied everything up to there, accepts what comes next. It
// is for an operator who restored a ledger without its log, and refuses to drop
// batches that the ledger has not seen. Call it before Run.
func (l *Log) ContinueAfter(ctx context.Context, position uint64) error {
	st, last := l.current()
	switch {
	case st == nil:
		return l.condition()
	case position == last:
		return nil
	case position < last:
		return fmt.Errorf("share log %s holds positions up to %d: nothing to skip to %d", l.o.where(), last, position)
	}
	if err := st.purge(ctx, position+1); err != nil {
		return fmt.Errorf("continue share log %s after position %d: %w", l.o.where(), position, err)
	}
	e, err := st.state()
	if err != nil {
		return err
	}
	if e.last != position {
		return fmt.Errorf("share log %s ends at %d instead of %d", l.o.where(), e.last, position)
	}
	l.mark.set(position)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.first, l.last, l.bytes = e.first, e.last, e.bytes
	return nil
}
