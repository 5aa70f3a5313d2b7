package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"

	"github.com/adit-mining/adit/wallet/coin"
)

// Under PPS the pool buys shares as they come. Their price is owed at once, in
// fractions of a unit; at the end of each slice of time whole units are booked, from
// the reserve to the balances, and what is less is carried on. The reserve in turn has
// a part of each block's reward, as if the bought shares were its own.

// ReserveAccount is what buys shares. What blocks bring it fills it; it may be below
// zero, which the operator's own coins in the wallet have to cover.
const ReserveAccount = "@reserve"

// funds is what the pool may still spend on shares.
type funds struct {
	left  float64 // in units; below zero: nothing is bought
	known bool
}

// buy decides whether the shares of s are bought, which must have a price, and owes
// their worth. A sum is bought whole or not at all.
func (t tx) buy(ctx context.Context, pool int64, f *funds, s *sum, account int64) (bool, error) {
	terms := s.terms
	if !f.known {
		left, err := t.reserve(ctx, pool)
		if err != nil {
			return false, err
		}
		f.left, f.known = left+float64(terms.ReserveLimit), true
	}
	value := s.value * float64(ppmWhole-terms.FeePPM) / ppmWhole
	if value > f.left {
		return false, nil
	}
	f.left -= value
	return true, t.exec(ctx, `INSERT INTO owing (pool_id, account_id, slice, shares, difficulty, value) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (pool_id, account_id) DO UPDATE SET slice = excluded.slice, shares = owing.shares + excluded.shares,
		difficulty = owing.difficulty + excluded.difficulty, value = owing.value + excluded.value`,
		pool, account, s.slice, s.shares, s.difficulty, value)
}

// ppmWhole is the whole of what is counted in parts per million.
const ppmWhole = 1_000_000

// reserve is what the reserve has, less what is owed for shares already.
func (t tx) reserve(ctx context.Context, pool int64) (left float64, err error) {
	err = t.get(ctx, `SELECT coalesce((SELECT sum(amount) FROM balances WHERE pool_id = ?1 AND kind = 'reserve'), 0)
		- coalesce((SELECT sum(value) FROM owing WHERE pool_id = ?1), 0)`, []any{pool}, &left)
	return left, err
}

// BookPurchases books what is owed for shares that the pool bought in slices of time
// that are over. Apply does so as well: this is for a pool that gets no shares.
func (l *Ledger) BookPurchases(ctx context.Context, pool string) error {
	id, err := l.poolID(ctx, pool)
	if err != nil || id == 0 {
		return err
	}
	err = l.update(ctx, func(ctx context.Context, t tx) error {
		return t.bookPurchases(ctx, id, now()/slice.Milliseconds())
	})
	if err != nil {
		return fmt.Errorf("book bought shares: %w", err)
	}
	return nil
}

// bookPurchases books what is owed for slices before the given one.
func (t tx) bookPurchases(ctx context.Context, pool, before int64) error {
	var waiting bool
	if err := t.get(ctx, "SELECT EXISTS (SELECT 1 FROM owing WHERE pool_id = ? AND slice < ? AND shares > 0)", []any{pool, before}, &waiting); err != nil || !waiting {
		return err
	}
	type debt struct {
		account, slice, shares int64
		difficulty, value      float64
	}
	debts, err := list(ctx, t, func(rows *sql.Rows) (d debt, err error) {
		err = rows.Scan(&d.account, &d.slice, &d.shares, &d.difficulty, &d.value)
		return d, err
	}, "SELECT account_id, slice, shares, difficulty, value FROM owing WHERE pool_id = ? AND slice < ? AND shares > 0 ORDER BY account_id", pool, before)
	if err != nil {
		return err
	}
	bank, err := t.account(ctx, ReserveAccount)
	if err != nil {
		return err
	}
	var lines []line
	var total coin.Amount
	for _, d := range debts {
		amount := coin.Amount(math.Floor(d.value))
		lines = append(lines, line{balance, d.account, amount})
		total += amount
	}
	lines = append(lines, line{reserve, bank, -total})
	journal, err := t.postTo(ctx, pool, movement{cause: "purchase"}, lines)
	if err != nil {
		return err
	}
	for _, d := range debts {
		whole := math.Floor(d.value)
		if err := t.exec(ctx, "INSERT INTO purchases (journal_id, account_id, slice, shares, difficulty, value, amount) VALUES (?, ?, ?, ?, ?, ?, ?)",
			journal, d.account, d.slice, d.shares, d.difficulty, d.value, int64(whole)); err != nil {
			return err
		}
		if err := t.exec(ctx, "UPDATE owing SET shares = 0, difficulty = 0, value = ? WHERE pool_id = ? AND account_id = ?",
			d.value-whole, pool, d.account); err != nil {
			return err
		}
	}
	return nil
}

// Owing is what an account is owed for bought shares that are not booked yet, in whole
// units.
func (l *Ledger) Owing(ctx context.Context, pool, account string) (coin.Amount, error) {
	var value float64
	err := l.read.QueryRowContext(ctx, `SELECT o.value FROM owing o JOIN pools p ON p.id = o.pool_id JOIN accounts a ON a.id = o.account_id
		WHERE p.name = ? AND a.name = ?`, pool, account).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("what account %s is owed for shares: %w", account, err)
	}
	return coin.Amount(math.Floor(value)), nil
}
