package stratum

import (
	"runtime"
	"sync"

	"github.com/adit-mining/adit/miners/pow"
)

// hashing hashes the headers of shares on the goroutines that bring them. Where a
// hasher takes several headers at once (pow.Hasher's Lanes), there are as many batches
// as processors. Who comes while a batch is free has it at once, and takes along those
// who wait, but never waits for them: a lone share costs no more time than its hash.
// Who comes later waits; the oldest of the waiting gets the next batch that is done.
type hashing struct {
	lanes   int
	hashers sync.Pool // of pow.Hasher, if there is one lane
	waiters sync.Pool // of *waiter

	mu      sync.Mutex
	free    []*batch
	waiting []*waiter // the oldest first; none while a batch is free
}

// A batch is a hasher and what it has to hash: first of all its leader's header.
type batch struct {
	hasher  pow.Hasher
	of      []*waiter
	headers [][pow.HeaderSize]byte
	hashes  []pow.Hash
}

// A waiter is one header and then its hash.
type waiter struct {
	header [pow.HeaderSize]byte
	hash   pow.Hash
	turn   chan *batch // that it shall lead, or nil when the hash is there
}

func newWaiter() any { return &waiter{turn: make(chan *batch, 1)} }

func newHashing(a pow.Algorithm, batches int) (*hashing, error) {
	hasher, err := pow.NewHasher(a)
	if err != nil {
		return nil, err
	}
	another := func() any {
		hasher, _ := pow.NewHasher(a) // it did not fail before
		return hasher
	}
	h := &hashing{lanes: hasher.Lanes(), hashers: sync.Pool{New: another}, waiters: sync.Pool{New: newWaiter}}
	for h.lanes > 1 && len(h.free) < batches {
		h.free = append(h.free, newBatch(another().(pow.Hasher), h.lanes))
	}
	return h, nil
}

func newBatch(hasher pow.Hasher, lanes int) *batch {
	return &batch{hasher: hasher, headers: make([][pow.HeaderSize]byte, lanes), hashes: make([]pow.Hash, lanes)}
}

// Sum returns the hash of header. Any number of goroutines may call it.
func (h *hashing) Sum(header *[pow.HeaderSize]byte) pow.Hash {
	if h.lanes == 1 {
		hasher := h.hashers.Get().(pow.Hasher)
		defer h.hashers.Put(hasher)
		return hasher.Sum(header)
	}
	w := h.waiters.Get().(*waiter)
	defer h.waiters.Put(w)
	w.header = *header
	b := h.enter(w)
	if b == nil {
		b = <-w.turn
	}
	if b != nil {
		h.lead(b, w)
	}
	return w.hash
}

// enter returns a free batch for w to lead, or lets it wait.
func (h *hashing) enter(w *waiter) *batch {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.free) == 0 {
		h.waiting = append(h.waiting, w)
		return nil
	}
	last := len(h.free) - 1
	b := h.free[last]
	h.free = h.free[:last]
	return b
}

// lead hashes for the leader and who waits.
func (h *hashing) lead(b *batch, leader *waiter) {
	b.of = append(b.of[:0], leader)
	// There are no more processors than batches, so whoever runs finds one free. Those
	// who are ready to run, and come with a share, shall do so first: then they are
	// hashed together rather than one after the other.
	runtime.Gosched()
	h.gather(b)
	h.finish(b)
}

// finish hashes and hands the batch on.
func (h *hashing) finish(b *batch) {
	b.hash()
	for _, w := range b.of[1:] {
		w.turn <- nil
	}
	h.leave(b)
}

// gather fills b up with who waits.
func (h *hashing) gather(b *batch) {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := min(len(h.waiting), h.lanes-1)
	b.of = append(b.of, h.waiting[:n]...)
	h.waiting = append(h.waiting[:0], h.waiting[n:]...)
}

// leave hands b to the next leader.
func (h *hashing) leave(b *batch) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.waiting) == 0 {
		h.free = append(h.free, b)
		return
	}
	h.waiting[0].turn <- b
	h.waiting = append(h.waiting[:0], h.waiting[1:]...)
}

func (b *batch) hash() {
	if len(b.of) == 1 {
		b.of[0].hash = b.hasher.Sum(&b.of[0].header)
		return
	}
	for i, w := range b.of {
		b.headers[i] = w.header
	}
	b.hasher.SumAll(b.headers[:len(b.of)], b.hashes)
	for i, w := range b.of {
		w.hash = b.hashes[i]
	}
}
