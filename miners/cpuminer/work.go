package cpuminer

import (
	"bytes"
	"encoding/binary"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/adit-mining/adit/miners/pow"
)

const (
	maxExtranonce2 = 16  // bytes
	maxRoll        = 600 // seconds by which a job's time may be put forward
)

// A work is a job together with what the session adds to it. Its units are
// dealt to the threads so that no two of them ever hash the same header.
type work struct {
	job         *job
	extranonce1 []byte
	size        int // of extranonce2, in bytes
	target      pow.Target
	generation  int           // counts works; shares of one before the last clean job's are stale
	over        chan struct{} // closed when other work has taken its place

	// taken counts the units of all works of the program. It goes on from work to
	// work, so that a pool that sends the same job twice gets no share twice.
	taken *atomic.Uint64
	first uint64 // where taken stood when the first work with these headers began
}

// repeats reports whether w's headers are those of the work before: the pool sent the
// same job under another name, or with another difficulty.
func (w *work) repeats(before *work) bool {
	a, b := w.job, before.job
	return a.prefix == b.prefix && a.bits == b.bits && a.time == b.time && w.size == before.size &&
		bytes.Equal(w.extranonce1, before.extranonce1) && slices.Equal(a.branches, b.branches) &&
		bytes.Equal(a.coinbase[0], b.coinbase[0]) && bytes.Equal(a.coinbase[1], b.coinbase[1])
}

// A unit is 2^32 nonces of one header.
type unit struct {
	extranonce2 []byte
	time        uint32
	header      [80]byte
}

// take returns the next unit, or false when there is no more until the pool
// sends another job. First all extranonces are used up, then the time is put
// forward by a second.
func (w *work) take() (u unit, ok bool) {
	index := w.taken.Add(1) - 1
	var roll uint64
	if w.size < 8 {
		space := uint64(1) << (8 * w.size)
		roll = (index - w.first) / space
		index %= space
	}
	if roll > maxRoll {
		return unit{}, false
	}
	var counter [8]byte
	binary.LittleEndian.PutUint64(counter[:], index)
	u.extranonce2 = make([]byte, w.size)
	copy(u.extranonce2, counter[:])
	u.time = w.job.time + uint32(roll)
	u.header = w.job.header(w.extranonce1, u.extranonce2, u.time)
	return u, true
}

// A board shows the threads what to work on.
type board struct {
	mu      sync.Mutex
	work    *work
	changed chan struct{} // closed at the next change
}

func newBoard() *board { return &board{changed: make(chan struct{})} }

// show replaces the work; nil means that there is none.
func (b *board) show(w *work) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.work == nil && w == nil {
		return
	}
	if b.work != nil {
		close(b.work.over)
	}
	b.work = w
	close(b.changed)
	b.changed = make(chan struct{})
}

// look returns the work, which may be nil, and a channel that is closed when it
// changes.
func (b *board) look() (*work, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.work, b.changed
}
