package payouts_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/wallet/coin"
)

// miners names so many accounts.
func miners(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("miner%02d", i))
	}
	return names
}

// open is the open payouts.
func (w *world) open() []ledger.Payout {
	w.t.Helper()
	open, err := w.book.OpenPayouts(w.t.Context(), pool)
	w.ok(err)
	return open
}

// balances is what the ledger owes each account.
func (w *world) balances(names []string) map[string]coin.Amount {
	w.t.Helper()
	owed := map[string]coin.Amount{}
	for _, name := range names {
		owed[name] = w.account(name).Balance
	}
	return owed
}

func TestRunMakesAsManyPayoutsAsItTakes(t *testing.T) {
	in(t, func(t *testing.T) {
		names := miners(7)
		w := due(t, names...)
		owed := w.balances(names)
		w.c.MaxAccounts = 3
		w.restart()
		w.ok(w.pass())
		if open := w.open(); len(open) != 3 || open[2].Status != ledger.Sent || len(open[0].Outputs) != 3 || len(open[2].Outputs) != 1 {
			t.Fatalf("got %+v, want three open payouts", open)
		}
		w.ok(w.pass())
		w.mine(2)
		w.ok(w.pass())
		if open := w.open(); len(open) != 0 {
			t.Errorf("got %+v, want them confirmed", open)
		}
		w.paidExactly(owed)
		w.notHalted()
	})
}

func TestRunGoesOnWhenTheWalletHasCoinsAgain(t *testing.T) {
	in(t, func(t *testing.T) {
		names := miners(4)
		w := due(t, names...)
		owed := w.balances(names)
		w.c.MaxAccounts = 1
		w.restart()
		signed := 0
		w.faults = func(_ int, name string) fault {
			if name == "sign" {
				if signed++; signed == 3 {
					w.refuse["sign"] = node.ErrFunds
				}
			}
			return none
		}
		if err := w.pass(); err == nil || !strings.Contains(err.Error(), "sign payout 3") {
			t.Errorf("got %v, want the third payout to wait", err)
		}
		if open := w.open(); len(open) != 3 || open[2].Status != ledger.Intent {
			t.Fatalf("got %+v, want two sent and one waiting", open)
		}
		w.mine(1)
		delete(w.refuse, "sign")
		w.ok(w.pass())
		if open := w.open(); len(open) != 4 {
			t.Errorf("got %d open payouts, want the fourth one as well", len(open))
		}
		w.mine(2)
		w.ok(w.pass())
		w.paidExactly(owed)
	})
}

func TestCoinsForAPartPayThatPart(t *testing.T) {
	in(t, func(t *testing.T) {
		names := miners(4)
		w := due(t, names...)
		owed := w.balances(names)
		w.refuse["sign"] = &node.FundsError{Spendable: 2 * owed[names[0]], Needed: 4 * owed[names[0]]}
		first := true
		w.faults = func(_ int, name string) fault {
			if name == "sign" {
				if !first {
					delete(w.refuse, "sign")
				}
				first = false
			}
			return none
		}
		w.ok(w.pass())
		if open := w.open(); len(open) != 2 || len(open[0].Outputs) != 2 {
			t.Errorf("got %+v, want two payouts of two", open)
		}
		for range 3 {
			w.mine(1)
			w.ok(w.pass())
		}
		w.paidExactly(owed)
	})
}

func TestPayoutThatIsTooLargeIsMadeOfSmallerOnes(t *testing.T) {
	for name, limit := range map[string]func(w *world, each coin.Amount){
		"receivers": func(w *world, _ coin.Amount) { w.mostOutputs = 2 },
		"amount":    func(w *world, each coin.Amount) { w.most = 2 * each },
		"unknown":   func(w *world, _ coin.Amount) { w.silentAbove = 2 },
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T) {
				names := miners(5)
				w := due(t, names...)
				owed := w.balances(names)
				limit(w, owed[names[0]])
				for range 6 {
					w.ok(w.pass())
					w.mine(1)
				}
				w.paidExactly(owed)
				if _, n := w.transactions(); n < 3 {
					t.Errorf("got %d transactions, want 3 at least", n)
				}
				w.notHalted()
			})
		})
	}
}

func TestWhoIsOwedMoreThanATransactionCanPayGetsItInParts(t *testing.T) {
	in(t, func(t *testing.T) {
		w := due(t, "whale")
		owed := w.account("whale").Balance
		w.most = owed/3 + 1
		for range 8 {
			w.ok(w.pass())
			w.mine(1)
			time.Sleep(payoutPeriod + time.Second)
		}
		w.paidExactly(map[string]coin.Amount{"whale": owed})
	})
}

func TestPayoutThatCannotBeSentHoldsUpNoOther(t *testing.T) {
	in(t, func(t *testing.T) {
		w := due(t, "alice")
		owed := w.balances([]string{"alice"})
		w.refuse["broadcast"] = &node.RPCError{Code: -26, Message: "mempool min fee not met"}
		if err := w.pass(); err == nil {
			t.Fatal("want the refusal")
		}
		w.find(2, good(w.tip+1), share("bob", 1))
		for range 3 {
			_ = w.pass()
		}
		w.mine(maturity)
		_ = w.pass()
		time.Sleep(payoutPeriod + time.Second)
		_ = w.pass()
		if open := w.open(); len(open) != 2 || open[1].Outputs[0].Account != "bob" {
			t.Errorf("got %+v, want bob's payout begun", open)
		}
		// The coins of the first one were not touched by the second.
		delete(w.refuse, "broadcast")
		for range 3 {
			w.ok(w.pass())
			w.mine(1)
		}
		w.paidExactly(owed)
		w.notHalted()
	})
}

func TestRunsBeginAtTheirTimes(t *testing.T) {
	in(t, func(t *testing.T) {
		w := due(t, "alice")
		at := func(clock string) { // the next time that the clock shows this
			d, err := time.Parse("15:04", clock)
			w.ok(err)
			now := time.Now().UTC()
			next := time.Date(now.Year(), now.Month(), now.Day(), d.Hour(), d.Minute(), 0, 0, time.UTC)
			if !next.After(now) {
				next = next.AddDate(0, 0, 1)
			}
			time.Sleep(time.Until(next))
		}
		w.c.At = []time.Duration{4 * time.Hour, 16 * time.Hour}
		w.restart()
		at("05:00")
		w.ok(w.pass())
		if len(w.open()) != 0 {
			t.Fatal("paid at once, and not at its time")
		}
		if next := w.k.Status().NextPayout; next.Hour() != 16 {
			t.Errorf("got %v, want 16:00", next)
		}
		at("15:59")
		w.ok(w.pass())
		if len(w.open()) != 0 {
			t.Fatal("paid too early")
		}
		at("16:30") // the server was busy, or down
		w.restart()
		w.ok(w.pass())
		if len(w.open()) != 1 {
			t.Fatal("not paid at its time")
		}
		w.find(2, good(w.tip+1), share("bob", 1))
		w.ok(w.pass())
		w.ok(w.pass())
		w.mine(maturity)
		w.ok(w.pass())
		if owed := w.account("bob").Balance; owed == 0 {
			t.Error("bob was paid between two runs")
		}
		at("04:00")
		w.ok(w.pass())
		if paying := w.account("bob").Paying; paying == 0 {
			t.Error("bob was not paid in the next run")
		}
	})
}

func TestPayByHandNeedsNoScheduleAndNoMinimum(t *testing.T) {
	in(t, func(t *testing.T) {
		w := due(t, "alice", "bob")
		owed := w.balances([]string{"alice", "bob"})
		w.c.PaymentsOff, w.c.Minimum = true, blockReward
		w.restart()
		made, err := w.k.Pay(t.Context(), "")
		if err != nil || len(made) != 0 {
			t.Errorf("got %v, %v, want nobody due", made, err)
		}
		w.ok(w.book.HoldPayouts(t.Context(), pool, "bob", "not yet"))
		for _, account := range []string{"bob", "nobody"} {
			if made, err := w.k.Pay(t.Context(), account); err != nil || len(made) != 0 {
				t.Errorf("%s: got %v, %v, want nothing", account, made, err)
			}
		}
		if made, err = w.k.Pay(t.Context(), "alice"); err != nil || len(made) != 1 || made[0].Outputs[0].Account != "alice" {
			t.Errorf("got %+v, %v, want alice paid", made, err)
		}
		w.mine(2)
		w.ok(w.pass())
		w.paidExactly(map[string]coin.Amount{"alice": owed["alice"], "bob": 0})
		w.ok(w.book.Halt(t.Context(), pool, "look"))
		if _, err := w.k.Pay(t.Context(), "bob"); err == nil || !strings.Contains(err.Error(), "look") {
			t.Errorf("got %v, want the halt", err)
		}
	})
}

func TestPlanIsWhatARunDoes(t *testing.T) {
	in(t, func(t *testing.T) {
		names := append(miners(5), "bad", "held", "typo")
		w := due(t, names...)
		w.find(2, good(w.tip+1), share("young", 1))
		w.c.PaymentsOff = true
		w.restart()
		w.ok(w.pass())
		w.ok(w.pass())
		w.c.PaymentsOff, w.c.MaxAccounts = false, 2
		w.ok(w.book.HoldPayouts(t.Context(), pool, "held", "asked to wait"))
		w.ok(w.book.SetPayoutMinimum(t.Context(), pool, names[4], 2*blockReward, ledger.MinimumSigned))
		w.holdings.Spendable = 3 * w.account(names[0]).Balance
		w.restart()
		steps := len(w.trace)
		p, err := w.k.Plan(t.Context(), payouts.PlanFor{})
		w.ok(err)
		if s := fmt.Sprint(w.trace[steps:]); strings.Contains(s, "book") {
			t.Errorf("a plan wrote something: %s", s)
		}
		var planned []string
		for _, b := range p.Batches {
			for _, o := range b.Outputs {
				if o.Account != "typo" { // which only the daemon knows to be bad
					planned = append(planned, o.Account)
				}
			}
		}
		why := map[string]string{}
		for _, one := range p.Waiting {
			why[one.Account] = one.Reason
		}
		want := map[string]string{"bad": payouts.WaitsForAddress, "held": payouts.WaitsHeld, names[4]: payouts.WaitsForMinimum, "young": payouts.WaitsForMaturity}
		if fmt.Sprint(why) != fmt.Sprint(want) {
			t.Errorf("got %v, want %v", why, want)
		}
		if p.Batches[0].Short != 0 || p.Batches[len(p.Batches)-1].Short == 0 {
			t.Errorf("got %+v, want coins for the first batch and not for all", p.Batches)
		}
		w.ok(w.pass())
		var paid []string
		for _, y := range w.open() {
			for _, o := range y.Outputs {
				paid = append(paid, o.Account)
			}
		}
		if fmt.Sprint(paid) != fmt.Sprint(planned) {
			t.Errorf("got %v, planned %v", paid, planned)
		}
		// By now the ledger knows who has a bad address.
		p, err = w.k.Plan(t.Context(), payouts.PlanFor{})
		w.ok(err)
		if len(p.Batches) != 0 || len(p.Waiting) != 5 || len(p.Open) != 2 {
			t.Errorf("got %+v, want nobody left to be paid", p)
		}
	})
}
