package payouts_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/wallet/coin"
)

// story is all that can happen to blocks and payouts, in one run: a block that
// is paid by several payouts at once, one that is refused, one that pays for its
// shares as well, leaves the chain and comes back, a late one after which the orphan is
// let go, an account that the operator holds for a while, a run by hand, and a bad
// address that is mended. It returns what everybody is owed.
func story(w *world) map[string]coin.Amount {
	w.t.Helper()
	w.c.MaxAccounts = 2
	w.restart()
	first := []ledger.Share{share("alice", 1), share("bob", 2.5), share("bad", 0.1), share("carol", 1e-3)}
	refused := []ledger.Share{share("alice", 0.3)}
	third := []ledger.Share{share("bob", 0.7)}
	w.find(1, good(7), first...)
	w.find(2, &chainBlock{height: 8, bad: true}, refused...)
	for w.status(2) != ledger.Orphaned { // before the third block is found, which pays for its shares
		_ = w.pass()
		if w.crashed {
			w.restart()
		}
	}
	hash := w.find(3, good(8), third...)
	fourth := []ledger.Share{share("alice", 1)}
	w.settle(func(round int) {
		w.mu.Lock()
		if b := w.blocks[hash]; b.known {
			b.main = round < 2 || round > 4
		}
		w.mu.Unlock()
		if round == 12 {
			w.find(4, good(w.tip+1), fourth...)
		}
		switch round {
		case 1:
			w.ok(w.book.HoldPayouts(w.t.Context(), pool, "carol", "for a while"))
		case 8:
			if s := w.account("carol"); s.Paid+s.Paying > 0 {
				w.t.Errorf("paid %+v while held; steps %v", s, w.trace)
			}
			w.ok(w.book.ReleasePayouts(w.t.Context(), pool, "carol"))
			_, _ = w.k.Pay(w.t.Context(), "carol")
			if w.crashed {
				w.restart()
			}
		}
		if round == 14 {
			w.c.AddressOf = eachOf(func(_ context.Context, account string) (string, error) { return "addr-" + account, nil })
			w.restart()
		}
	})
	return owed(first, append(refused, third...), fourth)
}

// owed is what PROP gives to each account for blocks of these shares.
func owed(rounds ...[]ledger.Share) map[string]coin.Amount {
	sums := map[string]coin.Amount{}
	for _, shares := range rounds {
		var weights []ledger.AccountWeight
		for _, s := range shares {
			weights = append(weights, ledger.AccountWeight{Account: s.Account, Difficulty: s.Difficulty})
		}
		credits, _, _ := payouts.Split(blockReward, 10_000, nil, weights)
		for _, c := range credits {
			sums[c.Account] += c.Amount
		}
	}
	return sums
}

// Every step of handling blocks and paying, undone and done but failed, as a
// crash and as an error that the process lives on with: nobody is paid twice,
// nobody is forgotten, and the book is sound after each pass.
func TestEveryStepMayFailInEveryWay(t *testing.T) {
	var steps []string
	t.Run("no fault", func(t *testing.T) {
		bubble.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.paidExactly(story(w))
			steps = w.trace
		})
	})
	for i, name := range steps {
		for _, f := range []fault{crashUndone, crashDone, errorUndone, errorDone} {
			asks := name == "block status" || name == "block reward" || name == "tx status" || name == "validate address" || name == "sends" || name == "best block" || name == "inputs gone"
			if asks && f != errorUndone || i%sample() > 0 {
				continue // a question changes nothing: its crash is the neighbours' crash
			}
			t.Run(fmt.Sprintf("step %d %s %v", i+1, name, f), func(t *testing.T) {
				t.Parallel()
				bubble.Test(t, func(t *testing.T) {
					w := newWorld(t)
					w.faults = func(step int, _ string) fault {
						if step == i+1 {
							return f
						}
						return none
					}
					w.paidExactly(story(w))
					w.notHalted()
				})
			})
		}
	}
}

// Faults at random, many in one run.
func TestManyFaultsInOneRun(t *testing.T) {
	runs := uint64(40)
	if brief() {
		runs = 2
	}
	for seed := range runs {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			bubble.Test(t, func(t *testing.T) {
				w := newWorld(t)
				r := rand.New(rand.NewPCG(seed, 1))
				w.faults = func(step int, _ string) fault {
					if step > 150 || r.IntN(6) > 0 {
						return none
					}
					return fault(1 + r.IntN(4))
				}
				w.paidExactly(story(w))
				w.notHalted()
			})
		})
	}
}

// brief is whether a few of the faults have to do: under the race detector SQLite is slow.
func brief() bool { return testing.Short() || bubble.RaceDetector }

// sample is which of the steps fail: each so-many-th. make chaos runs them all.
func sample() int {
	switch {
	case os.Getenv("ADIT_MONEY_RUNS") != "":
		return 1
	case brief():
		return 17
	}
	return 3
}
