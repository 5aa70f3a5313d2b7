package ledger_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/wallet/coin"
)

type ledgerAmount = coin.Amount

// addressOf makes an address of every name that does not begin with "bad".
func addressOf(account string) (string, error) {
	if strings.HasPrefix(account, "bad") {
		return "", errors.New("no address can be made of " + account)
	}
	return "addr-" + account, nil
}

// create creates a payout to everybody who has anything.
func (b *book) create() *ledger.Payout {
	b.t.Helper()
	p, err := b.CreatePayout(b.t.Context(), pool, 0, addressOf)
	b.ok(err)
	if p == nil {
		b.t.Fatal("nobody is due")
	}
	return p
}

// sign signs p with a fee of 100 units per account.
func (b *book) sign(p *ledger.Payout, txid string) error {
	nets := map[string]coin.Amount{}
	for _, o := range p.Outputs {
		nets[o.Account] = o.Amount - 100
	}
	return b.SetSigned(b.t.Context(), p.ID, "raw of "+txid, txid, nets, coin.Amount(100*len(p.Outputs)))
}

func TestPayoutMovesMoneyExactly(t *testing.T) {
	b := newBook(t)
	ctx := t.Context()
	b.mature(b.find(7, share("alice", 1), share("bob", 1)))
	owed := b.account("alice").Balance
	p := b.create()
	if s := b.account("alice"); s.Balance != 0 || s.Paying != owed {
		t.Errorf("after the intent: got %+v, want %v in payment", s, owed)
	}
	b.reopen()
	for range 2 { // every step twice is as good as once
		b.ok(b.sign(p, "tx1"))
		b.ok(b.SetSent(ctx, p.ID))
	}
	for range 2 {
		b.ok(b.SetConfirmed(ctx, p.ID))
		b.ok(b.SetSent(ctx, p.ID))
	}
	if s := b.account("alice"); s.Paying != 0 || s.Paid != owed-100 {
		t.Errorf("after the payout: got %+v, want %v paid", s, owed-100)
	}
	totals, err := b.PoolTotals(ctx, pool)
	if err != nil || totals.TxFee != 200 || totals.Paid+totals.TxFee+totals.Fee != blockReward || totals.Paying != 0 {
		t.Errorf("got %+v, %v", totals, err)
	}
	recent, err := b.RecentPayouts(ctx, pool, "alice", 5)
	if err != nil || len(recent) != 1 || len(recent[0].Outputs) != 1 || recent[0].Outputs[0].Net != owed-100 || recent[0].TxID != "tx1" || recent[0].Confirmed.IsZero() {
		t.Errorf("got %+v, %v", recent, err)
	}
	if open, err := b.OpenPayouts(ctx, pool); len(open) != 0 || err != nil {
		t.Errorf("got %v, %v, want no open payout", open, err)
	}
}

func TestSignedPayoutIsNeverSignedOtherwise(t *testing.T) {
	b := newBook(t)
	b.mature(b.find(7, share("alice", 1), share("bob", 1)))
	p := b.create()
	b.ok(b.sign(p, "tx1"))
	wantError(t, b.sign(p, "tx2"), ledger.ErrState)
	wantError(t, b.CancelUnsigned(t.Context(), p.ID, "too late"), ledger.ErrState)
	wantError(t, b.AbandonPayout(t.Context(), p.ID, "nobody has looked"), ledger.ErrState)
	if _, err := b.raw().Exec("UPDATE payouts SET txid = 'tx3'"); err == nil {
		t.Error("the database let a signed payout be changed")
	}
	got, err := b.Payout(t.Context(), p.ID)
	if err != nil || got.TxID != "tx1" || got.RawTx != "raw of tx1" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestSignedAmountsMustFitTheIntent(t *testing.T) {
	b := newBook(t)
	b.mature(b.find(7, share("alice", 1), share("bob", 1)))
	p := b.create()
	a, c := p.Outputs[0], p.Outputs[1]
	for name, nets := range map[string]map[string]coin.Amount{
		"too much":  {a.Account: a.Amount + 1, c.Account: c.Amount},
		"nothing":   {a.Account: 0, c.Account: c.Amount},
		"one less":  {a.Account: a.Amount},
		"a another": {a.Account: a.Amount, "mallory": 1},
	} {
		t.Run(name, func(t *testing.T) {
			wantError(t, b.SetSigned(t.Context(), p.ID, "raw", "tx1", nets, 0), ledger.ErrState)
			if got, _ := b.Payout(t.Context(), p.ID); got.Status != ledger.Intent {
				t.Errorf("got %s, want intent", got.Status)
			}
		})
	}
}

func TestOnePayoutAtATimeWaitsToBeSigned(t *testing.T) {
	b := newBook(t)
	b.mature(b.find(7, share("alice", 1)))
	first := b.create()
	b.mature(b.find(8, share("alice", 1)))
	_, err := b.CreatePayout(t.Context(), pool, 0, addressOf)
	wantError(t, err, ledger.ErrUnsigned)
	b.ok(b.CancelUnsigned(t.Context(), first.ID, "to start over"))
	b.ok(b.CancelUnsigned(t.Context(), first.ID, "twice is once"))
	if again := b.create(); again.Total() != 2*first.Total() {
		t.Errorf("got %v, want both blocks' %v", again.Total(), 2*first.Total())
	}
}

func TestNobodyIsDueBelowTheMinimum(t *testing.T) {
	b := newBook(t)
	b.mature(b.find(7, share("alice", 1)))
	owed := b.account("alice").Balance
	if p, err := b.CreatePayout(t.Context(), pool, owed+1, addressOf); p != nil || err != nil {
		t.Errorf("got %v, %v, want nothing", p, err)
	}
	if p, err := b.CreatePayout(t.Context(), pool, owed, addressOf); p == nil || err != nil {
		t.Errorf("got %v, %v, want a payout", p, err)
	}
}

func TestBadAddressNeverStopsTheOthers(t *testing.T) {
	b := newBook(t)
	b.mature(b.find(7, share("alice", 1), share("bad.rig01", 1), share("carol", 1)))
	bad := b.account("bad.rig01").Balance
	p := b.create()
	if len(p.Outputs) != 2 {
		t.Errorf("got %d outputs, want alice and carol", len(p.Outputs))
	}
	holds, err := b.Holds(t.Context(), pool)
	if err != nil || len(holds) != 1 || holds[0].Account != "bad.rig01" || holds[0].Balance != bad || !strings.Contains(holds[0].Reason, "no address") {
		t.Errorf("got %+v, %v", holds, err)
	}
	if s := b.account("bad.rig01"); s.Balance != bad || s.Hold == "" {
		t.Errorf("got %+v, want the balance kept and the reason told", s)
	}
	b.ok(b.sign(p, "tx1"))
	b.ok(b.SetConfirmed(t.Context(), p.ID))
	// Mended: paid, and off the list.
	if _, err := b.CreatePayout(t.Context(), pool, 0, func(string) (string, error) { return "addr", nil }); err != nil {
		t.Fatal(err)
	}
	if holds, _ := b.Holds(t.Context(), pool); len(holds) != 0 {
		t.Errorf("got %v, want no hold", holds)
	}
}

func TestAddressesThatCannotBeToldHoldNobody(t *testing.T) {
	b := newBook(t)
	b.mature(b.find(7, share("alice", 1)))
	_, err := b.CreatePayout(t.Context(), pool, 0, func(string) (string, error) {
		return "", fmt.Errorf("%w: the wallet is away", ledger.ErrNotNow)
	})
	wantError(t, err, ledger.ErrNotNow)
	if holds, _ := b.Holds(t.Context(), pool); len(holds) != 0 {
		t.Errorf("got %v, want no hold", holds)
	}
}

func TestPayoutIsBounded(t *testing.T) {
	b := newBook(t)
	var shares []ledger.Share
	for i := range ledger.MaxOutputs + 3 {
		shares = append(shares, share(fmt.Sprintf("miner%04d", i), 1))
	}
	block := b.find(7, shares...)
	each := make([]ledger.Credit, 0, len(shares))
	left := block.Reward
	for _, s := range shares[1:] {
		each = append(each, ledger.Credit{Account: s.Account, Amount: 1000})
		left -= 1000
	}
	b.ok(b.SetBlockAccepted(t.Context(), block.ID, accepted(append(each, ledger.Credit{Account: "miner0000", Amount: left})...)))
	b.ok(b.MatureBlock(t.Context(), block.ID))
	p := b.create()
	if len(p.Outputs) != ledger.MaxOutputs || p.Outputs[0].Account != "miner0000" {
		t.Errorf("got %d outputs, the first to %s", len(p.Outputs), p.Outputs[0].Account)
	}
	b.ok(b.sign(p, "tx1"))
	b.ok(b.SetConfirmed(t.Context(), p.ID))
	if next := b.create(); len(next.Outputs) != 3 {
		t.Errorf("got %d outputs in the next payout, want the other 3", len(next.Outputs))
	}
}

func TestHaltedPoolPaysNobodyUntilResumed(t *testing.T) {
	b := newBook(t)
	ctx := t.Context()
	b.mature(b.find(7, share("alice", 1)))
	b.ok(b.Halt(ctx, pool, "look at transaction tx1"))
	b.ok(b.Halt(ctx, pool, "and something else"))
	b.reopen()
	if reason, halted, err := b.Halted(ctx, pool); !halted || reason != "look at transaction tx1" || err != nil {
		t.Errorf("got %q, %v, %v, want the first reason", reason, halted, err)
	}
	_, err := b.CreatePayout(ctx, pool, 0, addressOf)
	wantError(t, err, ledger.ErrHalted)
	if _, halted, _ := b.Halted(ctx, "dogecoin"); halted {
		t.Error("another pool is halted too")
	}
	b.ok(b.Resume(ctx, pool))
	p := b.create()

	// Abandoning a signed payout is for a halted pool, by a person.
	b.ok(b.sign(p, "tx1"))
	b.ok(b.Halt(ctx, pool, "tx1 conflicts"))
	b.ok(b.AbandonPayout(ctx, p.ID, "its inputs are gone"))
	b.ok(b.AbandonPayout(ctx, p.ID, "twice is once"))
	b.ok(b.Resume(ctx, pool))
	if again := b.create(); again.Total() != p.Total() {
		t.Errorf("got %v, want %v again", again.Total(), p.Total())
	}
}

// A reorganisation can take the coins away that a confirmed payout has spent: then its
// money returns to the balances, to the unit, and is paid anew.
func TestAConfirmedPayoutCanBeAbandoned(t *testing.T) {
	b := newBook(t)
	ctx := t.Context()
	b.mature(b.find(7, share("alice", 1), share("bob", 1)))
	alice, bob := b.account("alice").Balance, b.account("bob").Balance
	p := b.create()
	b.ok(b.sign(p, "tx1"))
	b.ok(b.SetConfirmed(ctx, p.ID))
	wantError(t, b.AbandonPayout(ctx, p.ID, "nobody has looked"), ledger.ErrState)
	b.ok(b.Halt(ctx, pool, "its coins are gone"))
	for range 2 { // twice is once
		b.ok(b.AbandonPayout(ctx, p.ID, "its coins are gone"))
	}
	if got := b.account("alice"); got.Balance != alice || got.Paid != 0 || got.Paying != 0 {
		t.Errorf("alice has %+v, want a balance of %d", got, alice)
	}
	if got := b.account("bob"); got.Balance != bob || got.Paid != 0 {
		t.Errorf("bob has %+v, want a balance of %d", got, bob)
	}
	totals, err := b.PoolTotals(ctx, pool)
	if b.ok(err); totals.TxFee != 0 {
		t.Errorf("fees of %d are left", totals.TxFee)
	}
	b.check()
	wantError(t, b.SetConfirmed(ctx, p.ID), ledger.ErrState)
	b.ok(b.Resume(ctx, pool))
	again := b.create()
	b.ok(b.sign(again, "tx2"))
	b.ok(b.SetConfirmed(ctx, again.ID))
	if got := b.account("alice"); got.Balance != 0 || got.Paid != alice-100 {
		t.Errorf("after the second payout alice has %+v", got)
	}
}
