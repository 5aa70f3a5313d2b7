package matrix_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/work"
)

// Random miners, blocks, reorganisations and faults, on either database, in as many runs
// as ADIT_MONEY_RUNS says: nobody is ever paid twice, and nobody is forgotten.
func randomLives(t *testing.T, c *chains) {
	first, all := seed(t), disks(t)
	for s := range uint64(lives(t)) {
		for name, disk := range all {
			t.Run(fmt.Sprintf("seed %d %s", first+s, name), func(t *testing.T) {
				r := newRun(t, c.next(), disk(t))
				r.randomLife(rand.New(rand.NewPCG(first+s, 2)))
				r.rest()
			})
		}
	}
}

// lives is how many random runs there are of each kind.
func lives(t testing.TB) int {
	t.Helper()
	text := os.Getenv("ADIT_MONEY_RUNS")
	if text == "" {
		return 1
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("ADIT_MONEY_RUNS: want a number, have %q", text)
	}
	return n
}

// randomWeather lets steps go wrong at random, now and then.
func randomWeather(rnd *rand.Rand) func(string) fault {
	const seldom = 40 // steps between two faults, on average
	worst := 2        // faults that take seconds
	return func(step string) fault {
		if rnd.IntN(seldom) > 0 {
			return fine
		}
		f := crashBefore + fault(rnd.IntN(int(fullDisk-crashBefore)))
		if f == slow && slices.Contains(writes, step) {
			f = unheard // a ledger is waited for
		}
		if f == slow || f == olderBefore || f == olderAfter {
			if worst == 0 {
				return crashAfter
			}
			worst--
		}
		return f
	}
}

func (r *run) randomLife(rnd *rand.Rand) {
	r.t.Helper()
	miners := make([]string, 1+rnd.IntN(6))
	for i := range miners {
		miners[i] = miner(r.t)
	}
	r.deal = randomDeal(r.t, rnd)
	r.weather.set(randomWeather(rand.New(rand.NewPCG(rnd.Uint64(), 3))))
	var orphaned []done // shares of a block that is gone for good: the next one pays for them
	for range 2 + rnd.IntN(3) {
		var shares []done
		for range 1 + rnd.IntN(8) {
			// Whole numbers: their sum does not depend on who adds them up in which order.
			shares = append(shares, done{miners[rnd.IntN(len(miners))], float64(1 + rnd.IntN(1000))})
		}
		block := r.findAfter(orphaned, shares...)
		orphaned = nil
		r.rounds(rnd.IntN(maturity + 3))
		if rnd.IntN(3) > 0 || !r.young(block) {
			continue
		}
		r.chain.drop(block.Hash.String())
		r.orphaned(block)
		if rnd.IntN(2) == 0 {
			r.rounds(rnd.IntN(3))
			r.chain.restore(block.Hash.String())
			continue
		}
		orphaned = r.audit.claims[block.Hash.String()].round
		r.audit.forget(block)
	}
}

// young reports whether a block has not matured yet, as far as the ledger knows and will
// know after its next look.
func (r *run) young(block *work.Candidate) bool {
	r.t.Helper()
	b := r.block(block)
	return (b.Status == ledger.Candidate || b.Status == ledger.Immature) && r.chain.depth(block) < maturity
}

// orphaned lets the pool look until it knows that a block is gone.
func (r *run) orphaned(block *work.Candidate) {
	r.t.Helper()
	for range rounds {
		if r.block(block).Status == ledger.Orphaned {
			return
		}
		r.pass()
	}
	r.t.Fatalf("block %v is no orphan: %+v\nsteps: %q", block.Hash, r.keeper.Status(), r.weather.story())
}
