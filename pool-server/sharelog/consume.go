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

// Consume gives every batch after position after to apply, in order and without
// gaps, and waits for more until ctx is done; then it returns nil. Who remembers
// the last applied position together with its effect gets each batch exactly once.
// A batch that is missing or damaged ends it with a *DamageError, an error of
// apply ends it too. While the store is broken Consume waits.
func (l *Log) Consume(ctx context.Context, after uint64, apply func(ctx context.Context, position uint64, rs []Record) error) error {
	for position := after + 1; ; position++ {
		rs, err := l.await(ctx, position)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if err := apply(ctx, position, rs); err != nil {
			return fmt.Errorf("apply position %d of the share log: %w", position, err)
		}
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
func (l *Log) watch() (*store, uint64, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.store, l.last, l.grown
}

// refresh asks the store for the log's extent. The end of an embedded log is
// better known to its writer, for the store also counts what is not synced yet.
func (l *Log) refresh(st *store) {
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
func (l *Log) load(st *store, position uint64) ([]Record, error) {
	data, err := st.read(position)
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
func (l *Log) missing(st *store, position uint64) error {
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
