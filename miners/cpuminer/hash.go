package cpuminer

import (
	"context"
	"encoding/binary"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/adit-mining/adit/miners/pow"
)

const (
	firstMeasure = 2 * time.Second // until the first hashrate is told
	nextMeasure  = 5 * time.Second // between two
	batchTime    = 20 * time.Millisecond
)

// A miner is what the threads and the connection share.
type miner struct {
	options Options
	say     *reporter
	board   *board
	shares  chan share      // from the threads to the session; without a buffer, so that threads wait
	taken   atomic.Uint64   // units of work dealt
	hashes  []atomic.Uint64 // done, by thread
}

// A share is a header that meets the target of its work.
type share struct {
	work        *work
	extranonce2 []byte
	time, nonce uint32
}

// hash works on what the board shows until ctx is done. The goroutine keeps its
// thread, whose priority is lowered, and takes it to the grave.
func (m *miner) hash(ctx context.Context, done *atomic.Uint64) error {
	hasher, err := pow.NewHasher(m.options.Algorithm)
	if err != nil {
		return err
	}
	if m.options.Nice > 0 {
		runtime.LockOSThread()
		if err := lowerPriority(m.options.Nice); err != nil {
			m.say.log.Warn("priority not lowered", "err", err)
		}
	}
	batch := uint32(4)
	for ctx.Err() == nil {
		w, changed := m.board.look()
		if w != nil {
			if u, ok := w.take(); ok {
				batch = m.scan(ctx, hasher, w, u, batch, done)
				continue
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
		}
	}
	return nil
}

// scan tries the nonces of u until they are used up, other work is there, or ctx
// is done. Between batches, whose size it makes fit batchTime and returns, it
// looks up. A batch counts what h hashes at once as one.
func (m *miner) scan(ctx context.Context, h pow.Hasher, w *work, u unit, batch uint32, done *atomic.Uint64) uint32 {
	for left := uint64(1) << 32; left > 0; {
		select {
		case <-w.over:
			return batch
		case <-ctx.Done():
			return batch
		default:
		}
		start := time.Now()
		tries := uint32(min(uint64(batch)*uint64(h.Lanes()), left))
		_, tried, found := pow.Search(h, &u.header, w.target, tries)
		done.Add(uint64(tried))
		left -= uint64(tried)
		if found {
			m.found(ctx, w, &u)
			continue
		}
		switch took := time.Since(start); {
		case took < batchTime/2 && batch < 1<<24:
			batch *= 2
		case took > 2*batchTime && batch > 1:
			batch /= 2
		}
	}
	return batch
}

// found hands over the share that u's header is, and makes it the next header.
// It waits while the pool has as many as it shall have at a time.
func (m *miner) found(ctx context.Context, w *work, u *unit) {
	nonce := u.header[76:]
	s := share{work: w, extranonce2: u.extranonce2, time: u.time, nonce: binary.LittleEndian.Uint32(nonce)}
	binary.LittleEndian.PutUint32(nonce, s.nonce+1)
	select {
	case m.shares <- s:
	case <-w.over:
	case <-ctx.Done():
	}
}

// measure tells the hashrate while there is work, and once that it is zero when
// there is none any more.
func (m *miner) measure(ctx context.Context) {
	for {
		w, changed := m.board.look()
		if w == nil {
			select {
			case <-changed:
				continue
			case <-ctx.Done():
				return
			}
		}
		if !m.measureWork(ctx) {
			return
		}
		m.say.hashrate(0, nil)
	}
}

// measureWork tells the hashrate until there is no work, and then returns true,
// or until ctx is done.
func (m *miner) measureWork(ctx context.Context) bool {
	last, since, next := m.count(), time.Now(), time.After(firstMeasure)
	for {
		w, changed := m.board.look()
		if w == nil {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-changed:
			continue
		case <-next:
		}
		now, seconds := m.count(), time.Since(since).Seconds()
		threads, total := make([]pow.Hashrate, len(now)), pow.Hashrate(0)
		for i := range now {
			threads[i] = pow.Hashrate(float64(now[i]-last[i]) / seconds)
			total += threads[i]
		}
		m.say.hashrate(total, threads)
		last, since, next = now, time.Now(), time.After(nextMeasure)
	}
}

// count returns how many hashes each thread has done.
func (m *miner) count() []uint64 {
	counts := make([]uint64, len(m.hashes))
	for i := range counts {
		counts[i] = m.hashes[i].Load()
	}
	return counts
}
