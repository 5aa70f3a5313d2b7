package payouts_test

import (
	"fmt"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

// A plan for 100,000 accounts that are due: at most 10 seconds and 500 MB are wanted.
//
//	go test -run '^$' -bench PlanFor100000 -benchtime 1x ./pool-server/payouts
func BenchmarkPlanFor100000Accounts(b *testing.B) {
	book := crowded(b, 100_000)
	c := payouts.Config{
		Pool: pool, Ledger: book, Chain: fakeChain{}, Wallet: fakeWallet{&world{faults: func(int, string) fault { return none }}},
		AddressOf: payouts.Payees{Network: cointest.Network(b, "litecoin", "main"), Lists: book}.AddressOf,
		Maturity:  maturity, Minimum: 1,
	}
	k, err := payouts.New(c)
	if err != nil {
		b.Fatal(err)
	}
	var most uint64
	for b.Loop() {
		p, err := k.Plan(b.Context(), payouts.PlanFor{})
		if err != nil || len(p.Batches) != 200 {
			b.Fatalf("got %d batches, %v", len(p.Batches), err)
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapSys)
	}
	b.ReportMetric(float64(most)/1e6, "MB-heap")
}

// crowded is a book in which so many accounts are due.
func crowded(b *testing.B, accounts int) *ledger.Ledger {
	b.Helper()
	ok := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	book, err := ledger.Open(b.Context(), filepath.Join(b.TempDir(), "ledger.db"))
	ok(err)
	b.Cleanup(func() { book.Close() })
	shares := make([]ledger.Share, accounts)
	a := ledger.Acceptance{Confirmations: 1, Credits: make([]ledger.Credit, accounts)}
	for i := range shares {
		name := fmt.Sprintf("%040x", i+1)
		shares[i] = ledger.Share{Pool: pool, Account: name, Worker: "rig", Difficulty: 1, Time: time.Unix(1_800_000_000, 0)}
		a.Credits[i] = ledger.Credit{Account: name, Amount: coin.Amount(1000 + i)}
		a.Reward += a.Credits[i].Amount
	}
	shares[accounts-1].Block = &ledger.FoundBlock{Hash: fmt.Sprintf("%064x", 1), Height: 7, Reward: a.Reward, Raw: []byte{1}, Difficulty: 1}
	found, err := book.Apply(b.Context(), 1, 1, shares)
	ok(err)
	if a.Weights, err = book.RoundShares(b.Context(), found[0].ID); err != nil {
		b.Fatal(err)
	}
	ok(book.SetBlockAccepted(b.Context(), found[0].ID, a))
	ok(book.MatureBlock(b.Context(), found[0].ID))
	return book
}
