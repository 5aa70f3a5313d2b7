package work

import (
	"crypto/sha256"
	"sync"

	"github.com/adit-mining/adit/miners/pow"
)

// DefaultDuplicates is a bound for NewDuplicates that 10,000 shares a second reach
// after two minutes on one job; full, the set takes about 50 MB.
const DefaultDuplicates = 1 << 20

// Duplicates remembers the shares of one job by their binary header, so that no
// other spelling of a share counts again. It is bounded: once full it refuses
// every further share rather than forget one. It is safe for concurrent use.
type Duplicates struct {
	limit int

	mu   sync.Mutex
	seen map[[16]byte]struct{}
}

// NewDuplicates returns a set for at most limit shares; 0 means
// DefaultDuplicates.
func NewDuplicates(limit int) *Duplicates {
	if limit <= 0 {
		limit = DefaultDuplicates
	}
	return &Duplicates{limit: limit, seen: make(map[[16]byte]struct{})}
}

// Add remembers a share by its header. The error is a *Reject: CodeDuplicate if
// the share was there already, CodeOther if the set is full.
func (d *Duplicates) Add(header *[pow.HeaderSize]byte) error {
	// Half of a SHA-256 is kept: for two headers to collide somebody would have to
	// compute 2^64 hashes, and would lose a share by it.
	sum := sha256.Sum256(header[:])
	key := [16]byte(sum[:16])
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, dup := d.seen[key]; dup {
		return &Reject{CodeDuplicate, "duplicate share"}
	}
	if len(d.seen) >= d.limit {
		return &Reject{CodeOther, "this job has had its number of shares, take the next one"}
	}
	d.seen[key] = struct{}{}
	return nil
}

// Len returns how many shares are remembered.
func (d *Duplicates) Len() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.seen)
}
