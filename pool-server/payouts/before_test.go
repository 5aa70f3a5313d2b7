package payouts_test

import (
	"fmt"
	"testing"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/ledger"
)

// before is a ledger that begins with a block of another program, at height 7, which no
// daemon knows and of which there are no bytes.
func before(t *testing.T) (w *world, hash pow.Hash) {
	w = newWorld(t)
	hash, err := pow.ParseHash(fmt.Sprintf("%064x", 0x7007))
	w.ok(err)
	w.ok(w.book.Begin(t.Context(), "a folder", "", []ledger.Opening{{Pool: pool, Blocks: []ledger.OpeningBlock{
		{Hash: hash.String(), Height: 7, Work: []ledger.OpeningWork{{Account: "alice", Worker: "rig", Difficulty: 2}}},
	}}}))
	w.blocks[hash] = &chainBlock{height: 7}
	return w, hash
}

// best makes the chain grow, with a tip that the daemons know.
func (w *world) best(n int64) {
	w.mine(n)
	hash, err := pow.ParseHash(fmt.Sprintf("%064x", w.tip))
	w.ok(err)
	w.blocks[hash] = &chainBlock{height: w.tip, known: true, main: true}
}

func (w *world) only() ledger.Block {
	w.t.Helper()
	blocks, err := w.book.RecentBlocks(w.t.Context(), pool, 10)
	w.ok(err)
	if len(blocks) != 1 {
		w.t.Fatalf("got blocks %+v, want one", blocks)
	}
	return blocks[0]
}

func TestABlockOfBeforeIsPaidForByWhatTheChainSays(t *testing.T) {
	in(t, func(t *testing.T) {
		w, hash := before(t)
		w.blocks[hash].known, w.blocks[hash].main = true, true
		w.best(2)
		w.ok(w.pass())
		if s := w.account("alice"); s.Immature != blockReward { // no fee: the other program took its own
			t.Errorf("alice has %+v", s)
		}
		w.best(maturity)
		w.ok(w.pass())
		if s := w.account("alice"); s.Balance+s.Paying != blockReward {
			t.Errorf("alice has %+v", s)
		}
	})
}

func TestABlockOfBeforeThatNobodyKnowsIsGivenUpOnceTheChainIsFarBeyondIt(t *testing.T) {
	in(t, func(t *testing.T) {
		w, hash := before(t)
		w.best(1)
		w.ok(w.pass()) // and it holds nothing up
		if b := w.only(); b.Status != ledger.Candidate {
			t.Fatalf("the chain is at its height, and it is %s already", b.Status)
		}
		w.best(maturity)
		w.ok(w.pass())
		if b := w.only(); b.Status != ledger.Orphaned {
			t.Fatalf("it is %s at height %d", b.Status, w.tip)
		}
		w.blocks[hash].known, w.blocks[hash].main = true, true // a daemon had lost it
		w.ok(w.pass())
		if b := w.only(); b.Status == ledger.Orphaned {
			t.Error("it is on the main chain, and an orphan")
		}
	})
}
