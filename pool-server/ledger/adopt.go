package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/adit-mining/adit/wallet/coin"
)

// An Adoption is a payment to accounts that the wallet has made and the book does
// not know of, say because the book is a restored copy from before.
type Adoption struct {
	TxID, RawTx string         // RawTx may be empty
	Outputs     []PayoutOutput // by account: Net is what arrived, Amount that and its part of the fee
	Other       coin.Amount    // what else left the wallet with it
	At          time.Time
}

// AdoptPayout books a payment that is in the chain as a payout that was made: it
// leaves the balances of the accounts that it paid. What an account got beyond its
// balance is the pool's loss, in a movement of its own, and is returned by account. A payout
// of the book that was given up and is in the chain after all can be adopted too. A
// payout that waits to be signed is cancelled first, for the money in it may be what
// the payment paid. All that is for a person to say: it is refused unless payouts
// are halted. Done twice it changes nothing.
func (l *Ledger) AdoptPayout(ctx context.Context, pool string, a Adoption) (id int64, short map[string]coin.Amount, err error) {
	err = l.update(ctx, func(ctx context.Context, t tx) (err error) {
		id, short, err = t.adopt(ctx, pool, a)
		return err
	})
	if err != nil {
		return 0, nil, fmt.Errorf("adopt transaction %s: %w", a.TxID, err)
	}
	return id, short, nil
}

func (t tx) adopt(ctx context.Context, poolName string, a Adoption) (int64, map[string]coin.Amount, error) {
	pool, err := t.pool(ctx, poolName)
	if err != nil {
		return 0, nil, err
	}
	if err := t.onlyHalted(ctx, pool); err != nil {
		return 0, nil, err
	}
	p, done, err := t.adopted(ctx, pool, a)
	if err != nil || done {
		return p.ID, nil, err
	}
	if err := t.cancelUnsigned(ctx, pool, "transaction "+a.TxID+" is adopted, and may be what it was to pay"); err != nil {
		return 0, nil, err
	}
	short, err := t.postAdopted(ctx, p)
	if err != nil || a.Other == 0 {
		return p.ID, short, err
	}
	return p.ID, short, t.noteSend(ctx, pool, OtherSend{TxID: a.TxID, Amount: a.Other, At: a.At, Reason: fmt.Sprintf("beside payout %d", p.ID)})
}

// onlyHalted returns an error unless the pool's payouts are halted.
func (t tx) onlyHalted(ctx context.Context, pool int64) error {
	var halted int
	if err := t.get(ctx, "SELECT CASE WHEN halted_at IS NULL THEN 0 ELSE 1 END FROM pools WHERE id = ?", []any{pool}, &halted); err != nil {
		return err
	}
	if halted == 0 {
		return fmt.Errorf("payouts are not halted: %w", ErrState)
	}
	return nil
}

// adopted finds or makes the payout of an adopted transaction, with its outputs.
// done means that it is booked as paid already.
func (t tx) adopted(ctx context.Context, pool int64, a Adoption) (p Payout, done bool, err error) {
	found, err := list(ctx, t, scanPayout, payoutRows+"WHERE y.txid = ?", a.TxID)
	if err != nil {
		return p, false, err
	}
	if len(found) == 0 {
		p, err = t.putAdopted(ctx, pool, a)
		return p, false, err
	}
	p = found[0]
	switch {
	case p.Status == Confirmed || !p.Adopted.IsZero():
		return p, true, nil
	case p.Status != Cancelled:
		return p, false, fmt.Errorf("payout %d is %s: %w", p.ID, p.Status, ErrState)
	}
	p.Outputs, err = list(ctx, t, scanOutput, outputRows+"ORDER BY a.name", p.ID)
	if err != nil {
		return p, false, err
	}
	return p, false, t.exec(ctx, "UPDATE payouts SET adopted_at = ?, reason = ? WHERE id = ?", now(), p.Reason+"; but it is in the chain", p.ID)
}

// putAdopted writes an adopted payment down as a confirmed payout.
func (t tx) putAdopted(ctx context.Context, pool int64, a Adoption) (p Payout, err error) {
	p = Payout{Status: Confirmed, TxID: a.TxID, Outputs: a.Outputs}
	for _, o := range a.Outputs {
		if o.Net <= 0 || o.Net > o.Amount {
			return p, fmt.Errorf("%s would get %d of %d: %w", o.Account, int64(o.Net), int64(o.Amount), ErrState)
		}
		p.Fee += o.Amount - o.Net
	}
	if len(a.Outputs) == 0 || a.TxID == "" {
		return p, fmt.Errorf("it pays nobody: %w", ErrState)
	}
	at := a.At.UnixMilli()
	p.ID, err = t.insert(ctx, `INSERT INTO payouts (pool_id, status, raw, txid, fee, created_at, signed_at, sent_at, confirmed_at, adopted_at)
		VALUES (?, 'confirmed', ?, ?, ?, ?, ?, ?, ?, ?)`, pool, a.RawTx, a.TxID, int64(p.Fee), at, at, at, now(), now())
	if err != nil {
		return p, err
	}
	for _, o := range p.Outputs {
		account, err := t.account(ctx, o.Account)
		if err != nil {
			return p, err
		}
		if err := t.exec(ctx, "INSERT INTO payout_outputs (payout_id, account_id, address, gross, net) VALUES (?, ?, ?, ?, ?)",
			p.ID, account, o.Address, int64(o.Amount), int64(o.Net)); err != nil {
			return p, err
		}
	}
	return p, nil
}

// cancelUnsigned gives up the payout of pool that waits to be signed, if there is one.
func (t tx) cancelUnsigned(ctx context.Context, pool int64, reason string) error {
	waiting, err := list(ctx, t, scanPayout, payoutRows+"WHERE y.pool_id = ? AND y.status = 'intent'", pool)
	if err != nil {
		return err
	}
	for _, p := range waiting {
		if p.Outputs, err = list(ctx, t, scanOutput, outputRows+"ORDER BY a.name", p.ID); err != nil {
			return err
		}
		if err := t.giveUp(ctx, p, "cancel", reason); err != nil {
			return err
		}
	}
	return nil
}

// postAdopted books what an adopted payout paid. What the balances lack for it is the
// pool's loss.
func (t tx) postAdopted(ctx context.Context, p Payout) (map[string]coin.Amount, error) {
	short := map[string]coin.Amount{}
	var missing, lines []line
	var lacks, cost coin.Amount
	for _, o := range p.Outputs {
		account, err := t.account(ctx, o.Account)
		if err != nil {
			return nil, err
		}
		var has coin.Amount
		err = t.get(ctx, `SELECT b.amount FROM balances b JOIN payouts y ON y.pool_id = b.pool_id
			WHERE y.id = ? AND b.kind = 'balance' AND b.account_id = ?`, []any{p.ID, account}, &has)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
		if has < o.Amount {
			short[o.Account] = o.Amount - has
			lacks += o.Amount - has
			missing = append(missing, line{balance, account, o.Amount - has})
		}
		lines = append(lines, line{balance, account, -o.Amount}, line{paid, account, o.Net})
		cost += o.Amount - o.Net
	}
	if lacks > 0 {
		lost := movement{cause: "loss", payout: p.ID, note: "paid more than the balances had"}
		if err := t.post(ctx, lost, append(missing, line{loss, poolAccount, -lacks})); err != nil {
			return nil, err
		}
	}
	cause := "confirm"
	if p.Status == Cancelled { // it may have been confirmed before it was given up
		cause = "correction"
	}
	return short, t.post(ctx, movement{cause: cause, payout: p.ID, note: "adopted"}, append(lines, line{txfee, poolAccount, p.Fee}, line{loss, poolAccount, cost - p.Fee}))
}
