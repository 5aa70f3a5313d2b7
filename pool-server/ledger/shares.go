package ledger

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/adit-mining/adit/wallet/coin"
)

// slice is the length of time over which the shares of a worker are one row.
const slice = 10 * time.Minute

var (
	// ErrGap is returned when a batch of the share log is missing: applying
	// what follows would lose its shares for ever.
	ErrGap = errors.New("share log has a gap")
	// ErrShare is returned for a share that cannot be counted.
	ErrShare = errors.New("bad share")
)

// A Share is accepted work, as the share log has it.
type Share struct {
	Pool       string
	Account    string      // canonical, as coin.Account writes it
	Worker     string      // name under the account, may be empty
	Difficulty float64     // weight; more than 0
	Time       time.Time   // when it came
	Height     int64       // of the block it was work for
	Solo       bool        // the account mines for itself: a block of it is its own
	Price      float64     // what a share of difficulty 1 is worth, in units, where the pool buys shares; otherwise 0
	Terms      *Terms      // of the pool; nil means PROP without a fee
	Block      *FoundBlock // not nil: it is a block candidate too
}

// A FoundBlock is a block candidate.
type FoundBlock struct {
	Hash       string      // 64 hex digits, as explorers show it
	Height     int64       //
	Reward     coin.Amount // what the pool's own output of the coinbase pays
	Raw        []byte      // the whole serialised block
	Difficulty float64     // of the network, in the unit of Share.Difficulty; 0: not known
}

// Position returns the share log's position up to which the ledger has applied
// it, 0 at first.
func (l *Ledger) Position(ctx context.Context) (position uint64, err error) {
	err = l.read.QueryRowContext(ctx, "SELECT position FROM consumer").Scan(&position)
	return position, err
}

// Apply counts what stands in the share log from position first to last. What was
// applied before changes nothing. If batches are missing in between, nothing is
// applied and the error is ErrGap. Block candidates that the ledger did not know are
// returned; each ends the round that its share belongs to. One that it knows is the
// same share once more, and counts nothing.
func (l *Ledger) Apply(ctx context.Context, first, last uint64, shares []Share) (found []Block, err error) {
	err = l.update(ctx, func(ctx context.Context, t tx) error {
		var applied uint64
		if err := t.get(ctx, "SELECT position FROM consumer", nil, &applied); err != nil {
			return err
		}
		if last <= applied {
			return nil
		}
		if first != applied+1 {
			return fmt.Errorf("%w: applied up to %d, now came %d to %d", ErrGap, applied, first, last)
		}
		if found, err = t.apply(ctx, shares); err != nil {
			return err
		}
		return t.exec(ctx, "UPDATE consumer SET position = ?", int64(last))
	})
	if err != nil {
		return nil, fmt.Errorf("apply shares at %d to %d: %w", first, last, err)
	}
	return found, nil
}

func (t tx) apply(ctx context.Context, shares []Share) (found []Block, err error) {
	b := batch{at: map[cell]int{}}
	for i := range shares {
		s := &shares[i]
		if err := s.validate(); err != nil {
			return nil, err
		}
		if s.Block == nil {
			b.add(s)
			continue
		}
		known, err := t.knows(ctx, s.Block.Hash)
		if err != nil {
			return nil, err
		}
		if known { // the same header: the same share
			continue
		}
		b.add(s)
		if err := t.flush(ctx, &b); err != nil {
			return nil, err
		}
		block, err := t.candidate(ctx, *s)
		if err != nil {
			return nil, fmt.Errorf("block %s: %w", s.Block.Hash, err)
		}
		found = append(found, *block)
	}
	return found, t.flush(ctx, &b)
}

func (s *Share) validate() error {
	switch {
	case s.Pool == "":
		return fmt.Errorf("%w: no pool", ErrShare)
	case s.Account == "" || strings.HasPrefix(s.Account, "@"):
		return fmt.Errorf("%w: account %q", ErrShare, s.Account)
	case !(s.Difficulty > 0) || math.IsInf(s.Difficulty, 0):
		return fmt.Errorf("%w: difficulty %v", ErrShare, s.Difficulty)
	case !(s.Price >= 0) || math.IsInf(s.Price, 0):
		return fmt.Errorf("%w: price %v", ErrShare, s.Price)
	}
	return nil
}
