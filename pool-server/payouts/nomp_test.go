package payouts_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/wallet/coin"
)

// NOMP's defect 1 of research/nomp.md: a wallet that answers later than the next
// payment is due paid the same money three times.
func TestNOMP1WalletSlowerThanTheIntervalPaysOnce(t *testing.T) {
	in(t, func(t *testing.T) {
		w := due(t, "alice")
		w.slow = 25 * time.Second // Interval is 10
		w.c.PayoutInterval = 10 * time.Second
		w.restart()
		owed := w.account("alice").Balance
		ctx, cancel := context.WithCancel(t.Context())
		stopped := make(chan error)
		go func() { stopped <- w.k.Run(ctx) }()
		for range 10 {
			time.Sleep(10 * time.Second)
			w.k.Kick()
			w.mine(1)
		}
		cancel()
		w.ok(<-stopped)
		w.paidExactly(map[string]coin.Amount{"alice": owed})
	})
}

// NOMP's defect 2: the connection is lost after the wallet has paid.
func TestNOMP2ConnectionLostAfterTheWalletPaidPaysOnce(t *testing.T) {
	in(t, func(t *testing.T) {
		w := due(t, "alice")
		owed := w.account("alice").Balance
		lost := 3
		w.faults = func(_ int, name string) fault {
			if name == "broadcast" && lost > 0 {
				lost--
				return errorDone
			}
			return none
		}
		for range 3 {
			if err := w.pass(); err == nil || !strings.Contains(w.k.Status().Payments, "send payout 1") {
				t.Errorf("got %v and status %+v, want a word about the payout", err, w.k.Status())
			}
			time.Sleep(payoutPeriod)
		}
		for range 4 {
			w.ok(w.pass())
			w.mine(1)
		}
		w.paidExactly(map[string]coin.Amount{"alice": owed})
	})
}

// NOMP's defect 3: the process is killed between sending and writing it down.
func TestNOMP3KilledBetweenSendingAndRecordingPaysOnce(t *testing.T) {
	in(t, func(t *testing.T) {
		for _, step := range []string{"broadcast", "book sent"} {
			w := due(t, "alice")
			owed := w.account("alice").Balance
			w.faults = func(_ int, name string) fault {
				if name == step {
					return map[string]fault{"broadcast": crashDone, "book sent": crashUndone}[step]
				}
				return none
			}
			if err := w.pass(); !errors.Is(err, errCrash) {
				t.Fatalf("got %v, want a crash", err)
			}
			w.faults = func(int, string) fault { return none }
			w.restart()
			time.Sleep(2 * time.Second)
			for range 4 {
				w.ok(w.pass())
				w.mine(1)
			}
			w.paidExactly(map[string]coin.Amount{"alice": owed})
		}
	})
}

// Two names of one key are one address; NOMP paid one and cleared both.
func TestTwoAccountsOfOneAddressAreBothPaid(t *testing.T) {
	in(t, func(t *testing.T) {
		w := due(t, "alice", "bob", "carol")
		a, b, c := w.account("alice").Balance, w.account("bob").Balance, w.account("carol").Balance
		w.c.AddressOf = eachOf(func(context.Context, string) (string, error) { return "addr-shared", nil })
		w.restart()
		for range 4 {
			w.ok(w.pass())
			w.mine(1)
		}
		got, n := w.arrived("shared")
		if n != 1 || got != a+b+c-networkFee {
			t.Errorf("got %d in %d transactions, want %d in one", got, n, a+b+c-networkFee)
		}
		if paid := w.account("alice").Paid + w.account("bob").Paid + w.account("carol").Paid; paid != got {
			t.Errorf("the ledger says %d, really %d", paid, got)
		}
	})
}

// Of a unit beside a large amount at the same address nothing would be left: it waits, and
// holds up nobody.
func TestAUnitBesideALargeAmountAtOneAddressWaits(t *testing.T) {
	in(t, func(t *testing.T) {
		w := newWorld(t)
		w.c.PaymentsOff = true
		w.restart()
		w.find(1, good(7), share("bob", 1.5/4_950_000_000), share("alice", 1))
		w.ok(w.pass()) // submitted
		w.ok(w.pass()) // accepted
		w.mine(maturity)
		w.ok(w.pass())
		if got := w.account("bob").Balance; got != 1 {
			t.Fatalf("bob has %d, want one unit", got)
		}
		w.c.Minimum, w.c.PaymentsOff = 1, false
		w.c.AddressOf = eachOf(func(context.Context, string) (string, error) { return "addr-shared", nil })
		w.restart()
		for range 6 {
			_ = w.pass()
			w.mine(1)
			time.Sleep(payoutPeriod)
		}
		if alice, bob := w.account("alice"), w.account("bob"); alice.Paid == 0 || bob.Balance != 1 {
			t.Errorf("alice has %+v, bob %+v: want alice paid and bob's unit waiting", alice, bob)
		}
	})
}
