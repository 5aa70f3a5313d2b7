package payouts_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"

	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/wallet/coin"
)

// Random miners, blocks, reorganisations and faults, in as many runs as ADIT_MONEY_RUNS
// says: nobody is ever paid twice, and nobody is forgotten. What the runs came to is
// counted and told.
func TestRandomLives(t *testing.T) {
	var sum struct {
		sync.Mutex
		runs, faults, payments, twice, forgotten int
	}
	t.Run("runs", func(t *testing.T) {
		for seed := range randomRuns(t) {
			t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
				t.Parallel()
				bubble.Test(t, func(t *testing.T) {
					w := newWorld(t)
					r := rand.New(rand.NewPCG(seed, 5))
					faults := 0
					w.faults = func(step int, _ string) fault {
						if step > 150 || r.IntN(8) > 0 {
							return none
						}
						faults++
						return fault(1 + r.IntN(4))
					}
					owed := randomStory(w, rand.New(rand.NewPCG(seed, 6)))
					w.paidExactly(owed)
					w.notHalted()
					sum.Lock()
					defer sum.Unlock()
					sum.runs++
					sum.faults += faults
					for account, want := range owed {
						got, n := w.arrived(account)
						sum.payments += n
						if got > want {
							sum.twice++
						}
						if got+networkFee*coin.Amount(n) < want {
							sum.forgotten++
						}
					}
				})
			})
		}
	})
	t.Logf("%d runs with %d faults, %d payments: %d paid twice, %d credits lost, ledger sum 0 in all", sum.runs, sum.faults, sum.payments, sum.twice, sum.forgotten)
}

// randomRuns is how many random runs there are.
func randomRuns(t *testing.T) uint64 {
	t.Helper()
	text := os.Getenv("ADIT_MONEY_RUNS")
	if text == "" {
		if brief() {
			return 1
		}
		return 10
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		t.Fatalf("ADIT_MONEY_RUNS: want a number, have %q", text)
	}
	return n
}

// randomStory is a few blocks of random shares. Some the chain refuses and some it drops
// before they mature: those come back, or the next block pays for their shares. It
// returns what everybody is owed.
func randomStory(w *world, r *rand.Rand) map[string]coin.Amount {
	w.t.Helper()
	var owedFor [][]ledger.Share
	var carried []ledger.Share // of a block that is gone for good
	blocks := uint64(2 + r.IntN(4))
	for position := range blocks {
		var shares []ledger.Share
		for range 1 + r.IntN(6) {
			shares = append(shares, share(fmt.Sprint("miner", r.IntN(5)), float64(1+r.IntN(1000))))
		}
		w.mu.Lock()
		block := &chainBlock{height: w.tip + 1, bad: r.IntN(6) == 0}
		w.mu.Unlock()
		w.find(position+1, block, shares...)
		w.until(position+1, func(s ledger.BlockStatus) bool { return s == ledger.Immature || s == ledger.Orphaned })
		all := append(carried, shares...)
		carried = nil
		gone := block.bad
		if !gone && r.IntN(3) == 0 { // before it matures
			w.turn(block, false)
			w.until(position+1, func(s ledger.BlockStatus) bool { return s == ledger.Orphaned })
			gone = r.IntN(2) == 0
			w.turn(block, !gone)
		}
		if gone {
			carried = all
		} else {
			owedFor = append(owedFor, all)
		}
		for range r.IntN(2 * maturity) {
			w.onwards()
		}
	}
	// Orphans are let go once a later block has matured.
	w.mu.Lock()
	last := &chainBlock{height: w.tip + maturity + 1}
	w.tip = last.height - 1
	w.mu.Unlock()
	shares := []ledger.Share{share("last", 1)}
	w.find(blocks+1, last, shares...)
	w.settle(func(int) {})
	owedFor = append(owedFor, append(carried, shares...))
	for i := range owedFor {
		owedFor[i] = summed(owedFor[i])
	}
	return owed(owedFor...)
}

// summed is one share of each account, as heavy as all of its shares.
func summed(shares []ledger.Share) (all []ledger.Share) {
	sums := map[string]float64{}
	for _, s := range shares {
		sums[s.Account] += s.Difficulty
	}
	for account, d := range sums {
		all = append(all, share(account, d))
	}
	return all
}

// onwards makes a pass and a block, and lets a new process begin if the old one is gone.
func (w *world) onwards() {
	w.t.Helper()
	_ = w.pass()
	if w.crashed {
		w.restart()
	}
	w.mine(1)
}

// until makes passes until a block is as it should be. No block is made meanwhile.
func (w *world) until(position uint64, ok func(ledger.BlockStatus) bool) {
	w.t.Helper()
	for range 100 {
		if ok(w.status(position)) {
			return
		}
		_ = w.pass()
		if w.crashed {
			w.restart()
		}
	}
	w.t.Fatalf("block %d stays %s; steps %v", position, w.status(position), w.trace)
}

// turn puts a block on the main chain, or takes it away.
func (w *world) turn(b *chainBlock, main bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	b.main = main
}
