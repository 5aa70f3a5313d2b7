package matrix_test

import (
	"context"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

// NOMP's defect 1 of research/nomp.md on a real wallet: one that answers later than the
// next payment is due paid the same money three times.
func nomp1(t *testing.T, c *chains) {
	r := newRun(t, c.next(), &folder{path: t.TempDir()})
	r.config.Interval, r.config.PayoutInterval = 5*time.Millisecond, 5*time.Millisecond
	r.again()
	r.find(done{miner(t), 1}, done{miner(t), 2})
	r.chain.mine(maturity - 1)
	r.weather.set(func(step string) fault {
		if step == "sendrawtransaction" || step == "signrawtransactionwithwallet" {
			return late
		}
		return fine
	})
	ctx, cancel := context.WithCancel(r.ctx)
	ended := make(chan error)
	go func() { ended <- r.keeper.Run(ctx) }()
	eventually(t, "it is paid", func() bool {
		r.keeper.Kick()
		r.chain.mine(1)
		return r.quiet()
	})
	cancel()
	r.ok(<-ended)
	r.rest()
}

// NOMP's defect 2: the connection is lost after the wallet has paid.
func nomp2(t *testing.T, c *chains) {
	r := newRun(t, c.next(), &folder{path: t.TempDir()})
	r.find(done{miner(t), 1}, done{miner(t), 2})
	r.chain.mine(maturity - 1)
	lost := 3
	r.weather.set(func(step string) fault {
		if step == "sendrawtransaction" && lost > 0 {
			lost--
			return unheard
		}
		return fine
	})
	r.rounds(4)
	if lost > 0 {
		t.Errorf("only %d payments were not heard of", 3-lost)
	}
	r.rest()
}

// NOMP's defect 5, should such a name get into the ledger all the same: the account is
// left out, and says why; the others are paid.
func nomp5(t *testing.T, c *chains) {
	r := newRun(t, c.next(), &folder{path: t.TempDir()})
	n := cointest.Network(t, "litecoin", "regtest")
	bad := n.P2PKH(coin.PubKeyHash{5}).String() + ".rig01"
	if len(bad) != 40 {
		t.Fatalf("%s has %d characters, want 40", bad, len(bad))
	}
	r.config.AddressOf = func(ctx context.Context, accounts []string) ([]payouts.Place, error) {
		return payouts.Payees{Network: n, Lists: r.book}.AddressOf(ctx, accounts)
	}
	r.again()
	good := miner(t)
	first := r.find(done{good, 3}, done{bad, 1})
	r.deep(first, maturity)
	r.rounds(4)
	s, err := r.book.AccountSummary(t.Context(), pool, good)
	if err != nil || s.Paid == 0 || s.Balance+s.Paying+s.Immature != 0 {
		t.Errorf("the good account has %+v, %v; want it paid", s, err)
	}
	waits, err := r.book.AccountSummary(t.Context(), pool, bad)
	if err != nil || waits.Balance == 0 || waits.Paying+waits.Paid != 0 {
		t.Errorf("the bad account has %+v, %v; want its balance kept", waits, err)
	}
	claims, err := r.book.Claims(t.Context(), pool)
	if err != nil || len(claims) != 1 || claims[0].Bad == "" {
		t.Errorf("got %+v, %v; want why the bad account cannot be paid", claims, err)
	}
}
