package ledger_test

import (
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/wallet/coin"
)

// adoption is a payment of amounts, each with a fee of 10 units.
func adoption(txid string, amounts map[string]coin.Amount) ledger.Adoption {
	a := ledger.Adoption{TxID: txid, At: time.Unix(1_800_000_000, 0)}
	for name, amount := range amounts {
		a.Outputs = append(a.Outputs, ledger.PayoutOutput{Account: name, Address: "addr-" + name, Net: amount - 10, Amount: amount})
	}
	return a
}

func TestPaymentThatTheBookMissedIsAdopted(t *testing.T) {
	b := newBook(t)
	ctx := t.Context()
	b.mature(b.find(7, share("alice", 1), share("bob", 1)))
	alice, bob := b.account("alice").Balance, b.account("bob").Balance
	waiting := b.create() // the money is in it, as in a book from before it was signed
	a := adoption("tx9", map[string]coin.Amount{"alice": alice, "bob": bob + 500})
	_, _, err := b.AdoptPayout(ctx, pool, a)
	wantError(t, err, ledger.ErrState) // nobody has looked
	b.ok(b.Halt(ctx, pool, "look at tx9"))
	id, short, err := b.AdoptPayout(ctx, pool, a)
	if err != nil || len(short) != 1 || short["bob"] != 500 {
		t.Fatalf("got %d, %v, %v, want 500 that bob had not", id, short, err)
	}
	again, short, err := b.AdoptPayout(ctx, pool, a)
	if err != nil || again != id || len(short) != 0 {
		t.Errorf("twice: got %d, %v, %v, want the same one", again, short, err)
	}
	for name, paid := range map[string]coin.Amount{"alice": alice - 10, "bob": bob + 490} {
		if s := b.account(name); s.Paid != paid || s.Balance+s.Paying != 0 {
			t.Errorf("%s: got %+v, want %v paid", name, s, paid)
		}
	}
	if p, err := b.Payout(ctx, waiting.ID); err != nil || p.Status != ledger.Cancelled {
		t.Errorf("got %+v, %v, want the unsigned payout cancelled", p, err)
	}
	totals, err := b.PoolTotals(ctx, pool)
	if err != nil || totals.TxFee != 20 || totals.Loss != -500 {
		t.Errorf("got %+v, %v", totals, err)
	}
	if r, err := b.Transaction(ctx, pool, "tx9"); err != nil || r.Payout != id || !r.Paid {
		t.Errorf("got %+v, %v", r, err)
	}
	b.check()
}

func TestAbandonedPayoutThatIsInTheChainIsAdopted(t *testing.T) {
	b := newBook(t)
	ctx := t.Context()
	b.mature(b.find(7, share("alice", 1)))
	owed := b.account("alice").Balance
	p := b.create()
	b.ok(b.sign(p, "tx1"))
	b.ok(b.Halt(ctx, pool, "tx1 conflicts"))
	b.ok(b.AbandonPayout(ctx, p.ID, "somebody said so"))
	if r, err := b.Transaction(ctx, pool, "tx1"); err != nil || r.Status != ledger.Cancelled || r.Paid {
		t.Errorf("got %+v, %v", r, err)
	}
	if _, _, err := b.AdoptPayout(ctx, pool, ledger.Adoption{TxID: "tx1"}); err != nil {
		t.Fatal(err)
	}
	if s := b.account("alice"); s.Paid != owed-100 || s.Balance != 0 {
		t.Errorf("got %+v, want it paid", s)
	}
	if r, _ := b.Transaction(ctx, pool, "tx1"); !r.Paid {
		t.Errorf("got %+v, want it paid", r)
	}
}

func TestConfirmedPayoutThatWasAbandonedIsAdopted(t *testing.T) {
	b := newBook(t)
	ctx := t.Context()
	b.mature(b.find(7, share("alice", 1)))
	owed := b.account("alice").Balance
	p := b.create()
	b.ok(b.SetSigned(ctx, p.ID, "raw", "tx1", map[string]coin.Amount{"alice": owed - 100}, 130))
	b.ok(b.SetConfirmed(ctx, p.ID))
	b.ok(b.Halt(ctx, pool, "a reorganisation"))
	b.ok(b.AbandonPayout(ctx, p.ID, "its coins are gone"))
	b.check()
	if totals, err := b.PoolTotals(ctx, pool); err != nil || totals.TxFee != 0 || totals.Loss != 0 || b.account("alice").Balance != owed {
		t.Errorf("got %+v, %v, want all undone", totals, err)
	}
	if _, _, err := b.AdoptPayout(ctx, pool, ledger.Adoption{TxID: "tx1"}); err != nil {
		t.Fatal(err)
	}
	if s := b.account("alice"); s.Paid != owed-100 || s.Balance != 0 {
		t.Errorf("got %+v, want it paid", s)
	}
	b.check()
}

func TestOpenPayoutIsNotAdopted(t *testing.T) {
	b := newBook(t)
	b.mature(b.find(7, share("alice", 1)))
	p := b.create()
	b.ok(b.sign(p, "tx1"))
	b.ok(b.Halt(t.Context(), pool, "look"))
	_, _, err := b.AdoptPayout(t.Context(), pool, ledger.Adoption{TxID: "tx1"})
	wantError(t, err, ledger.ErrState)
}

func TestChangeTooSmallToKeepIsThePoolsLoss(t *testing.T) {
	b := newBook(t)
	ctx := t.Context()
	b.mature(b.find(7, share("alice", 1)))
	p := b.create()
	nets := map[string]coin.Amount{"alice": p.Total() - 100}
	wantError(t, b.SetSigned(ctx, p.ID, "raw", "tx1", nets, 99), ledger.ErrState)
	b.ok(b.SetSigned(ctx, p.ID, "raw", "tx1", nets, 130))
	b.ok(b.SetConfirmed(ctx, p.ID))
	totals, err := b.PoolTotals(ctx, pool)
	if err != nil || totals.TxFee != 130 || totals.Loss != -30 {
		t.Errorf("got %+v, %v, want 30 that nobody bore", totals, err)
	}
}

func TestPoolBearsTheLossOfABlockThatWasPaidFor(t *testing.T) {
	b := newBook(t)
	ctx := t.Context()
	block := b.find(7, share("alice", 1), share("bob", 1))
	b.mature(block)
	p := b.begin(1)
	b.ok(b.sign(&p, "tx1"))
	b.ok(b.SetConfirmed(ctx, p.ID))
	wantError(t, b.OrphanBlock(ctx, block.ID, "it is gone"), ledger.ErrPaid)
	wantError(t, b.BearLoss(ctx, block.ID, "it is gone"), ledger.ErrState)
	b.ok(b.Halt(ctx, pool, "look at the block"))
	before := b.account("bob").Balance + b.account("alice").Balance
	for range 2 {
		b.ok(b.BearLoss(ctx, block.ID, "it is gone"))
	}
	b.check()
	if after := b.account("bob").Balance + b.account("alice").Balance; after != before || after == 0 {
		t.Errorf("got %v, want the miners to keep %v", after, before)
	}
	totals, err := b.PoolTotals(ctx, pool)
	if err != nil || totals.Loss != -blockReward || totals.Reward != 0 || totals.Blocks[ledger.Orphaned] != 1 {
		t.Errorf("got %+v, %v, want the reward lost", totals, err)
	}
	open, err := b.OpenShares(ctx, pool)
	if err != nil || len(open) != 0 {
		t.Errorf("got %v, %v: shares that are paid for are not the next block's", open, err)
	}
	if left, err := b.UnsettledBlocks(ctx, pool); err != nil || len(left) != 0 {
		t.Errorf("got %v, %v, want it settled", left, err)
	}
}

func TestOtherSendsAreNotedOnce(t *testing.T) {
	b := newBook(t)
	ctx := t.Context()
	at := time.UnixMilli(1_800_000_000_123).UTC()
	for _, reason := range []string{"the fee", "something else"} {
		b.ok(b.NoteSend(ctx, pool, ledger.OtherSend{TxID: "tx1", Amount: 5, At: at, Reason: reason}))
	}
	all, err := b.OtherSends(ctx, pool, 10)
	if err != nil || len(all) != 1 || all[0] != (ledger.OtherSend{TxID: "tx1", Amount: 5, At: at, Reason: "the fee"}) {
		t.Errorf("got %+v, %v", all, err)
	}
	if r, err := b.Transaction(ctx, pool, "tx1"); err != nil || !r.Noted || r.Payout != 0 {
		t.Errorf("got %+v, %v", r, err)
	}
	if r, err := b.Transaction(ctx, pool, "tx2"); err != nil || r != (ledger.TxRecord{}) {
		t.Errorf("got %+v, %v, want nothing", r, err)
	}
}
