package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/adit-mining/adit/wallet/coin"
)

// A Hold is an account that is not paid, and why. Its balance keeps growing.
type Hold struct {
	Account    string
	Balance    coin.Amount
	Reason     string
	Since      time.Time
	ByOperator bool // a person decided it; otherwise no address could be made of it
}

// NoteUnpayable writes down which accounts of pool have no address that can be
// paid, and why. They are taken off the list when they are next paid.
func (l *Ledger) NoteUnpayable(ctx context.Context, pool string, reasons map[string]string) error {
	if len(reasons) == 0 {
		return nil
	}
	err := l.update(ctx, func(ctx context.Context, t tx) error {
		id, err := t.pool(ctx, pool)
		if err != nil {
			return err
		}
		for name, reason := range reasons {
			account, err := t.account(ctx, name)
			if err != nil {
				return err
			}
			if err := t.exec(ctx, `INSERT INTO holds (pool_id, account_id, reason, since) VALUES (?, ?, ?, ?)
				ON CONFLICT (pool_id, account_id) DO UPDATE SET reason = excluded.reason`, id, account, reason, now()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note who cannot be paid: %w", err)
	}
	return nil
}

// HoldPayouts keeps an account from being paid until ReleasePayouts, because the
// operator says so. What is in an open payout already stays there. The reason is
// shown to the account's owner.
func (l *Ledger) HoldPayouts(ctx context.Context, pool, account, reason string) error {
	return l.changeHold(ctx, "hold", pool, account, func(ctx context.Context, t tx, pool, account int64) error {
		return t.exec(ctx, `INSERT INTO operator_holds (pool_id, account_id, reason, since) VALUES (?, ?, ?, ?)
			ON CONFLICT (pool_id, account_id) DO UPDATE SET reason = excluded.reason`, pool, account, reason, now())
	})
}

// ReleasePayouts takes the operator's hold off an account. One without a hold is
// ErrNotFound.
func (l *Ledger) ReleasePayouts(ctx context.Context, pool, account string) error {
	return l.changeHold(ctx, "release", pool, account, func(ctx context.Context, t tx, pool, account int64) error {
		var since int64
		err := t.get(ctx, "SELECT since FROM operator_holds WHERE pool_id = ? AND account_id = ?", []any{pool, account}, &since)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("no hold: %w", ErrNotFound)
		}
		if err != nil {
			return err
		}
		return t.exec(ctx, "DELETE FROM operator_holds WHERE pool_id = ? AND account_id = ?", pool, account)
	})
}

// changeHold runs change on an account that the book knows.
func (l *Ledger) changeHold(ctx context.Context, what, pool, account string, change func(ctx context.Context, t tx, pool, account int64) error) error {
	err := l.update(ctx, func(ctx context.Context, t tx) error {
		var id int64
		err := t.get(ctx, "SELECT id FROM accounts WHERE name = ?", []any{account}, &id)
		if errors.Is(err, sql.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		poolID, err := t.pool(ctx, pool)
		if err != nil {
			return err
		}
		return change(ctx, t, poolID, id)
	})
	if err != nil {
		return fmt.Errorf("%s account %s: %w", what, account, err)
	}
	return nil
}

// Holds returns the accounts of pool that are not paid, by name: first those that
// the operator holds, then those that cannot be paid.
func (l *Ledger) Holds(ctx context.Context, pool string) ([]Hold, error) {
	rows, err := l.read.QueryContext(ctx, `SELECT a.name, coalesce(b.amount, 0), h.reason, h.since, h.by_operator
		FROM (SELECT pool_id, account_id, reason, since, 0 AS by_operator FROM holds
			UNION ALL SELECT pool_id, account_id, reason, since, 1 FROM operator_holds) h
		JOIN pools p ON p.id = h.pool_id JOIN accounts a ON a.id = h.account_id
		LEFT JOIN balances b ON b.pool_id = h.pool_id AND b.kind = 'balance' AND b.account_id = h.account_id
		WHERE p.name = ? ORDER BY h.by_operator DESC, a.name`, pool)
	return collect(rows, err, func(rows *sql.Rows) (h Hold, err error) {
		var since int64
		var byOperator int
		err = rows.Scan(&h.Account, &h.Balance, &h.Reason, &since, &byOperator)
		h.Since, h.ByOperator = date(since), byOperator != 0
		return h, err
	})
}

// holdOf says to its owner why an account is not paid; empty: nothing keeps it.
func (l *Ledger) holdOf(ctx context.Context, pool, account string) (string, error) {
	const from = ` h JOIN pools p ON p.id = h.pool_id JOIN accounts a ON a.id = h.account_id WHERE p.name = ? AND a.name = ?`
	var reason string
	err := l.read.QueryRowContext(ctx, "SELECT h.reason FROM operator_holds"+from, pool, account).Scan(&reason)
	if err == nil {
		return "the pool's operator holds them back: " + reason, nil
	}
	if errors.Is(err, sql.ErrNoRows) {
		err = l.read.QueryRowContext(ctx, "SELECT h.reason FROM holds"+from, pool, account).Scan(&reason)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return reason, err
}
