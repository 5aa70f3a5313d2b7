package work

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/wallet/coin"
)

// ErrNotNext is wrapped by every error of Template.Empty.
var ErrNotNext = errors.New("no empty block can be built on this one")

// MedianSpan is how many blocks before it, the newest included, a chain looks at for
// a block's earliest time.
const MedianSpan = 11

// Next is what is known of a block before the daemon has made a template on it.
type Next struct {
	Header [pow.HeaderSize]byte
	// Times are those of the blocks before it, the last MedianSpan-1 or, on a chain
	// that is shorter, all.
	Times  []uint32
	Clock  uint32       // the daemon's clock now, Unix seconds
	Steady *coin.Steady // of the network
}

// BlockID returns the id of the block with that header.
func BlockID(header *[pow.HeaderSize]byte) pow.Hash { return pow.HashFromBytes(hash256(header[:])) }

// HeaderPrevious and HeaderTime read what a header says of the block before, and of
// its own time.
func HeaderPrevious(header *[pow.HeaderSize]byte) pow.Hash {
	return pow.HashFromBytes([32]byte(header[4:36]))
}

// HeaderTime: see HeaderPrevious.
func HeaderTime(header *[pow.HeaderSize]byte) uint32 { return binary.LittleEndian.Uint32(header[68:]) }

// Empty returns a template without transactions for the block after n, which is a
// block for t: miners can begin with it while the daemon still makes the whole one. It
// pays the subsidy alone. Wherever the chain could refuse such a block there is an
// error instead: where target or subsidy may change, with an extension block, or if t
// does not tell its fees.
//
// n may come from anybody. It must have done t's proof of work: to send miners astray
// costs as much as a block.
func (t *Template) Empty(h pow.Hasher, n Next) (*Template, error) {
	bits := binary.LittleEndian.Uint32(n.Header[72:])
	subsidy, known := t.Subsidy()
	var why string
	switch {
	case HeaderPrevious(&n.Header) != t.PreviousHash:
		why = "it is on another tip"
	case bits != t.Bits:
		why = "it has another target"
	case !n.Steady.Holds(t.Height + 1):
		why = "target or subsidy may change"
	case t.MWEB != nil:
		why = "the chain wants an extension block"
	case !known:
		why = "the daemon does not tell all fees"
	case len(n.Times) < MedianSpan-1 && int64(len(n.Times)) < t.Height:
		why = "the times of the blocks before it are not known"
	case !t.Target.MetBy(h.Sum(&n.Header)):
		why = "it lacks the proof of work"
	}
	if why != "" {
		return nil, fmt.Errorf("%w: %s", ErrNotNext, why)
	}
	e := &Template{
		Version: t.Version, PreviousHash: BlockID(&n.Header), Height: t.Height + 1,
		Bits: t.Bits, Target: t.Target, MaxTime: t.MaxTime,
		CoinbaseValue: subsidy, CoinbaseFlags: t.CoinbaseFlags, Rules: t.Rules, Provisional: true,
	}
	e.MinTime = medianTime(n) + 1
	if e.CurTime = max(n.Clock, e.MinTime); e.MaxTime != 0 && e.MaxTime < e.CurTime {
		return nil, fmt.Errorf("%w: the latest time for it has passed", ErrNotNext)
	}
	return e, nil
}

// medianTime is what a block on n must be later than.
func medianTime(n Next) uint32 {
	times := append(slices.Clone(n.Times[max(0, len(n.Times)-MedianSpan+1):]), HeaderTime(&n.Header))
	slices.Sort(times)
	return times[len(times)/2]
}
