package matrix_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/pooltest"
)

// coinbaseMaturity is how deep a block has to be before its coins can be spent.
const coinbaseMaturity = 100

// The wallet pays a block's miners with that block's own coins, as a young pool does, and
// a reorganisation of more than a hundred blocks takes block, coins and payout away. The
// payout can never be mined: there is nobody to ask but a person. If the block comes
// back, a resume is all it takes. If it does not, the operator puts coins into the
// wallet, and does what the halts say, one after the other; each miner is paid once.
func coinsVanish(t *testing.T, c *chains) {
	var all []leave
	for _, status := range []ledger.PayoutStatus{ledger.Signed, ledger.Sent, ledger.Confirmed} {
		for _, back := range []bool{true, false} {
			all = append(all, leave{coinbaseMaturity + 2, progress{status: status}, back})
		}
	}
	for _, l := range some(t, all) {
		t.Run(l.String(), func(t *testing.T) {
			r := newRun(t, c.next(), &folder{path: t.TempDir()})
			r.spendFunds()
			r.config.Maturity, r.config.Settle, r.config.Confirmations = coinbaseMaturity, 3*coinbaseMaturity, 1
			if l.payout.status == ledger.Sent {
				r.config.Confirmations = 2 * coinbaseMaturity
			}
			r.again()
			r.coinsGo(l)
			r.mayHalt = false
			r.restAt(coinbaseMaturity)
		})
	}
}

func (r *run) coinsGo(l leave) {
	r.t.Helper()
	first := r.find(done{miner(r.t), 1}, done{miner(r.t), 0.7})
	r.chain.mine(coinbaseMaturity)
	r.weather.set(func(step string) fault {
		if l.payout.status == ledger.Signed && step == "sendrawtransaction" {
			return refused
		}
		return fine
	})
	r.rounds(2)
	if p := r.payout(); p.Status != l.payout.status {
		r.t.Fatalf("the payout is %s, want %s: %+v", p.Status, l.payout.status, r.keeper.Status())
	}
	r.weather.set(fineWeather)
	r.mayHalt = true
	r.chain.drop(first.Hash.String())
	r.rounds(2)
	if s := r.halted(); !strings.Contains(s, first.Hash.String()) {
		r.t.Fatalf("got %q, want a halt that names the block", s)
	}
	if l.back {
		r.chain.restore(first.Hash.String())
		r.ok(r.book.Resume(r.t.Context(), pool))
		return
	}
	r.mend()
	r.audit.lost += first.Reward
}

// spendFunds takes the coins away that the run's wallet was given.
func (r *run) spendFunds() {
	r.t.Helper()
	pooltest.Must[any](r.t, r.wallet.RPC, "sendtoaddress", r.chain.bank, r.funds.String(), "", "", true)
	r.chain.mine(1)
	r.funds = 0
}

// mend does what a person does whom the halts have told to, until there are no more.
func (r *run) mend() {
	r.t.Helper()
	was := r.funds
	r.fund()
	r.t.Logf("the operator puts %v into the wallet", r.funds-was)
	r.config.Script = r.script
	r.again()
	r.ok(r.book.SettleBlock(r.t.Context(), 1))
	for range 3 {
		r.ok(r.book.Resume(r.t.Context(), pool))
		r.rounds(2)
		reason := r.halted()
		if reason == "" {
			return
		}
		p := r.payout()
		if want := fmt.Sprintf("Payout %d: ", p.ID); !strings.HasPrefix(reason, want) {
			r.t.Fatalf("got %q, want a word about the payout", reason)
		}
		r.ok(r.book.AbandonPayout(r.t.Context(), p.ID, "its coins are gone with their block"))
	}
	r.t.Fatalf("halted again and again: %s", r.halted())
}
