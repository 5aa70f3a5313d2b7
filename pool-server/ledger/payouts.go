package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/adit-mining/adit/wallet/coin"
)

// A PayoutStatus is how far a payout has come.
type PayoutStatus string

// The states of a payout. Intent, signed and sent are open; a pool may have several
// open payouts, but one intent at most.
const (
	Intent    PayoutStatus = "intent"    // decided: the money has left the balances; nothing is signed
	Signed    PayoutStatus = "signed"    // the transaction is written down; somebody may have seen it
	Sent      PayoutStatus = "sent"      // a daemon has taken it
	Confirmed PayoutStatus = "confirmed" // it is in the chain
	Cancelled PayoutStatus = "cancelled" // given up; the money is back in the balances
)

// A Payout is one transaction to accounts.
type Payout struct {
	ID      int64
	Pool    string
	Status  PayoutStatus
	Outputs []PayoutOutput // largest first
	RawTx   string         // hex; empty until signed
	TxID    string
	Fee     coin.Amount // of the transaction, as the wallet says
	Reason  string      // why it was cancelled

	Created, Signed, Sent, Confirmed time.Time // zero: not yet
	// Adopted is when a person told the book of it, see AdoptPayout; zero: the pool
	// made it itself. A cancelled one that is adopted is paid all the same.
	Adopted time.Time
}

// A PayoutOutput is what a payout gives to one account.
type PayoutOutput struct {
	Account string
	Address string
	Amount  coin.Amount // what leaves the account
	Net     coin.Amount // what arrives: less this output's part of the fee. 0 until signed
}

// Total returns what the payout takes from all accounts.
func (p Payout) Total() (sum coin.Amount) {
	for _, o := range p.Outputs {
		sum += o.Amount
	}
	return sum
}

const payoutRows = `SELECT y.id, p.name, y.status, coalesce(y.raw, ''), coalesce(y.txid, ''), coalesce(y.fee, 0), y.reason,
	y.created_at, y.signed_at, y.sent_at, y.confirmed_at, y.adopted_at FROM payouts y JOIN pools p ON p.id = y.pool_id `

func scanPayout(rows *sql.Rows) (p Payout, err error) {
	var created, signed, sent, confirmed, adopted sql.NullInt64
	err = rows.Scan(&p.ID, &p.Pool, &p.Status, &p.RawTx, &p.TxID, &p.Fee, &p.Reason, &created, &signed, &sent, &confirmed, &adopted)
	for to, from := range map[*time.Time]sql.NullInt64{&p.Created: created, &p.Signed: signed, &p.Sent: sent, &p.Confirmed: confirmed, &p.Adopted: adopted} {
		if from.Valid {
			*to = date(from.Int64)
		}
	}
	return p, err
}

const outputRows = `SELECT a.name, o.address, o.gross, coalesce(o.net, 0) FROM payout_outputs o JOIN accounts a ON a.id = o.account_id
	WHERE o.payout_id = ? `

func scanOutput(rows *sql.Rows) (o PayoutOutput, err error) {
	err = rows.Scan(&o.Account, &o.Address, &o.Amount, &o.Net)
	return o, err
}

// OpenPayouts returns the payouts of pool that are neither confirmed nor
// cancelled, oldest first.
func (l *Ledger) OpenPayouts(ctx context.Context, pool string) ([]Payout, error) {
	return l.payouts(ctx, "", "WHERE p.name = ? AND y.status IN ('intent', 'signed', 'sent') ORDER BY y.id", pool)
}

// RecentPayouts returns the last n payouts, newest first. With an account it is
// those to this account, and Outputs holds only what this account gets.
func (l *Ledger) RecentPayouts(ctx context.Context, pool, account string, n int) ([]Payout, error) {
	if account == "" {
		return l.payouts(ctx, "", "WHERE p.name = ? ORDER BY y.id DESC LIMIT ?", pool, n)
	}
	return l.payouts(ctx, account, `JOIN payout_outputs o ON o.payout_id = y.id
		WHERE p.name = ? AND o.account_id = (SELECT id FROM accounts WHERE name = ?) ORDER BY y.id DESC LIMIT ?`, pool, account, n)
}

// LastConfirmed returns the last n confirmed payouts, newest first, without their
// Outputs.
func (l *Ledger) LastConfirmed(ctx context.Context, pool string, n int) ([]Payout, error) {
	rows, err := l.read.QueryContext(ctx, payoutRows+"WHERE p.name = ? AND y.status = 'confirmed' ORDER BY y.id DESC LIMIT ?", pool, n)
	return collect(rows, err, scanPayout)
}

// Payout returns one payout.
func (l *Ledger) Payout(ctx context.Context, id int64) (Payout, error) {
	found, err := l.payouts(ctx, "", "WHERE y.id = ?", id)
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Payout{}, fmt.Errorf("payout %d: %w", id, err)
	}
	return found[0], nil
}

func (l *Ledger) payouts(ctx context.Context, account, where string, args ...any) ([]Payout, error) {
	rows, err := l.read.QueryContext(ctx, payoutRows+where, args...)
	all, err := collect(rows, err, scanPayout)
	if err != nil {
		return nil, err
	}
	for i := range all {
		rows, err := l.read.QueryContext(ctx, outputRows+"AND (?2 = '' OR a.name = ?2) ORDER BY o.gross DESC, a.name", all[i].ID, account)
		if all[i].Outputs, err = collect(rows, err, scanOutput); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// SetSigned writes down the signed transaction of an intent, before anybody
// else sees it: raw in hex, what arrives at each account, and the fee that the
// transaction pays. What the fee is more than the accounts bear of it the pool pays.
// The same transaction twice changes nothing; another one is refused, for the first
// may be on its way.
func (l *Ledger) SetSigned(ctx context.Context, id int64, raw, txid string, nets map[string]coin.Amount, fee coin.Amount) error {
	return l.changePayout(ctx, id, func(ctx context.Context, t tx, p Payout) error {
		switch {
		case p.Status != Intent && p.TxID == txid:
			return nil
		case p.Status != Intent:
			return fmt.Errorf("sign a payout that is %s with transaction %q: %w", p.Status, p.TxID, ErrState)
		case raw == "" || txid == "" || len(nets) != len(p.Outputs):
			return fmt.Errorf("signed transaction %q with %d outputs for %d accounts: %w", txid, len(nets), len(p.Outputs), ErrState)
		}
		var borne coin.Amount
		for _, o := range p.Outputs {
			net, ok := nets[o.Account]
			borne += o.Amount - net
			if !ok || net <= 0 || net > o.Amount {
				return fmt.Errorf("%s would get %d of %d: %w", o.Account, int64(net), int64(o.Amount), ErrState)
			}
			account, err := t.account(ctx, o.Account)
			if err != nil {
				return err
			}
			if err := t.exec(ctx, "UPDATE payout_outputs SET net = ? WHERE payout_id = ? AND account_id = ?", int64(net), id, account); err != nil {
				return err
			}
		}
		if fee < borne {
			return fmt.Errorf("a fee of %d, of which the accounts bear %d: %w", int64(fee), int64(borne), ErrState)
		}
		return t.exec(ctx, "UPDATE payouts SET status = 'signed', raw = ?, txid = ?, fee = ?, signed_at = ? WHERE id = ?",
			raw, txid, int64(fee), now(), id)
	})
}

// SetSent notes that a daemon has taken the transaction.
func (l *Ledger) SetSent(ctx context.Context, id int64) error {
	return l.changePayout(ctx, id, func(ctx context.Context, t tx, p Payout) error {
		switch p.Status {
		case Sent, Confirmed:
			return nil
		case Signed:
			return t.exec(ctx, "UPDATE payouts SET status = 'sent', sent_at = ? WHERE id = ?", now(), id)
		}
		return fmt.Errorf("send a payout that is %s: %w", p.Status, ErrState)
	})
}

// SetConfirmed books that the transaction is in the chain: what left the
// accounts is paid, but for the transaction's fee. What the pool bears of that is a loss.
func (l *Ledger) SetConfirmed(ctx context.Context, id int64) error {
	return l.changePayout(ctx, id, func(ctx context.Context, t tx, p Payout) error {
		switch p.Status {
		case Confirmed:
			return nil
		case Intent, Cancelled:
			return fmt.Errorf("confirm a payout that is %s: %w", p.Status, ErrState)
		}
		var lines []line
		var cost coin.Amount
		for _, o := range p.Outputs {
			account, err := t.account(ctx, o.Account)
			if err != nil {
				return err
			}
			lines = append(lines, line{paying, account, -o.Amount}, line{paid, account, o.Net})
			cost += o.Amount - o.Net
		}
		lines = append(lines, line{txfee, poolAccount, p.Fee}, line{loss, poolAccount, cost - p.Fee})
		if err := t.post(ctx, movement{cause: "confirm", payout: id}, lines); err != nil {
			return err
		}
		return t.exec(ctx, `UPDATE payouts SET status = 'confirmed', sent_at = coalesce(sent_at, ?1), confirmed_at = ?1 WHERE id = ?2`, now(), id)
	})
}

// CancelUnsigned gives up a payout for which no transaction was written down,
// and gives the money back to the balances.
func (l *Ledger) CancelUnsigned(ctx context.Context, id int64, reason string) error {
	return l.changePayout(ctx, id, func(ctx context.Context, t tx, p Payout) error {
		switch p.Status {
		case Cancelled:
			return nil
		case Intent:
			return t.giveUp(ctx, p, "cancel", reason)
		}
		return fmt.Errorf("cancel a payout that is %s: %w", p.Status, ErrState)
	})
}

// AbandonPayout gives up a payout whose transaction can never be mined, say
// because its inputs were spent otherwise, and gives the money back to the
// balances. Whether that is so, a person has to say: it is refused unless the
// pool's payouts are halted. If it is not so, these accounts are paid twice.
//
// A payout that was confirmed can be abandoned too, for a reorganisation may have taken
// the coins away that it spent.
func (l *Ledger) AbandonPayout(ctx context.Context, id int64, reason string) error {
	return l.changePayout(ctx, id, func(ctx context.Context, t tx, p Payout) error {
		var halted bool
		if err := t.get(ctx, "SELECT halted_at IS NOT NULL FROM pools WHERE name = ?", []any{p.Pool}, &halted); err != nil {
			return err
		}
		switch {
		case p.Status == Cancelled:
			return nil
		case !halted:
			return fmt.Errorf("abandon a payout while payouts are not halted: %w", ErrState)
		case p.Status == Signed || p.Status == Sent || p.Status == Confirmed && p.RawTx != "":
			return t.giveUp(ctx, p, "abandon", reason)
		}
		return fmt.Errorf("abandon a payout that is %s: %w", p.Status, ErrState)
	})
}

func (t tx) giveUp(ctx context.Context, p Payout, cause, reason string) error {
	var lines []line
	var cost coin.Amount // what the accounts bore of the fee
	for _, o := range p.Outputs {
		account, err := t.account(ctx, o.Account)
		if err != nil {
			return err
		}
		held := line{paying, account, -o.Amount}
		if p.Status == Confirmed {
			held = line{paid, account, -o.Net}
			cost += o.Amount - o.Net
		}
		lines = append(lines, held, line{balance, account, o.Amount})
	}
	if p.Status == Confirmed {
		lines = append(lines, line{txfee, poolAccount, -p.Fee}, line{loss, poolAccount, p.Fee - cost})
	}
	if err := t.post(ctx, movement{cause: cause, payout: p.ID, note: reason}, lines); err != nil {
		return err
	}
	return t.exec(ctx, "UPDATE payouts SET status = 'cancelled', reason = ? WHERE id = ?", reason, p.ID)
}

// changePayout runs change on the payout in a transaction.
func (l *Ledger) changePayout(ctx context.Context, id int64, change func(context.Context, tx, Payout) error) error {
	return l.update(ctx, func(ctx context.Context, t tx) error {
		found, err := list(ctx, t, scanPayout, payoutRows+"WHERE y.id = ?", id)
		if err == nil && len(found) == 0 {
			err = ErrNotFound
		}
		if err == nil {
			found[0].Outputs, err = list(ctx, t, scanOutput, outputRows+"ORDER BY o.gross DESC, a.name", id)
		}
		if err == nil {
			err = change(ctx, t, found[0])
		}
		if err != nil {
			return fmt.Errorf("payout %d: %w", id, err)
		}
		return nil
	})
}
