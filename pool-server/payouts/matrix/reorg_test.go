package matrix_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/work"
)

// deep lets time go by until a block has so many confirmations, and has the pool look.
func (r *run) deep(block *work.Candidate, confirmations int64) {
	r.t.Helper()
	for range rounds {
		r.pass()
		if r.chain.depth(block) >= confirmations {
			return
		}
		r.chain.mine(1)
	}
	r.t.Fatal("the block does not get deep")
}

// block is what the ledger says of a block.
func (r *run) block(block *work.Candidate) ledger.Block {
	r.t.Helper()
	all, err := r.book.RecentBlocks(r.t.Context(), pool, 100)
	r.ok(err)
	for _, b := range all {
		if b.Hash == block.Hash.String() {
			return b
		}
	}
	r.t.Fatalf("the ledger has no block %v", block.Hash)
	return ledger.Block{}
}

// halted says why payouts are halted; empty: they are not.
func (r *run) halted() string {
	r.t.Helper()
	reason, _, err := r.book.Halted(r.t.Context(), pool)
	r.ok(err)
	return reason
}

// A leave is how deep a block is when it leaves the chain, how far its payout has come,
// and whether it comes back.
type leave struct {
	depth  int64
	payout progress
	back   bool
}

func (l leave) String() string {
	return fmt.Sprintf("depth %d, payout %s, comes back %v", l.depth, l.payout.status, l.back)
}

// A block that leaves the chain before its credits can be paid takes them along; they
// come back with it, or its shares are the next block's.
func leavesEarly(t *testing.T, c *chains) {
	var all []leave
	for depth := int64(1); depth < maturity; depth++ {
		all = append(all, leave{depth: depth, back: true}, leave{depth: depth})
	}
	for _, l := range some(t, all) {
		t.Run(l.String(), func(t *testing.T) {
			r := newRun(t, c.next(), &folder{path: t.TempDir()})
			alice, bob := miner(t), miner(t)
			shares := []done{{alice, 1}, {bob, 0.7}}
			first := r.find(shares...)
			r.deep(first, l.depth)
			if b := r.block(first); b.Status != ledger.Immature || b.Confirmations != l.depth {
				t.Fatalf("got %+v, want it immature and %d deep", b, l.depth)
			}
			r.chain.drop(first.Hash.String())
			r.pass()
			if b := r.block(first); b.Status != ledger.Orphaned {
				t.Fatalf("got %+v, want an orphan", b)
			}
			more := done{bob, 0.1}
			if l.back {
				r.chain.restore(first.Hash.String())
				r.find(more)
			} else {
				r.audit.forget(first)
				r.findAfter(shares, more)
			}
			r.rest()
		})
	}
}

// progress is how far a payout has come when the block that it pays for vanishes.
type progress struct {
	status        ledger.PayoutStatus
	missing       string // the daemon's call that fails, so that it comes no further
	confirmations int64  // it wants
}

var progresses = []progress{
	{ledger.Intent, "signrawtransactionwithwallet", 1},
	{ledger.Signed, "sendrawtransaction", 1},
	{ledger.Sent, "", 60},
	{ledger.Confirmed, "", 1},
}

// A block that leaves the chain after it has matured: while nobody is paid, nothing is
// lost. Otherwise payouts halt, with nothing below zero; when the block is back a resume
// is all it takes, and when it is gone for good the pool bears the loss. Either way each
// miner is paid once.
func leavesLate(t *testing.T, c *chains) {
	var all []leave
	for depth := int64(maturity); depth <= maturity+2; depth++ {
		for _, p := range progresses {
			all = append(all, leave{depth, p, true}, leave{depth, p, false})
		}
	}
	for _, l := range some(t, all) {
		t.Run(l.String(), func(t *testing.T) {
			r := newRun(t, c.next(), &folder{path: t.TempDir()})
			r.config.Confirmations, r.config.Settle = l.payout.confirmations, 60
			r.again()
			r.weather.set(func(step string) fault {
				if step == l.payout.missing {
					return refused
				}
				return fine
			})
			r.vanishes(l.depth, l.payout.status, l.back)
		})
	}
}

func (r *run) vanishes(depth int64, status ledger.PayoutStatus, back bool) {
	r.t.Helper()
	shares := []done{{miner(r.t), 1}, {miner(r.t), 0.7}}
	first := r.find(shares...)
	r.deep(first, depth)
	for range 2 { // a payout that has been sent is confirmed by a block
		if r.payout().Status != status {
			r.rounds(1)
		}
	}
	if p := r.payout(); p.Status != status {
		r.t.Fatalf("the payout is %s, want %s: %v", p.Status, status, r.keeper.Status())
	}
	r.mayHalt = true
	r.chain.drop(first.Hash.String())
	r.rounds(2)
	if status == ledger.Intent {
		if r.halted() != "" || r.block(first).Status != ledger.Orphaned {
			r.t.Fatalf("nobody is paid, but it is halted (%s) and the block is %+v", r.halted(), r.block(first))
		}
	} else if s := r.halted(); !strings.Contains(s, first.Hash.String()) || r.block(first).Status != ledger.Matured {
		r.t.Fatalf("want a halt that names the block, have %q and the block %s", s, r.block(first).Status)
	}
	r.weather.set(fineWeather)
	switch {
	case back:
		r.chain.restore(first.Hash.String())
		r.pass()
		r.ok(r.book.Resume(r.t.Context(), pool))
	case status == ledger.Intent:
		r.audit.forget(first)
		more := done{miner(r.t), 0.5}
		r.findAfter(shares, more)
	default:
		r.ok(r.book.SettleBlock(r.t.Context(), 1)) // adit-pool payout settle --block 1
		r.ok(r.book.Resume(r.t.Context(), pool))
		r.audit.lost += first.Reward
	}
	r.mayHalt = false
	r.rest()
}

// payout is the last payout.
func (r *run) payout() ledger.Payout {
	r.t.Helper()
	all, err := r.book.RecentPayouts(r.t.Context(), pool, "", 1)
	r.ok(err)
	if len(all) == 0 {
		return ledger.Payout{}
	}
	return all[0]
}

// impatient makes a pass that waits for nothing long, and says what it came to.
func (r *run) impatient() error {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.ctx, patience)
	defer cancel()
	err := r.keeper.Pass(ctx)
	r.ok(r.book.Check(r.t.Context()))
	return err
}
