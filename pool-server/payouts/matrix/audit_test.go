package matrix_test

import (
	"encoding/hex"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/pool-server/work"
	"github.com/adit-mining/adit/wallet/coin"
)

// An audit knows what everybody is owed by another way than the ledger.
type audit struct {
	claims map[string]*claim      // by block
	bought map[string]coin.Amount // what accounts were promised for shares that the pool bought
	shares []done                 // all that there were, in their order
	lost   coin.Amount            // what the pool bears: rewards that vanished after they were paid out
}

// A claim is what a block brings to whom.
type claim struct {
	reward     coin.Amount
	weights    []ledger.AccountWeight
	recipients []ledger.Recipient
	round      []done // the shares that another block pays for if this one does not
	gone       bool   // the chain has dropped it for good
}

// work notes shares that have come.
func (a *audit) work(d deal, shares []done) {
	a.shares = append(a.shares, shares...)
	for _, s := range shares {
		a.bought[s.account] += d.worth(s)
	}
}

// owe notes a block, which pays for shares, and for those of an orphan before.
func (a *audit) owe(block *work.Candidate, d deal, orphan, shares []done) {
	c := &claim{reward: block.Reward, recipients: d.Recipients, round: slices.Concat(orphan, shares)}
	c.weights = d.weigh(c.round, a.shares)
	a.claims[block.Hash.String()] = c
}

// forget notes that the chain has dropped a block for good.
func (a *audit) forget(block *work.Candidate) { a.claims[block.Hash.String()].gone = true }

// owed is what everybody is owed in the end.
func (a *audit) owed() map[string]coin.Amount {
	sums := maps.Clone(a.bought)
	for _, c := range a.claims {
		credits, _, _ := payouts.Split(c.reward, feePPM, c.recipients, c.weights)
		for _, n := range credits {
			sums[n.Account] += 0
			if !c.gone {
				sums[n.Account] += n.Amount
			}
		}
	}
	delete(sums, ledger.ReserveAccount) // keeps what blocks bring it
	return sums
}

// figures count what all runs came to.
var figures struct {
	sync.Mutex
	runs, payments, twice, forgotten int
}

// compare looks whether the chain, the ledger and the wallet say the same, to the unit.
func (r *run) compare() {
	r.t.Helper()
	r.ok(r.book.Check(r.t.Context())) // its sum is zero
	owes, miners := r.audit.owed(), map[string]bool{}
	for account := range owes {
		miners[account] = true
	}
	arrived, times := map[string]coin.Amount{}, map[string]int{}
	onChain := r.chain.payments(r.since, miners)
	for _, p := range onChain {
		for account, amount := range p.to {
			arrived[account] += amount
			times[account]++
		}
	}
	all, err := r.book.RecentPayouts(r.t.Context(), pool, "", 1000)
	r.ok(err)
	gross, booked := map[string]coin.Amount{}, map[string]int{}
	var spent coin.Amount
	for _, p := range all {
		if p.Status != ledger.Confirmed {
			continue
		}
		for _, o := range p.Outputs {
			gross[o.Account] += o.Amount
			booked[o.Account]++
			spent += o.Amount
		}
	}
	figures.Lock()
	defer figures.Unlock()
	figures.runs++
	figures.payments += len(onChain)
	for account, owed := range owes {
		s, err := r.book.AccountSummary(r.t.Context(), pool, account)
		r.ok(err)
		if times[account] > booked[account] || arrived[account] > owed {
			figures.twice++
		}
		if gross[account] < owed {
			figures.forgotten++
		}
		if gross[account] != owed || s.Paid != arrived[account] || times[account] != booked[account] {
			r.t.Errorf("%s is owed %v, the ledger took %v from its balance in %d payouts and says %v arrived; on the chain are %v in %d transactions",
				account, owed, gross[account], booked[account], s.Paid, arrived[account], times[account])
		}
	}
	totals, err := r.book.PoolTotals(r.t.Context(), pool)
	r.ok(err)
	if want, have := r.funds+totals.Reward-spent-r.audit.lost, r.wallet.holds(); have != want {
		r.t.Errorf("the wallet has %v; by the ledger it was given %v, got %v for blocks and paid %v, which leaves %v", have, r.funds, totals.Reward, spent, want)
	}
	if totals.Paid+totals.TxFee != spent {
		r.t.Errorf("the ledger says that %v arrived and %v were fees, its payouts come to %v", totals.Paid, totals.TxFee, spent)
	}
	if r.t.Failed() {
		r.t.Logf("steps: %q", r.weather.story())
	}
}

func fromHex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
