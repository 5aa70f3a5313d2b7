package payouts_test

import (
	"fmt"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/wallet/coin"
)

// settle passes and mines until nothing is open and nobody is due, restarting
// the pool whenever it crashes. Each round events may change the world.
func (w *world) settle(events func(round int)) {
	w.t.Helper()
	for round := range 60 {
		events(round)
		_ = w.pass()
		if w.crashed {
			w.restart()
		}
		w.mine(1)
		time.Sleep(payoutPeriod + time.Second)
		blocks, err := w.book.UnsettledBlocks(w.t.Context(), pool)
		w.ok(err)
		open, err := w.book.OpenPayouts(w.t.Context(), pool)
		w.ok(err)
		totals, err := w.book.PoolTotals(w.t.Context(), pool)
		w.ok(err)
		if round > 14 && len(blocks) == 0 && len(open) == 0 && totals.Balance+totals.Immature == 0 {
			return
		}
	}
	w.t.Fatalf("the pool never comes to rest; status %+v, steps %v", w.k.Status(), w.trace)
}

// arrived is what the chain has really paid to an account's address, and by how many transactions.
func (w *world) arrived(account string) (sum coin.Amount, transactions int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, tx := range w.txs {
		for _, o := range tx.outputs {
			if o.Address == "addr-"+account && (tx.mined > 0 || tx.pooled) {
				sum += o.Amount
				transactions++
			}
		}
	}
	return sum, transactions
}

// account is what the ledger says of an account.
func (w *world) account(name string) ledger.AccountSummary {
	w.t.Helper()
	s, err := w.book.AccountSummary(w.t.Context(), pool, name)
	w.ok(err)
	return s
}

// paidExactly demands that each account has really got what the ledger owes it,
// less the fee of each transaction, and that the ledger knows.
func (w *world) paidExactly(owed map[string]coin.Amount) {
	w.t.Helper()
	for account, want := range owed {
		got, n := w.arrived(account)
		if got != want-networkFee*coin.Amount(n) {
			w.t.Errorf("%s really got %d in %d transactions, was owed %d; steps %v", account, got, n, want, w.trace)
		}
		if s := w.account(account); s.Paid != got {
			w.t.Errorf("%s: the ledger says %d were paid, really %d; steps %v", account, s.Paid, got, w.trace)
		}
	}
}

// status is the state of the block that the batch at position found.
func (w *world) status(position uint64) ledger.BlockStatus {
	w.t.Helper()
	blocks, err := w.book.RecentBlocks(w.t.Context(), pool, 100)
	w.ok(err)
	for _, b := range blocks {
		if b.Hash == fmt.Sprintf("%064x", position) {
			return b.Status
		}
	}
	w.t.Fatalf("no block of batch %d", position)
	return ""
}

func (w *world) notHalted() {
	w.t.Helper()
	if reason := w.halted(); reason != "" {
		w.t.Errorf("halted without cause: %s; steps %v", reason, w.trace)
	}
}

func (w *world) halted() string {
	w.t.Helper()
	reason, _, err := w.book.Halted(w.t.Context(), pool)
	w.ok(err)
	return reason
}

// transactions is what the chain has paid in all, and by how many transactions.
func (w *world) transactions() (sum coin.Amount, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, tx := range w.txs {
		if tx.mined > 0 || tx.pooled {
			sum += total(tx.outputs)
			n++
		}
	}
	return sum, n
}
