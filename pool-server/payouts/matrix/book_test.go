package matrix_test

import (
	"context"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/wallet/coin"
)

// wetBook is a real ledger whose writes pass through the weather.
type wetBook struct {
	*ledger.Ledger
	w *weather
}

func (b wetBook) BookPurchases(ctx context.Context, pool string) error {
	return b.w.step(ctx, "purchases", func() error { return b.Ledger.BookPurchases(ctx, pool) })
}

func (b wetBook) SetBlockAccepted(ctx context.Context, id int64, a ledger.Acceptance) error {
	return b.w.step(ctx, "accepted", func() error { return b.Ledger.SetBlockAccepted(ctx, id, a) })
}

func (b wetBook) SetBlockConfirmations(ctx context.Context, confirmations map[int64]int64) error {
	return b.w.step(ctx, "confirmations", func() error { return b.Ledger.SetBlockConfirmations(ctx, confirmations) })
}

func (b wetBook) MatureBlock(ctx context.Context, id int64) error {
	return b.w.step(ctx, "matured", func() error { return b.Ledger.MatureBlock(ctx, id) })
}

func (b wetBook) OrphanBlock(ctx context.Context, id int64, reason string) error {
	return b.w.step(ctx, "orphaned", func() error { return b.Ledger.OrphanBlock(ctx, id, reason) })
}

func (b wetBook) RestoreBlock(ctx context.Context, id int64) error {
	return b.w.step(ctx, "restored", func() error { return b.Ledger.RestoreBlock(ctx, id) })
}

func (b wetBook) SettleBlock(ctx context.Context, id int64) error {
	return b.w.step(ctx, "settled", func() error { return b.Ledger.SettleBlock(ctx, id) })
}

func (b wetBook) BeginPayout(ctx context.Context, pool string, outputs []ledger.PayoutOutput) (p ledger.Payout, err error) {
	err = b.w.step(ctx, "intent", func() error {
		p, err = b.Ledger.BeginPayout(ctx, pool, outputs)
		return err
	})
	return p, err
}

func (b wetBook) SetMark(ctx context.Context, pool, name string, m ledger.Mark) error {
	return b.w.step(ctx, "mark", func() error { return b.Ledger.SetMark(ctx, pool, name, m) })
}

func (b wetBook) NoteUnpayable(ctx context.Context, pool string, reasons map[string]string) error {
	return b.w.step(ctx, "unpayable", func() error { return b.Ledger.NoteUnpayable(ctx, pool, reasons) })
}

func (b wetBook) NoteSend(ctx context.Context, pool string, s ledger.OtherSend) error {
	return b.w.step(ctx, "other send", func() error { return b.Ledger.NoteSend(ctx, pool, s) })
}

func (b wetBook) SetSigned(ctx context.Context, id int64, raw, txid string, nets map[string]coin.Amount, fee coin.Amount) error {
	return b.w.step(ctx, "signed", func() error { return b.Ledger.SetSigned(ctx, id, raw, txid, nets, fee) })
}

func (b wetBook) SetSent(ctx context.Context, id int64) error {
	return b.w.step(ctx, "sent", func() error { return b.Ledger.SetSent(ctx, id) })
}

func (b wetBook) SetConfirmed(ctx context.Context, id int64) error {
	return b.w.step(ctx, "confirmed", func() error { return b.Ledger.SetConfirmed(ctx, id) })
}

func (b wetBook) CancelUnsigned(ctx context.Context, id int64, reason string) error {
	return b.w.step(ctx, "cancelled", func() error { return b.Ledger.CancelUnsigned(ctx, id, reason) })
}

func (b wetBook) Halt(ctx context.Context, pool, reason string) error {
	return b.w.step(ctx, "halt", func() error { return b.Ledger.Halt(ctx, pool, reason) })
}
