package payouts_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/wallet/coin"
)

// due is a world in which a block of these accounts has matured, and nobody was paid yet.
func due(t *testing.T, accounts ...string) *world {
	w := newWorld(t)
	w.c.PaymentsOff = true
	w.restart()
	var shares []ledger.Share
	for _, a := range accounts {
		shares = append(shares, share(a, 1))
	}
	w.find(1, good(7), shares...)
	w.ok(w.pass()) // submitted
	w.ok(w.pass()) // accepted
	w.mine(maturity)
	w.ok(w.pass())
	if s := w.account(accounts[0]); s.Balance == 0 || s.Immature != 0 {
		t.Fatalf("got %+v, want a balance", s)
	}
	w.c.PaymentsOff = false
	w.restart()
	return w
}

// in runs a test with a clock of its own.
func in(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	bubble.Test(t, test)
}

func TestLockedWalletIsWaitedOut(t *testing.T) {
	in(t, func(t *testing.T) {
		w := due(t, "alice")
		w.refuse["sign"] = node.ErrLocked
		if err := w.pass(); !errors.Is(err, node.ErrLocked) {
			t.Fatalf("got %v, want the wallet's lock", err)
		}
		if s := w.k.Status(); !strings.Contains(s.Payments, "locked") || s.Halted {
			t.Errorf("got status %+v, want a word about the lock", s)
		}
		w.c.Passphrase = "open sesame"
		w.restart()
		w.ok(w.pass())
		if s := w.k.Status(); s.Payments != "" || w.unlocked != 1 {
			t.Errorf("got status %+v after %d unlocks", s, w.unlocked)
		}
		w.notHalted()
	})
}

func TestWaitingPayoutIsPlannedAnew(t *testing.T) {
	for _, why := range []error{node.ErrFunds, node.ErrUnreachable, node.ErrBuilt, &node.RPCError{Code: -5, Message: "Invalid address"}} {
		t.Run(why.Error(), func(t *testing.T) {
			in(t, func(t *testing.T) {
				w := due(t, "alice")
				owed := w.account("alice").Balance
				w.refuse["sign"] = why
				for range 5 {
					if err := w.pass(); !errors.Is(err, why) {
						t.Fatalf("got %v, want %v", err, why)
					}
					time.Sleep(payoutPeriod + time.Second)
				}
				delete(w.refuse, "sign")
				for range 4 {
					w.ok(w.pass())
					w.mine(1)
				}
				w.paidExactly(map[string]coin.Amount{"alice": owed})
				w.notHalted()
			})
		})
	}
}

func TestTooHighAFeeWaits(t *testing.T) {
	in(t, func(t *testing.T) {
		accounts := make([]string, 60) // of whom each costs a fee of 100 units: 1.2 ppm of their 50 coins
		for i := range accounts {
			accounts[i] = fmt.Sprint("miner", i)
		}
		w := due(t, accounts...)
		w.c.MaxFeePPM = 1
		w.restart()
		if err := w.pass(); !errors.Is(err, node.ErrBuilt) {
			t.Errorf("got %v, want the fee refused", err)
		}
		w.c.MaxFeePPM = 2
		w.restart()
		w.ok(w.pass())
	})
}

func TestAnAmountTooSmallToSendHoldsNobodyUp(t *testing.T) {
	in(t, func(t *testing.T) {
		w := due(t, "alice", "bob")
		w.find(2, good(8), share("alice", 1_000_000), share("dust", 0.1))
		for range 2 {
			w.ok(w.pass())
		}
		w.least = 1000 // less does not pay its part of the fee
		for range 12 {
			w.mine(1)
			time.Sleep(payoutPeriod)
			if err := w.pass(); err != nil && !errors.Is(err, node.ErrTooSmall) {
				t.Fatal(err)
			}
		}
		for _, name := range []string{"alice", "bob"} {
			if s := w.account(name); s.Paid == 0 || s.Balance+s.Immature+s.Paying > 0 {
				t.Errorf("%s: got %+v, want all paid", name, s)
			}
		}
		if s := w.account("dust"); s.Paid != 0 || s.Balance == 0 {
			t.Errorf("dust: got %+v, want its balance kept", s)
		}
		w.notHalted()
	})
}

func TestBadAddressIsReportedAndStopsNobody(t *testing.T) {
	in(t, func(t *testing.T) {
		w := due(t, "alice", "bad", "typo", "mweb")
		owed := w.account("alice").Balance
		for range 4 {
			w.ok(w.pass())
			w.mine(1)
		}
		w.paidExactly(map[string]coin.Amount{"alice": owed, "bad": 0, "typo": 0, "mweb": 0})
		for _, name := range []string{"bad", "typo", "mweb"} {
			if s := w.account(name); s.Balance == 0 || s.Hold == "" {
				t.Errorf("%s: got %+v, want the balance kept and a reason", name, s)
			}
		}
	})
}

func TestTransactionThatTheMempoolForgotIsSentAgain(t *testing.T) {
	in(t, func(t *testing.T) {
		w := due(t, "alice")
		owed := w.account("alice").Balance
		w.ok(w.pass())
		for _, tx := range w.txs {
			tx.pooled = false
			delete(w.spent, tx.coin)
		}
		for range 4 {
			w.ok(w.pass())
			w.mine(1)
		}
		w.paidExactly(map[string]coin.Amount{"alice": owed})
	})
}

func TestOrphanOfABlockInAnUnsignedPayoutTakesTheMoneyBack(t *testing.T) {
	in(t, func(t *testing.T) {
		w := due(t, "alice")
		owed := w.account("alice").Balance
		w.refuse["sign"] = node.ErrFunds
		_ = w.pass()
		for _, b := range w.blocks {
			b.main = false
		}
		_ = w.pass()
		if s := w.account("alice"); s.Balance+s.Paying+s.Immature != 0 || w.status(1) != ledger.Orphaned {
			t.Errorf("got %+v, block %s, want nothing owed", s, w.status(1))
		}
		delete(w.refuse, "sign")
		for _, b := range w.blocks {
			b.main = true
		}
		for range 4 {
			time.Sleep(payoutPeriod)
			w.ok(w.pass())
			w.mine(1)
		}
		w.paidExactly(map[string]coin.Amount{"alice": owed})
		w.notHalted()
	})
}

func TestUnsyncedChainOrphansNothingAndBeginsNoPayout(t *testing.T) {
	in(t, func(t *testing.T) {
		w := due(t, "alice")
		w.refuse["block status"] = node.ErrSyncing
		if err := w.pass(); !errors.Is(err, node.ErrSyncing) {
			t.Errorf("got %v, want the daemon's sync", err)
		}
		if s := w.k.Status(); s.Blocks == "" || w.status(1) != ledger.Matured || w.account("alice").Paying != 0 {
			t.Errorf("got status %+v, block %s, account %+v", s, w.status(1), w.account("alice"))
		}
	})
}

func TestCandidateIsSubmittedAgainUntilTheChainAnswers(t *testing.T) {
	in(t, func(t *testing.T) {
		w := newWorld(t)
		w.find(1, good(7), share("alice", 1))
		w.refuse["submit block"] = node.ErrUnanswered
		for range 3 {
			if err := w.pass(); !errors.Is(err, node.ErrUnanswered) || w.status(1) != ledger.Candidate {
				t.Errorf("got %v, block %s, want a candidate that waits", err, w.status(1))
			}
		}
		delete(w.refuse, "submit block")
		w.ok(w.pass())
		w.ok(w.pass())
		if s := w.status(1); s != ledger.Immature {
			t.Errorf("got %s, want immature", s)
		}
	})
}

func TestRefusedBlockTellsWhy(t *testing.T) {
	in(t, func(t *testing.T) {
		w := newWorld(t)
		w.find(1, &chainBlock{height: 7, bad: true}, share("alice", 1))
		w.ok(w.pass())
		blocks, err := w.book.RecentBlocks(t.Context(), pool, 1)
		if err != nil || blocks[0].Status != ledger.Orphaned || blocks[0].Reason != "refused: bad-txnmrklroot (daemon)" {
			t.Errorf("got %+v, %v", blocks, err)
		}
	})
}

func TestRunLooksAtOnceWhenKickedAndStopsWhenTold(t *testing.T) {
	in(t, func(t *testing.T) {
		w := newWorld(t)
		w.c.Interval = time.Hour
		w.restart()
		ctx, cancel := context.WithCancel(t.Context())
		stopped := make(chan error)
		go func() { stopped <- w.k.Run(ctx) }()
		synctest.Wait()
		if s := w.k.Status(); time.Until(s.NextPass) != time.Hour || s.LastPass.IsZero() {
			t.Errorf("got status %+v, want the next pass in an hour", s)
		}
		w.find(1, good(7), share("alice", 1))
		w.k.Kick()
		w.k.Kick()
		synctest.Wait()
		w.k.Kick()
		synctest.Wait()
		if s := w.status(1); s != ledger.Immature {
			t.Errorf("got %s, want immature", s)
		}
		cancel()
		w.ok(<-stopped)
	})
}

func TestKeeperNeedsItsParts(t *testing.T) {
	if _, err := payouts.New(payouts.Config{Pool: pool}); err == nil {
		t.Error("want an error")
	}
	w := newWorld(t)
	for _, bad := range []func(*payouts.Config){
		func(c *payouts.Config) { c.Maturity = 0 },
		func(c *payouts.Config) { c.FeePPM = -1 },
		func(c *payouts.Config) { c.FeePPM = 1_000_001 },
	} {
		c := w.c
		bad(&c)
		if _, err := payouts.New(c); err == nil {
			t.Errorf("%+v: want an error", c)
		}
	}
}
