package sharelog

import "sync"

// What recent keeps at most: what a consumer that keeps up has not read yet.
const (
	recentBatches = 2048
	recentBytes   = 4 << 20
)

// recent keeps the newest durable batches as they were encoded, so that a consumer
// that keeps up need not ask the store for each of them.
type recent struct {
	mu          sync.Mutex
	batches     [recentBatches][]byte // by position modulo their number
	first, next uint64                // the positions from first to before next are there
	bytes       int
}

// add keeps the batch at position, which must follow the one before.
func (r *recent) add(position uint64, batch []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if position != r.next {
		r.drop(r.next)
		r.first, r.next = position, position
	}
	r.batches[position%recentBatches] = batch
	r.next++
	r.bytes += len(batch)
	for r.bytes > recentBytes || r.next-r.first == recentBatches {
		r.drop(r.first + 1)
	}
}

// drop forgets what stands before position. The caller holds mu.
func (r *recent) drop(position uint64) {
	for ; r.first < position; r.first++ {
		slot := &r.batches[r.first%recentBatches]
		r.bytes -= len(*slot)
		*slot = nil
	}
}

// at returns the batch at position, nil if it is not kept.
func (r *recent) at(position uint64) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	if position < r.first || position >= r.next {
		return nil
	}
	return r.batches[position%recentBatches]
}

// trim forgets what stands before position.
func (r *recent) trim(position uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop(min(position, r.next))
}

// clear forgets everything: another store may give the positions out again.
func (r *recent) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop(r.next)
}
