package sharelog_test

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/sharelog"
)

func withChecksum(body []byte) []byte {
	sum := crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli))
	return binary.LittleEndian.AppendUint32(append([]byte(nil), body...), sum)
}

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// running is an open log with its writer at work.
type running struct {
	*sharelog.Log
	stop func() // stops the writer and closes the log; may be called again
}

func open(t testing.TB, o sharelog.Options) *running {
	t.Helper()
	if o.Log == nil {
		o.Log = quiet
	}
	l, err := sharelog.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	r := &running{Log: l}
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run = %v", err)
		}
		if err := l.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	})
	t.Cleanup(r.stop)
	return r
}

// append appends rs and waits until all of them are answered.
func (r *running) append(rs ...sharelog.Record) []error {
	errs := make([]error, len(rs))
	var wg sync.WaitGroup
	for i := range rs {
		wg.Add(1)
		r.Append(rs[i], func(err error) { errs[i] = err; wg.Done() })
	}
	wg.Wait()
	return errs
}

func (r *running) mustAppend(t testing.TB, rs ...sharelog.Record) {
	t.Helper()
	if err := errors.Join(r.append(rs...)...); err != nil {
		t.Fatal(err)
	}
}

// consume reads what is in the log after position, up to its present end.
func (r *running) consume(t testing.TB, after uint64) (rs []sharelog.Record, err error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	last, next := r.Status().LastPosition, after+1
	if after == last {
		return nil, nil
	}
	err = r.Consume(ctx, after, func(_ context.Context, from, to uint64, batch []sharelog.Record) error {
		if from != next || to < from {
			t.Errorf("positions %d to %d came, want %d", from, to, next)
		}
		next = to + 1
		rs = append(rs, batch...)
		if to >= last {
			cancel()
		}
		return nil
	})
	return rs, err
}

func (r *running) mustHold(t testing.TB, after uint64, want []sharelog.Record) {
	t.Helper()
	got, err := r.consume(t, after)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("log holds %d records, want %d, or they differ", len(got), len(want))
	}
}

func TestWhatIsAcknowledgedComesBackInOrderAfterRestart(t *testing.T) {
	dir, want := t.TempDir(), shares(5000)
	l := open(t, sharelog.Options{Dir: dir, MaxBatch: 100})
	l.mustAppend(t, want...)
	l.mustHold(t, 0, want)
	status := l.Status()
	if status.LastPosition < 50 || status.Records != 5000 || status.Batches != status.LastPosition || status.Bytes == 0 || status.Err != nil {
		t.Errorf("status %+v", status)
	}
	l.stop()

	l = open(t, sharelog.Options{Dir: dir})
	l.mustHold(t, 0, want)
	if got := l.Status().LastPosition; got != status.LastPosition {
		t.Errorf("after restart the log ends at %d, want %d", got, status.LastPosition)
	}
	more := share(9999)
	l.mustAppend(t, more)
	l.mustHold(t, status.LastPosition, []sharelog.Record{more})
}

func TestConsumeFollowsWhatIsAppended(t *testing.T) {
	l := open(t, sharelog.Options{Dir: t.TempDir()})
	got := make(chan sharelog.Record, 10)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- l.Consume(ctx, 0, func(_ context.Context, _, _ uint64, rs []sharelog.Record) error {
			for _, r := range rs {
				got <- r
			}
			return nil
		})
	}()
	for i := range 20 {
		l.mustAppend(t, share(i))
		if r := <-got; !reflect.DeepEqual(r, share(i)) {
			t.Fatalf("got %v, want %v", r, share(i))
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Consume = %v, want nil after its context ended", err)
	}
}

func TestAnErrorOfApplyEndsConsumeAndIsDeliveredAgain(t *testing.T) {
	l := open(t, sharelog.Options{Dir: t.TempDir()})
	l.mustAppend(t, share(1))
	boom := errors.New("boom")
	for range 2 {
		err := l.Consume(t.Context(), 0, func(context.Context, uint64, uint64, []sharelog.Record) error { return boom })
		if !errors.Is(err, boom) {
			t.Fatalf("Consume = %v, want %v", err, boom)
		}
	}
}

func TestPositionsGoOnAfterTrimAndRestart(t *testing.T) {
	dir := t.TempDir()
	l := open(t, sharelog.Options{Dir: dir, MaxBatch: 1})
	l.mustAppend(t, shares(30)...)
	if err := l.Trim(t.Context(), 12); err != nil {
		t.Fatal(err)
	}
	l.mustHold(t, 12, shares(30)[12:])
	var damage *sharelog.DamageError
	if _, err := l.consume(t, 5); !errors.As(err, &damage) || damage.Position != 6 {
		t.Errorf("reading trimmed positions: %v, want a DamageError at 6", err)
	}
	if err := l.Trim(t.Context(), 1000); err != nil { // more than there is
		t.Fatal(err)
	}
	for range 3 {
		l.stop()
		l = open(t, sharelog.Options{Dir: dir, MaxBatch: 1})
		before := l.Status()
		l.mustAppend(t, share(77))
		if after := l.Status(); before.LastPosition < 30 || after.LastPosition != before.LastPosition+1 {
			t.Fatalf("positions %d, then %d: want them to go on from 30", before.LastPosition, after.LastPosition)
		}
		if err := l.Trim(t.Context(), l.Status().LastPosition); err != nil {
			t.Fatal(err)
		}
	}
	if s := l.Status(); s.LastPosition != 33 || s.FirstPosition != 34 {
		t.Errorf("status %+v, want an empty log that ends at 33", s)
	}
}

func TestContinueAfterSkipsOnlyForward(t *testing.T) {
	l := open(t, sharelog.Options{Dir: t.TempDir()})
	if err := l.ContinueAfter(t.Context(), 500); err != nil {
		t.Fatal(err)
	}
	l.mustAppend(t, share(1))
	l.mustHold(t, 500, []sharelog.Record{share(1)})
	if err := l.ContinueAfter(t.Context(), 3); err == nil {
		t.Error("going back: no error")
	}
}

func TestAFullQueueHoldsTheCallerBack(t *testing.T) {
	l, err := sharelog.Open(sharelog.Options{Dir: t.TempDir(), Queue: 4, Log: quiet})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	answers := make(chan error, 100)
	appended := make(chan struct{}, 100)
	go func() {
		for i := range 10 {
			l.Append(share(i), func(err error) { answers <- err })
			appended <- struct{}{}
		}
	}()
	for range 4 {
		<-appended
	}
	select {
	case <-appended:
		t.Fatal("a fifth record entered a queue of four")
	case <-time.After(50 * time.Millisecond):
	}
	if s := l.Status(); s.Pending != 4 {
		t.Errorf("%d pending, want 4", s.Pending)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = l.Run(ctx) })
	for range 10 {
		if err := <-answers; err != nil {
			t.Error(err)
		}
	}
	cancel()
	wg.Wait()
}

func TestEveryRecordIsAnsweredOnceWhenTheLogStops(t *testing.T) {
	dir := t.TempDir()
	l := open(t, sharelog.Options{Dir: dir, Queue: 16})
	var mu sync.Mutex
	var good []sharelog.Record
	answered, appended := 0, 0
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := range 300 {
				r := share(w*1000 + i)
				l.Append(r, func(err error) {
					mu.Lock()
					defer mu.Unlock()
					answered++
					if err == nil {
						good = append(good, r)
					} else if !errors.Is(err, sharelog.ErrClosed) {
						t.Errorf("answer %v", err)
					}
				})
				mu.Lock()
				appended++
				mu.Unlock()
			}
		})
	}
	time.Sleep(20 * time.Millisecond)
	l.stop()
	wg.Wait()
	if answered != appended || answered != 8*300 {
		t.Errorf("%d of %d answered", answered, appended)
	}
	open(t, sharelog.Options{Dir: dir}).mustHold(t, 0, good)
}

func TestARecordThatCannotBeKeptIsRefused(t *testing.T) {
	l := open(t, sharelog.Options{Dir: t.TempDir()})
	long, weightless, huge := share(1), share(1), share(1)
	long.Worker = strings.Repeat("x", 256)
	weightless.Difficulty = 0
	huge.Block = &sharelog.Block{Raw: make([]byte, sharelog.MaxBlockBytes+1)}
	for i, err := range l.append(long, weightless, huge) {
		if !errors.Is(err, sharelog.ErrRecord) {
			t.Errorf("record %d: %v, want %v", i, err, sharelog.ErrRecord)
		}
	}
	if s := l.Status(); s.LastPosition != 0 {
		t.Errorf("log ends at %d, want 0", s.LastPosition)
	}
}

func TestBlocksOfEverySizeAreKept(t *testing.T) {
	dir := t.TempDir()
	want := []sharelog.Record{share(0), withBlock(share(1), 4<<20), share(2), withBlock(share(3), 24<<20), withBlock(share(4), 600_000), share(5)}
	l := open(t, sharelog.Options{Dir: dir})
	l.mustAppend(t, want...)
	l.stop()
	open(t, sharelog.Options{Dir: dir}).mustHold(t, 0, want)
}

func TestTwoProcessesCannotWriteOneLog(t *testing.T) {
	dir := t.TempDir()
	open(t, sharelog.Options{Dir: dir})
	_, err := sharelog.Open(sharelog.Options{Dir: dir, Log: quiet})
	if err == nil || !strings.Contains(err.Error(), "in use") || !strings.Contains(err.Error(), dir) {
		t.Errorf("second Open = %v, want in use and the folder's name", err)
	}
}

func TestAsyncSaysSo(t *testing.T) {
	l := open(t, sharelog.Options{Dir: t.TempDir(), Durability: sharelog.Async})
	l.mustAppend(t, shares(10)...)
	if s := l.Status(); s.Durability != sharelog.Async {
		t.Errorf("status %+v", s)
	}
	if _, err := sharelog.Open(sharelog.Options{Dir: t.TempDir(), Durability: "later"}); err == nil {
		t.Error("durability \"later\": no error")
	}
}

// TestAConsumerGetsWhatCollectedAtOnce appends more batches than are kept in memory,
// then a block candidate, which must not wait for the next turn.
func TestAConsumerGetsWhatCollectedAtOnce(t *testing.T) {
	want := shares(3000)
	l := open(t, sharelog.Options{Dir: t.TempDir(), MaxBatch: 1, Durability: sharelog.Async})
	l.mustAppend(t, want...)
	sharelog.ApplyEvery(l.Log, time.Hour)
	var got []sharelog.Record
	var calls int
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	came := make(chan struct{}, 1)
	ended := make(chan error, 1)
	go func() {
		ended <- l.Consume(ctx, 0, func(_ context.Context, first, last uint64, rs []sharelog.Record) error {
			if first != uint64(len(got))+1 || last != first+uint64(len(rs))-1 {
				t.Errorf("positions %d to %d with %d records came after %d", first, last, len(rs), len(got))
			}
			got = append(got, rs...)
			calls++
			if len(got) == len(want) || rs[len(rs)-1].Block != nil {
				came <- struct{}{}
			}
			return nil
		})
	}()
	<-came
	if calls > 10 || !reflect.DeepEqual(got, want) {
		t.Errorf("%d records came in %d calls, want %d in few, or they differ", len(got), calls, len(want))
	}
	before := calls
	l.mustAppend(t, share(3001)) // waits for its turn, and comes with the block
	block := share(3000)
	block.Block = &sharelog.Block{Hash: "00", Height: 1, Reward: 50, Raw: []byte{1, 2, 3}}
	l.mustAppend(t, block)
	<-came
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if last := got[len(got)-1]; !reflect.DeepEqual(last, block) || calls != before+1 {
		t.Errorf("last came %+v", last)
	}
}
