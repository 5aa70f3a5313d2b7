package payouts_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/wallet/coin"
)

func TestConflictHaltsUntilAPersonHasLooked(t *testing.T) {
	in(t, func(t *testing.T) {
		w := due(t, "alice")
		owed := w.account("alice").Balance
		w.faults = func(_ int, name string) fault {
			if name == "broadcast" {
				return crashUndone
			}
			return none
		}
		_ = w.pass()
		w.faults = func(int, string) fault { return none }
		for _, tx := range w.txs {
			w.spent[tx.coin] = "something else" // somebody used the wallet by hand
		}
		w.restart()
		for range 3 {
			w.ok(w.pass())
			w.restart()
			time.Sleep(payoutPeriod)
		}
		if s := w.halted(); !strings.Contains(s, "Payout 1: transaction tx1 conflicts") {
			t.Fatalf("got %q, want what to look at", s)
		}
		w.ok(w.pass())
		if s := w.k.Status(); !s.Halted || s.HaltReason == "" {
			t.Errorf("got status %+v, want halted", s)
		}
		if got, _ := w.arrived("alice"); got != 0 {
			t.Fatalf("got %d while halted", got)
		}
		w.ok(w.book.AbandonPayout(t.Context(), 1, "its coin was spent by hand, nobody was paid"))
		w.ok(w.book.Resume(t.Context(), pool))
		for range 5 {
			w.ok(w.pass())
			w.mine(1)
			time.Sleep(payoutPeriod)
		}
		w.paidExactly(map[string]coin.Amount{"alice": owed})
	})
}

func TestConflictingTransactionInTheChainHalts(t *testing.T) {
	in(t, func(t *testing.T) {
		w := due(t, "alice")
		w.ok(w.pass())
		for _, tx := range w.txs {
			tx.pooled, tx.mined = false, -2
		}
		w.ok(w.pass())
		if s := w.halted(); !strings.Contains(s, "has 2 confirmations") {
			t.Errorf("got %q, want the conflict", s)
		}
		// While halted nothing is sent; but if it is in the chain after all, that is booked.
		w.trace = nil
		w.ok(w.pass())
		if sent := strings.Contains(fmt.Sprint(w.trace), "broadcast"); sent {
			t.Errorf("sent while halted: %v", w.trace)
		}
		for _, tx := range w.txs {
			tx.mined = w.tip - 5
		}
		w.ok(w.pass())
		if s := w.account("alice"); s.Paid == 0 {
			t.Errorf("got %+v, want it booked as paid", s)
		}
	})
}

func TestOrphanOfAPaidBlockHalts(t *testing.T) {
	in(t, func(t *testing.T) {
		w := due(t, "alice")
		w.ok(w.pass())
		for _, b := range w.blocks {
			b.main = false
		}
		w.ok(w.pass())
		if s := w.halted(); !strings.Contains(s, "at height 7 is no longer on the main chain") {
			t.Errorf("got %q, want the block", s)
		}
		if w.status(1) != ledger.Matured {
			t.Errorf("got %s, want it left as it is", w.status(1))
		}
	})
}
