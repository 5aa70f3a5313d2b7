package ledger_test

import (
	"fmt"
	"testing"

	"github.com/adit-mining/adit/pool-server/ledger"
)

// opening is what another program's pool owed and had under way.
func opening() ledger.Opening {
	return ledger.Opening{
		Pool: pool,
		Accounts: []ledger.OpeningAccount{
			{Account: "alice", Balance: 7, Paid: 100}, {Account: "nomp:x", Balance: 5, Hold: "no address"}, {Account: "bob", Paid: 1}, {Account: "carol"},
		},
		Blocks: []ledger.OpeningBlock{
			{Hash: fmt.Sprintf("%064x", 1), Height: 10, Work: []ledger.OpeningWork{{"alice", "rig", 3}, {"bob", "", 1}}},
			{Hash: fmt.Sprintf("%064x", 2), Height: 11},
		},
		Open: []ledger.OpeningWork{{"bob", "", 2.5}},
	}
}

func TestABookBeginsWithWhatAnotherOwed(t *testing.T) {
	b := newBook(t)
	b.ok(b.Begin(t.Context(), "a folder", "a note", []ledger.Opening{opening()}))
	if s := b.account("alice"); s.Balance != 7 || s.Paid != 100 || s.Hold != "" {
		t.Errorf("alice has %+v", s)
	}
	if s := b.account("nomp:x"); s.Balance != 5 || s.Hold == "" {
		t.Errorf("who cannot be paid has %+v", s)
	}
	totals, err := b.PoolTotals(t.Context(), pool)
	if err != nil || totals.Reward != 113 || totals.Shares != 3 || totals.Accounts != 2 {
		t.Errorf("the pool has %+v, %v", totals, err)
	}
	wantError(t, b.Begin(t.Context(), "a folder", "again", []ledger.Opening{opening()}), ledger.ErrNotEmpty)

	// Its blocks are blocks like any others.
	blocks, err := b.UnsettledBlocks(t.Context(), pool)
	if err != nil || len(blocks) != 2 || blocks[0].Work != 4 || blocks[0].FeePPM != 0 {
		t.Fatalf("blocks %+v, %v", blocks, err)
	}
	_, err = b.RawBlock(t.Context(), blocks[0].ID)
	wantError(t, err, ledger.ErrNotFound)
	b.ok(b.SetBlockAccepted(t.Context(), blocks[0].ID, ledger.Acceptance{Confirmations: 1, Reward: 40, Weights: b.weights(blocks[0].ID),
		Credits: []ledger.Credit{{Account: "alice", Amount: 30}, {Account: "bob", Amount: 10}}}))
	b.ok(b.MatureBlock(t.Context(), blocks[0].ID))
	b.ok(b.OrphanBlock(t.Context(), blocks[1].ID, "gone"))
	b.check()
	// The open round goes on, and is the next block's.
	next := b.find(12, share("bob", 1))
	if w := b.weights(next.ID); len(w) != 1 || w[0].Difficulty != 3.5 {
		t.Errorf("the next block pays for %+v", w)
	}
	if s := b.account("alice"); s.Balance != 37 {
		t.Errorf("alice has %+v", s)
	}
}

func TestAnOrphanOfBeforeGivesItsWorkToTheNextBlock(t *testing.T) {
	b := newBook(t)
	b.ok(b.Begin(t.Context(), "a folder", "", []ledger.Opening{opening()}))
	blocks, err := b.UnsettledBlocks(t.Context(), pool)
	b.ok(err)
	b.ok(b.OrphanBlock(t.Context(), blocks[0].ID, "gone"))
	var sum float64
	for _, w := range b.weights(b.find(12, share("bob", 1)).ID) {
		sum += w.Difficulty
	}
	if sum != 4+2.5+1 {
		t.Errorf("the next block pays for a difficulty of %v", sum)
	}
}

func TestAnOpeningThatMakesNoSenseIsRefused(t *testing.T) {
	b := newBook(t)
	for name, change := range map[string]func(*ledger.Opening){
		"a negative balance":  func(o *ledger.Opening) { o.Accounts[0].Balance = -1 },
		"the pool's account":  func(o *ledger.Opening) { o.Accounts[0].Account = ledger.FeeAccount },
		"no account":          func(o *ledger.Opening) { o.Open[0].Account = "" },
		"weightless work":     func(o *ledger.Opening) { o.Open[0].Difficulty = 0 },
		"no hash":             func(o *ledger.Opening) { o.Blocks[0].Hash = "x" },
		"twice the same hash": func(o *ledger.Opening) { o.Blocks[1].Hash = o.Blocks[0].Hash },
	} {
		o := opening()
		change(&o)
		if err := b.Begin(t.Context(), "", "", []ledger.Opening{o}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if totals, err := b.PoolTotals(t.Context(), pool); err != nil || totals.Reward != 0 {
		t.Errorf("something was written: %+v, %v", totals, err)
	}
}
