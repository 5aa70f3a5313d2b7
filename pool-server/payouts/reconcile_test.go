package payouts_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/wallet/coin"
)

// byHand sends coins from the pool's wallet as a person does, and mines it.
func (w *world) byHand(address string, amount coin.Amount) (txid string) {
	w.t.Helper()
	w.mu.Lock()
	txid = fmt.Sprintf("hand%d", len(w.txs)+1)
	at := 1000 + len(w.txs)
	tx := &walletTx{raw: txid, txid: txid, coin: at, outputs: []node.Output{{Address: address, Amount: amount}}, pooled: true, sent: time.Now()}
	w.txs[tx.raw], w.spent[at] = tx, tx.raw
	w.mu.Unlock()
	w.mine(1)
	return txid
}

// The ledger is a copy from before a payout was signed; the wallet has sent it.
func TestRestoredLedgerPaysNobodyTwice(t *testing.T) {
	for _, adopted := range []string{"intent", "nothing"} {
		t.Run(adopted, func(t *testing.T) {
			in(t, func(t *testing.T) {
				w := due(t, "alice", "bob")
				owed := w.balances([]string{"alice", "bob"})
				w.faults = func(_ int, name string) fault {
					if adopted == "intent" && name == "sign" || adopted == "nothing" && name == "book intent" {
						return crashUndone
					}
					return none
				}
				_ = w.pass()
				w.faults = func(int, string) fault { return none }
				w.ok(w.book.Close())
				copied, err := os.ReadFile(w.path)
				w.ok(err)
				w.restart()
				for range 4 {
					w.ok(w.pass())
					w.mine(1)
				}
				w.paidExactly(owed)

				w.ok(w.book.Close())
				for _, more := range []string{"-wal", "-shm"} {
					_ = os.Remove(w.path + more)
				}
				w.ok(os.WriteFile(w.path, copied, 0o600))
				w.restart()
				w.trace = nil
				for range 3 {
					w.ok(w.pass())
					time.Sleep(payoutPeriod + time.Second)
				}
				if s := fmt.Sprint(w.trace); strings.Contains(s, "sign") || strings.Contains(s, "broadcast") {
					t.Errorf("paid before anybody has looked: %s", s)
				}
				if s := w.halted(); !strings.Contains(s, "tx1") || !strings.Contains(s, "alice") || !strings.Contains(s, "payout adopt") {
					t.Fatalf("got %q, want the transaction and what to do", s)
				}
				a, err := w.k.Adopt(t.Context(), "tx1")
				if err != nil || len(a.Short) != 0 {
					t.Fatalf("got %+v, %v", a, err)
				}
				w.ok(w.book.Resume(t.Context(), pool))
				for range 3 {
					w.ok(w.pass())
					w.mine(1)
					time.Sleep(payoutPeriod + time.Second)
				}
				w.paidExactly(owed)
				w.notHalted()
			})
		})
	}
}

func TestWhatAPersonPaidMinersHaltsUntilItIsIgnored(t *testing.T) {
	in(t, func(t *testing.T) {
		w := due(t, "alice")
		owed := w.account("alice").Balance
		w.c.Minimum = blockReward
		w.restart()
		w.ok(w.pass()) // from here on the wallet is watched
		txid := w.byHand("addr-alice", 777)
		w.c.Minimum = 1000
		w.restart()
		w.ok(w.pass())
		if s := w.halted(); !strings.Contains(s, txid) || !strings.Contains(s, "0.00000777 to addr-alice of alice") {
			t.Fatalf("got %q, want the payment", s)
		}
		w.ok(w.k.Ignore(t.Context(), txid, "a present"))
		w.ok(w.book.Resume(t.Context(), pool))
		for range 3 {
			w.ok(w.pass())
			w.mine(1)
		}
		w.notHalted()
		if s := w.account("alice"); s.Paid != owed-networkFee {
			t.Errorf("got %+v, want %v paid besides the present", s, owed)
		}
	})
}

func TestWhatTheWalletSentElsewhereIsNoted(t *testing.T) {
	in(t, func(t *testing.T) {
		w := due(t, "alice")
		w.c.Minimum = blockReward
		w.restart()
		w.ok(w.pass())
		txid := w.byHand("addr-of-the-operator", 5000)
		w.c.Minimum = 1000
		w.restart()
		w.ok(w.pass())
		w.notHalted()
		sends, err := w.book.OtherSends(t.Context(), pool, 10)
		if err != nil || len(sends) != 1 || sends[0].TxID != txid || sends[0].Amount != 5000+networkFee {
			t.Errorf("got %+v, %v, want it noted with its fee", sends, err)
		}
		if len(w.open()) != 1 {
			t.Error("alice is not paid")
		}
	})
}

func TestWhatTheWalletSentBeforeThePoolIsNoBusinessOfIt(t *testing.T) {
	in(t, func(t *testing.T) {
		w := newWorld(t)
		w.byHand("addr-alice", 777)
		w.find(1, good(w.tip+1), share("alice", 1))
		for range 2 {
			w.ok(w.pass())
		}
		w.mine(maturity)
		w.ok(w.pass())
		w.notHalted()
		if len(w.open()) != 1 {
			t.Error("alice is not paid")
		}
	})
}

func TestPoolThatPaysNobodyNeedsNoWallet(t *testing.T) {
	in(t, func(t *testing.T) {
		w := due(t, "alice")
		w.c.PaymentsOff = true
		w.restart()
		for _, call := range []string{"sends", "best block", "tx status", "release"} {
			w.refuse[call] = node.ErrNoWallet
		}
		w.ok(w.pass())
		if s := w.k.Status(); s.Payments != "" {
			t.Errorf("got %+v, want nothing waited for", s)
		}
	})
}

func TestNothingIsSentWhileTheWalletCannotTellWhatItSent(t *testing.T) {
	in(t, func(t *testing.T) {
		w := due(t, "alice")
		w.refuse["sends"] = node.ErrUnreachable
		w.trace = nil
		if err := w.pass(); err == nil {
			t.Error("want the daemon's silence told")
		}
		if s := fmt.Sprint(w.trace); strings.Contains(s, "book intent") || strings.Contains(s, "sign") {
			t.Errorf("it went on all the same: %s", s)
		}
		delete(w.refuse, "sends")
		w.ok(w.pass())
		if len(w.open()) != 1 {
			t.Error("alice is not paid")
		}
	})
}

func TestAbandonedPayoutThatIsMinedAfterAllHalts(t *testing.T) {
	in(t, func(t *testing.T) {
		w := due(t, "alice")
		owed := w.account("alice").Balance
		w.ok(w.pass())
		w.ok(w.book.Halt(t.Context(), pool, "somebody is unsure"))
		if err := w.k.Abandon(t.Context(), 1, "it will never come", false); err == nil || !strings.Contains(err.Error(), "may still be mined") {
			t.Fatalf("got %v, want it refused", err)
		}
		w.ok(w.k.Abandon(t.Context(), 1, "it will never come", true))
		w.mine(1)
		w.ok(w.book.Resume(t.Context(), pool))
		time.Sleep(payoutPeriod + time.Second)
		w.ok(w.pass())
		if s := w.halted(); !strings.Contains(s, "payout 1, that was given up") {
			t.Fatalf("got %q, want the payout", s)
		}
		if _, err := w.k.Adopt(t.Context(), "tx1"); err != nil {
			t.Fatal(err)
		}
		w.ok(w.book.Resume(t.Context(), pool))
		for range 3 {
			w.ok(w.pass())
			w.mine(1)
			time.Sleep(payoutPeriod + time.Second)
		}
		w.paidExactly(map[string]coin.Amount{"alice": owed})
		w.notHalted()
	})
}

func TestPayoutWhoseCoinsAreSpentMayBeAbandoned(t *testing.T) {
	in(t, func(t *testing.T) {
		w := due(t, "alice")
		w.refuse["broadcast"] = node.ErrUnreachable
		_ = w.pass()
		for _, tx := range w.txs {
			w.spent[tx.coin] = "something else"
		}
		if err := w.k.Abandon(t.Context(), 1, "its coins are gone", false); err == nil {
			t.Error("abandoned though nobody has looked")
		}
		w.ok(w.book.Halt(t.Context(), pool, "look"))
		w.ok(w.k.Abandon(t.Context(), 1, "its coins are gone", false))
		if p, err := w.book.Payout(t.Context(), 1); err != nil || p.Status != ledger.Cancelled {
			t.Errorf("got %+v, %v", p, err)
		}
	})
}
