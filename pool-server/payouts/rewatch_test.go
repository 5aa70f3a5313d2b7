package payouts_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/adit-mining/adit/wallet/coin"
)

// confirmed is a world in which alice's payout has just been confirmed.
func confirmed(t *testing.T) (w *world, owed coin.Amount) {
	w = due(t, "alice")
	owed = w.account("alice").Balance
	for range 5 {
		w.ok(w.pass())
		w.mine(1)
	}
	if w.account("alice").Paid == 0 {
		t.Fatal("the payout is not confirmed")
	}
	return w, owed
}

func TestConfirmedPayoutThatFellOutOfTheChainIsSentAgain(t *testing.T) {
	in(t, func(t *testing.T) {
		w, owed := confirmed(t)
		for _, tx := range w.txs { // a reorganisation, and the mempool does not want it for now
			tx.mined, tx.pooled = 0, false
			delete(w.spent, tx.coin)
		}
		w.restart()
		for range 3 {
			w.ok(w.pass())
			w.mine(1)
		}
		w.paidExactly(map[string]coin.Amount{"alice": owed})
		w.notHalted()
	})
}

func TestConfirmedPayoutWhoseCoinsWentElsewhereHalts(t *testing.T) {
	in(t, func(t *testing.T) {
		w, _ := confirmed(t)
		for _, tx := range w.txs {
			tx.mined = -1 // another transaction has its coins, one deep
		}
		w.restart()
		w.ok(w.pass())
		if s := w.halted(); !strings.Contains(s, "another one took its place") {
			t.Errorf("got %q, want the conflict", s)
		}
	})
}

func TestDeepPayoutIsNotAskedForAgain(t *testing.T) {
	in(t, func(t *testing.T) {
		w, _ := confirmed(t)
		w.mine(maturity)
		w.ok(w.pass())
		w.trace = nil
		w.ok(w.pass())
		if asked := strings.Contains(fmt.Sprint(w.trace), "tx status"); asked {
			t.Errorf("asked again: %v", w.trace)
		}
	})
}
