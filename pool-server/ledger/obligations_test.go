package ledger_test

import (
	"testing"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/wallet/coin"
)

func TestObligationsFollowTheMoney(t *testing.T) {
	b := newBook(t)
	ctx := t.Context()
	of := func() ledger.Obligations {
		t.Helper()
		o, err := b.Obligations(ctx, pool)
		b.ok(err)
		return o
	}
	if o := of(); o != (ledger.Obligations{}) {
		t.Errorf("got %+v of a pool that is not known", o)
	}
	block := b.find(7, share("alice", 1), share("bob", 1))
	b.accept(block)
	if o := of(); o.Immature != blockReward || o.Required() != blockReward {
		t.Errorf("not mature: got %+v, want the whole reward", o)
	}
	b.ok(b.MatureBlock(ctx, block.ID))
	fee := of().Fee
	if o := of(); o.Balance+o.Fee+o.Dust != blockReward || o.Own() != o.Fee+o.Dust || fee == 0 {
		t.Errorf("mature: got %+v", o)
	}
	p := b.begin(1)
	if o := of(); o.Unsent != p.Total() || o.Required() != blockReward {
		t.Errorf("begun: got %+v, want the same in all", o)
	}
	b.ok(b.sign(&p, "tx1"))
	b.ok(b.SetSent(ctx, p.ID))
	if o := of(); o.Sent != p.Total() || o.Unsent != 0 || o.Required() != blockReward-p.Total() {
		t.Errorf("sent: got %+v, want it gone from the wallet", o)
	}
	b.ok(b.SetConfirmed(ctx, p.ID))
	if o := of(); o.Sent != 0 || o.Required() != blockReward-p.Total() {
		t.Errorf("confirmed: got %+v", o)
	}
	b.ok(b.NoteSend(ctx, pool, ledger.OtherSend{TxID: "fee", Amount: fee, Reason: "the operator's"}))
	if o := of(); o.Own() != o.Dust || o.Required() != o.Balance+o.Dust {
		t.Errorf("withdrawn: got %+v", o)
	}
	const more coin.Amount = 5
	b.ok(b.NoteSend(ctx, pool, ledger.OtherSend{TxID: "more", Amount: of().Dust + more, Reason: "the operator's"}))
	if o := of(); o.Own() != -more || o.Required() != o.Owed() {
		t.Errorf("withdrawn too much: got %+v, want what is owed to stay", o)
	}
}

// Change that is too small to return leaves the wallet with a transaction, and is the
// pool's loss: the wallet is not asked for it, neither before nor after the block.
func TestWhatThePoolBearsOfAFeeIsNotAskedOfTheWallet(t *testing.T) {
	b := newBook(t)
	ctx := t.Context()
	b.mature(b.find(7, share("alice", 1)))
	p := b.begin(1)
	nets := map[string]coin.Amount{"alice": p.Total() - 100}
	const dropped coin.Amount = 33
	b.ok(b.SetSigned(ctx, p.ID, "00", "tx1", nets, 100+dropped))
	b.ok(b.SetSent(ctx, p.ID))
	for _, when := range []string{"sent", "confirmed"} {
		o, err := b.Obligations(ctx, pool)
		b.ok(err)
		if want := blockReward - p.Total() - dropped; o.Required() != want {
			t.Errorf("%s: the wallet has to have %d, want %d", when, o.Required(), want)
		}
		b.ok(b.SetConfirmed(ctx, p.ID))
	}
}
