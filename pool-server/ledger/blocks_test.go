package ledger_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/adit-mining/adit/pool-server/ledger"
)

func TestBlockEndsItsRoundAtItsShare(t *testing.T) {
	b := newBook(t)
	finder := share("bob", 2)
	finder.Block = found(7)
	blocks := b.apply(share("alice", 1), finder, share("carol", 4))
	if len(blocks) != 1 {
		t.Fatalf("got %d blocks, want 1", len(blocks))
	}
	got := blocks[0]
	if got.Status != ledger.Candidate || got.Finder != "bob" || got.Worker != "rig" || got.Work != 3 || got.Effort != 0.003 || got.Reward != blockReward {
		t.Errorf("got %+v", got)
	}
	want := []ledger.AccountWeight{{Account: "alice", Difficulty: 1, Shares: 1}, {Account: "bob", Difficulty: 2, Shares: 1}}
	if w := b.weights(got.ID); !slices.Equal(w, want) {
		t.Errorf("the block's shares: got %v, want %v", w, want)
	}
	if w := b.open(); !slices.Equal(w, []ledger.AccountWeight{{Account: "carol", Difficulty: 4, Shares: 1}}) {
		t.Errorf("the open round: got %v, want carol's share", w)
	}
	if raw, err := b.RawBlock(t.Context(), got.ID); string(raw) != "block 7" || err != nil {
		t.Errorf("got raw block %q, %v", raw, err)
	}
}

func TestBlockIsOnlyOnceThere(t *testing.T) {
	b := newBook(t)
	b.find(7, share("alice", 1))
	// The same header is the same share: a record that was written twice counts once.
	again := share("alice", 1)
	again.Block = found(7)
	if blocks := b.apply(again, share("bob", 2)); blocks != nil {
		t.Errorf("got %v, want no new block", blocks)
	}
	if w := b.open(); len(w) != 1 || w[0].Account != "bob" || w[0].Difficulty != 2 {
		t.Errorf("got open round %v, want bob's share", w)
	}
}

func TestOrphanGivesItsSharesBackToTheBit(t *testing.T) {
	b := newBook(t)
	// Sums that no float64 holds exactly if they are added in another order.
	lost := b.find(7, share("alice", 60.5), share("alice", 0.1), share("bob", 1e-9), share("bob", 1e15), share("bob", 0.3))
	was := b.weights(lost.ID)
	b.apply(share("alice", 1.0/3))
	b.accept(lost)
	b.ok(b.OrphanBlock(t.Context(), lost.ID, "the chain went on without it"))
	b.ok(b.OrphanBlock(t.Context(), lost.ID, "twice is once"))
	if s := b.account("alice"); s.Immature != 0 || s.Balance != 0 {
		t.Errorf("got %+v after the orphan, want no money", s)
	}
	b.check()

	next := b.find(8, share("carol", 0.7))
	b.ok(b.RestoreBlock(t.Context(), lost.ID)) // takes exactly its own shares back
	if got := b.weights(lost.ID); !slices.Equal(got, was) {
		t.Errorf("restored: got %v, want %v", got, was)
	}
	want := []ledger.AccountWeight{{Account: "alice", Difficulty: 1.0 / 3, Shares: 1}, {Account: "carol", Difficulty: 0.7, Shares: 1}}
	if got := b.weights(next.ID); !slices.Equal(got, want) {
		t.Errorf("the next block: got %v, want %v", got, want)
	}
}

func TestNextBlockPaysForAnOrphansShares(t *testing.T) {
	b := newBook(t)
	lost := b.find(7, share("alice", 1))
	b.ok(b.OrphanBlock(t.Context(), lost.ID, "refused"))
	if got := b.open(); len(got) != 1 || got[0].Account != "alice" {
		t.Fatalf("got open round %v, want alice's share", got)
	}
	next := b.find(8, share("bob", 1))
	if got := b.weights(next.ID); len(got) != 2 || next.Work != 2 {
		t.Errorf("got %v of work %v, want both shares", got, next.Work)
	}
}

func TestReturnedBlockTakesItsSharesFromOneThatWasCredited(t *testing.T) {
	b := newBook(t)
	first := b.find(7, share("alice", 1))
	b.ok(b.OrphanBlock(t.Context(), first.ID, "lost the race"))
	second := b.find(8, share("bob", 1))
	b.accept(second) // pays alice too
	b.ok(b.RestoreBlock(t.Context(), first.ID))
	if s := b.status(second.ID); s != ledger.Candidate {
		t.Errorf("the later block is %s, want candidate: to be credited anew", s)
	}
	b.check()
	b.accept(first)
	b.accept(second)
	alice, bob := b.account("alice"), b.account("bob")
	if alice.Immature != bob.Immature || alice.Immature != blockReward-blockReward/100 {
		t.Errorf("got %v and %v, want one block each", alice.Immature, bob.Immature)
	}
}

func TestReturnedBlockPaysItsFindersEvenIfTheirSharesWerePaidFor(t *testing.T) {
	b := newBook(t)
	first := b.find(7, share("alice", 1))
	b.ok(b.OrphanBlock(t.Context(), first.ID, "lost the race"))
	b.mature(b.find(8, share("bob", 1)))
	b.ok(b.RestoreBlock(t.Context(), first.ID))
	if got := b.weights(first.ID); len(got) != 1 || got[0].Account != "alice" {
		t.Errorf("got %v, want alice's share", got)
	}
	b.mature(first)
}

func TestMaturedBlockCanBeOrphanedUntilSomebodyIsPaid(t *testing.T) {
	b := newBook(t)
	block := b.find(7, share("alice", 1), share("bob", 1))
	b.mature(block)
	b.ok(b.MatureBlock(t.Context(), block.ID)) // twice is once
	if got := b.account("alice").Balance; got == 0 {
		t.Fatal("alice has no balance")
	}
	b.ok(b.OrphanBlock(t.Context(), block.ID, "deep reorganisation"))
	if got := b.account("alice").Balance; got != 0 {
		t.Fatalf("got balance %v of an orphan", got)
	}
	b.ok(b.RestoreBlock(t.Context(), block.ID))
	b.mature(block)

	p := b.create()
	wantError(t, b.OrphanBlock(t.Context(), block.ID, "deep reorganisation"), ledger.ErrPaid)
	b.ok(b.CancelUnsigned(t.Context(), p.ID, "its block is gone"))
	b.ok(b.OrphanBlock(t.Context(), block.ID, "deep reorganisation"))
}

func TestImpossibleStepsAreRefused(t *testing.T) {
	b := newBook(t)
	ctx := t.Context()
	block := b.find(7, share("alice", 1), share("bob", 1))
	wantError(t, b.MatureBlock(ctx, block.ID), ledger.ErrState)
	wantError(t, b.SettleBlock(ctx, block.ID), ledger.ErrState)
	wantError(t, b.SetBlockAccepted(ctx, block.ID, accepted(ledger.Credit{Account: "alice", Amount: blockReward - 1})), ledger.ErrState)
	wantError(t, b.SetBlockAccepted(ctx, block.ID, accepted(ledger.Credit{Account: "alice", Amount: blockReward + 1}, ledger.Credit{Account: "bob", Amount: -1})), ledger.ErrState)
	wantError(t, b.SetBlockAccepted(ctx, 99, accepted()), ledger.ErrNotFound)
	// Refused by the database in the middle of the transaction; nothing of it is left.
	twice := []ledger.Credit{{Account: "alice", Amount: blockReward - 1}, {Account: "alice", Amount: 1}}
	if err := b.SetBlockAccepted(ctx, block.ID, accepted(twice...)); err == nil {
		t.Error("an account credited twice: want an error")
	}
	b.check()
	b.mature(block)
	b.ok(b.SettleBlock(ctx, block.ID))
	b.ok(b.SettleBlock(ctx, block.ID))
	wantError(t, b.OrphanBlock(ctx, block.ID, "too late"), ledger.ErrState)
	_, err := b.RawBlock(ctx, block.ID)
	wantError(t, err, ledger.ErrNotFound)
	if left, err := b.UnsettledBlocks(ctx, pool); len(left) != 0 || err != nil {
		t.Errorf("got %v, %v, want no unsettled block", left, err)
	}
}

// Whatever happens to blocks, in any order: the book agrees with itself, each
// share is in exactly one round, and when all blocks have matured all rewards
// are owed.
func TestAnyOrderOfEventsKeepsTheBookRight(t *testing.T) {
	for seed := range seeds(6) {
		b := newBook(t)
		r := rand.New(rand.NewPCG(seed, 7))
		names := []string{"alice", "bob", "carol", "dave"}
		var blocks []ledger.Block
		for step := range 80 {
			var block ledger.Block
			if len(blocks) > 0 {
				block = blocks[r.IntN(len(blocks))]
			}
			switch op := r.IntN(7); {
			case op == 0 || len(blocks) == 0:
				blocks = append(blocks, b.find(int64(step), share(names[r.IntN(4)], r.ExpFloat64()+1e-12)))
			case op == 1:
				b.apply(share(names[r.IntN(4)], r.ExpFloat64()+1e-12), share(names[r.IntN(4)], 0.1))
			case op == 2 && b.status(block.ID) != ledger.Orphaned:
				b.accept(block)
			case op == 3 && b.status(block.ID) == ledger.Immature:
				b.ok(b.MatureBlock(t.Context(), block.ID))
			case op == 4 || op == 5:
				b.ok(b.OrphanBlock(t.Context(), block.ID, "chance"))
			case op == 6:
				b.ok(b.RestoreBlock(t.Context(), block.ID))
			}
			if step%20 == 0 {
				b.check()
			}
		}
		for _, block := range blocks {
			b.ok(b.RestoreBlock(t.Context(), block.ID))
		}
		for _, block := range blocks {
			if len(b.weights(block.ID)) == 0 {
				t.Fatalf("seed %d: block %d has no shares", seed, block.ID)
			}
			b.mature(block)
		}
		totals, err := b.PoolTotals(t.Context(), pool)
		b.ok(err)
		if want := blockReward * 1; totals.Reward != want*ledgerAmount(len(blocks)) || totals.Balance+totals.Fee != totals.Reward {
			t.Errorf("seed %d: got %+v for %d blocks", seed, totals, len(blocks))
		}
		b.check()
	}
}
