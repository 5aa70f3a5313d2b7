package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/adit-mining/adit/wallet/coin"
)

// An OtherSend is a transaction of the wallet that is no payout, and why.
type OtherSend struct {
	TxID   string
	Amount coin.Amount // what left the wallet, with its fee
	At     time.Time
	Reason string
}

// NoteSend writes down that a transaction of the wallet is no payout. The same
// transaction again changes nothing.
func (l *Ledger) NoteSend(ctx context.Context, pool string, s OtherSend) error {
	err := l.update(ctx, func(ctx context.Context, t tx) error {
		id, err := t.pool(ctx, pool)
		if err != nil {
			return err
		}
		return t.noteSend(ctx, id, s)
	})
	if err != nil {
		return fmt.Errorf("note transaction %s: %w", s.TxID, err)
	}
	return nil
}

func (t tx) noteSend(ctx context.Context, pool int64, s OtherSend) error {
	return t.exec(ctx, `INSERT INTO other_sends (pool_id, txid, amount, sent_at, reason, noted_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (pool_id, txid) DO NOTHING`, pool, s.TxID, int64(s.Amount), s.At.UnixMilli(), s.Reason, now())
}

// OtherSends returns the last n transactions of the wallet that are no payouts,
// newest first.
func (l *Ledger) OtherSends(ctx context.Context, pool string, n int) ([]OtherSend, error) {
	rows, err := l.read.QueryContext(ctx, `SELECT s.txid, s.amount, s.sent_at, s.reason FROM other_sends s JOIN pools p ON p.id = s.pool_id
		WHERE p.name = ? ORDER BY s.sent_at DESC, s.txid LIMIT ?`, pool, n)
	return collect(rows, err, func(rows *sql.Rows) (s OtherSend, err error) {
		var at int64
		err = rows.Scan(&s.TxID, &s.Amount, &at, &s.Reason)
		s.At = date(at)
		return s, err
	})
}

// A TxRecord is what the book knows of a transaction. The zero value is nothing.
type TxRecord struct {
	Payout int64        // 0: it is none
	Status PayoutStatus // of the payout
	Paid   bool         // the payout is booked as paid
	Noted  bool         // it is an OtherSend
}

// Transaction returns what the book knows of a transaction of the pool's wallet.
func (l *Ledger) Transaction(ctx context.Context, pool, txid string) (r TxRecord, err error) {
	var paid, noted int
	err = l.read.QueryRowContext(ctx, `SELECT coalesce(y.id, 0), coalesce(y.status, ''),
		CASE WHEN y.status = 'confirmed' OR y.adopted_at IS NOT NULL THEN 1 ELSE 0 END, CASE WHEN s.txid IS NOT NULL THEN 1 ELSE 0 END
		FROM pools p LEFT JOIN payouts y ON y.pool_id = p.id AND y.txid = ?1
		LEFT JOIN other_sends s ON s.pool_id = p.id AND s.txid = ?1 WHERE p.name = ?2`, txid, pool).Scan(&r.Payout, &r.Status, &paid, &noted)
	if errors.Is(err, sql.ErrNoRows) {
		return TxRecord{}, nil
	}
	if err != nil {
		return r, fmt.Errorf("transaction %s: %w", txid, err)
	}
	r.Paid, r.Noted = paid != 0, noted != 0
	return r, nil
}

const paidAtRows = `SELECT DISTINCT a.name FROM payout_outputs o JOIN payouts y ON y.id = o.payout_id
	JOIN pools p ON p.id = y.pool_id JOIN accounts a ON a.id = o.account_id WHERE o.address = ? AND p.name = ? ORDER BY a.name`

// PaidAt returns the accounts that payouts of pool have paid, or are to pay, at an
// address, by name.
func (l *Ledger) PaidAt(ctx context.Context, pool, address string) ([]string, error) {
	rows, err := l.read.QueryContext(ctx, paidAtRows, address, pool)
	return collect(rows, err, func(rows *sql.Rows) (name string, err error) {
		err = rows.Scan(&name)
		return name, err
	})
}

// The marks of a pool's payments.
const (
	MarkScheduled  = "scheduled"  // the time of the last scheduled run that is done
	MarkWatched    = "watched"    // from when on the wallet's sends are looked at
	MarkReconciled = "reconciled" // until when, and which block, they are
)

// A Mark is how far something has come. The zero value is not at all.
type Mark struct {
	At    time.Time
	Block string // the chain's best block then, where that matters
}

// Mark returns a mark of the pool.
func (l *Ledger) Mark(ctx context.Context, pool, name string) (m Mark, err error) {
	var at int64
	err = l.read.QueryRowContext(ctx, "SELECT m.at, m.block FROM payment_marks m JOIN pools p ON p.id = m.pool_id WHERE p.name = ? AND m.name = ?", pool, name).Scan(&at, &m.Block)
	if errors.Is(err, sql.ErrNoRows) {
		return Mark{}, nil
	}
	if err != nil {
		return Mark{}, fmt.Errorf("mark %s of %s: %w", name, pool, err)
	}
	m.At = date(at)
	return m, nil
}

// SetMark sets a mark of the pool.
func (l *Ledger) SetMark(ctx context.Context, pool, name string, m Mark) error {
	err := l.update(ctx, func(ctx context.Context, t tx) error {
		id, err := t.pool(ctx, pool)
		if err != nil {
			return err
		}
		return t.exec(ctx, `INSERT INTO payment_marks (pool_id, name, at, block) VALUES (?, ?, ?, ?)
			ON CONFLICT (pool_id, name) DO UPDATE SET at = excluded.at, block = excluded.block`, id, name, m.At.UnixMilli(), m.Block)
	})
	if err != nil {
		return fmt.Errorf("mark %s of %s: %w", name, pool, err)
	}
	return nil
}

// LastSigned returns when the newest payout of pool was signed; zero: none was.
func (l *Ledger) LastSigned(ctx context.Context, pool string) (time.Time, error) {
	var at sql.NullInt64
	err := l.read.QueryRowContext(ctx, "SELECT max(signed_at) FROM payouts WHERE pool_id = (SELECT id FROM pools WHERE name = ?)", pool).Scan(&at)
	if err != nil || !at.Valid {
		return time.Time{}, err
	}
	return date(at.Int64), nil
}
