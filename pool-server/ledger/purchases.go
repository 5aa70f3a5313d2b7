package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/adit-mining/adit/wallet/coin"
)

// Under PPS the pool buys shares as they come. Their price is owed at once, in
// fractions of a unit; at the end of each slice of time whole units are booked, from
// the reserve to the balances, and what is less is carried on. The reserve in turn has
// a part of each block's reward, as if the bought shares were its own.

// ReserveAccount is what buys shares. What blocks bring it fills it; it may be below
// zero, which the operator's own coins in the wallet have to cover.
const ReserveAccount = "@reserve"

// A purse is what a batch may spend on shares of one pool, and what it has bought.
type purse struct {
	left    float64 // in units; what costs more is not bought
	bought  map[int64]*debt
	account []int64 // in the order in which they came
}

// A debt is what an account is owed for shares.
type debt struct {
	account, slice, shares int64
	difficulty, value      float64
}

// openReserve looks what the reserve has when a batch buys the first shares of a pool,
// after the slices of time that are over were booked.
func (t tx) openReserve(ctx context.Context, r *openRound, s *sum) error {
	if r.reserve != nil {
		return nil
	}
	if err := t.bookPurchases(ctx, r.pool, s.slice); err != nil {
		return err
	}
	p := &purse{bought: map[int64]*debt{}}
	if err := t.get(ctx, `SELECT coalesce((SELECT sum(amount) FROM balances WHERE pool_id = ?1 AND kind = 'reserve'), 0)
		- coalesce((SELECT sum(value) FROM owing WHERE pool_id = ?1), 0)`, []any{r.pool}, &p.left); err != nil {
		return err
	}
	p.left += float64(s.terms.ReserveLimit)
	r.reserve = p
	return nil
}

// buy buys the shares of s if there is enough for all of them.
func (p *purse) buy(account int64, s *sum) bool {
	value := s.value * float64(ppmWhole-s.terms.FeePPM) / ppmWhole
	if value > p.left {
		return false
	}
	p.left -= value
	d := p.bought[account]
	if d == nil {
		d = &debt{account: account}
		p.bought[account] = d
		p.account = append(p.account, account)
	}
	d.slice = max(d.slice, s.slice)
	d.shares += s.shares
	d.difficulty += s.difficulty
	d.value += value
	return true
}

// owe writes down what a batch has bought.
func (t tx) owe(ctx context.Context, r *openRound) error {
	if r.reserve == nil {
		return nil
	}
	for chunk := range slices.Chunk(r.reserve.account, chunkRows) {
		args := make([]any, 0, 6*len(chunk))
		for _, account := range chunk {
			d := r.reserve.bought[account]
			args = append(args, r.pool, account, d.slice, d.shares, d.difficulty, d.value)
		}
		if err := t.exec(ctx, "INSERT INTO owing (pool_id, account_id, slice, shares, difficulty, value) VALUES (?, ?, ?, ?, ?, ?)"+
			strings.Repeat(", (?, ?, ?, ?, ?, ?)", len(chunk)-1)+
			" ON CONFLICT (pool_id, account_id) DO UPDATE SET slice = excluded.slice, shares = owing.shares + excluded.shares,"+
			" difficulty = owing.difficulty + excluded.difficulty, value = owing.value + excluded.value", args...); err != nil {
			return err
		}
	}
	return nil
}

// ppmWhole is the whole of what is counted in parts per million.
const ppmWhole = 1_000_000

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
