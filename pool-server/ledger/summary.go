package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/adit-mining/adit/wallet/coin"
)

// An AccountSummary is an account's standing with a pool.
type AccountSummary struct {
	Account    string
	Immature   coin.Amount // in blocks that may still be orphaned, and for bought shares that are not booked yet
	Balance    coin.Amount // payable
	Paying     coin.Amount // in an open payout, before its fee
	Paid       coin.Amount // arrived
	Shares     int64       // accepted, all time
	Difficulty float64     // their sum
	LastShare  time.Time   // zero: none
	Hold       string      // why it is not paid; empty: nothing keeps it
}

// AccountSummary returns an account's standing; of one that is not known it is zero.
func (l *Ledger) AccountSummary(ctx context.Context, pool, account string) (AccountSummary, error) {
	s := AccountSummary{Account: account}
	money, err := l.money(ctx, "b.account_id = (SELECT id FROM accounts WHERE name = ?)", pool, account)
	if err != nil {
		return s, fmt.Errorf("account %s: %w", account, err)
	}
	s.Immature, s.Balance, s.Paying, s.Paid = money[immature], money[balance], money[paying], money[paid]
	owing, err := l.Owing(ctx, pool, account)
	if err != nil {
		return s, err
	}
	s.Immature += owing
	workers, err := l.Workers(ctx, pool, account)
	if err != nil {
		return s, err
	}
	for _, w := range workers {
		s.Shares += w.Shares
		s.Difficulty += w.Difficulty
		if w.LastShare.After(s.LastShare) {
			s.LastShare = w.LastShare
		}
	}
	s.Hold, err = l.holdOf(ctx, pool, account)
	return s, err
}

// money returns the sums of the pool's balances by kind, of the accounts that where names.
func (l *Ledger) money(ctx context.Context, where, pool string, args ...any) (map[string]coin.Amount, error) {
	rows, err := l.read.QueryContext(ctx, `SELECT k.column1, coalesce(sum(b.amount), 0)
		FROM (VALUES ('reward'), ('immature'), ('balance'), ('paying'), ('paid'), ('fee'), ('dust'), ('txfee'), ('reserve'), ('loss')) k
		JOIN balances b ON b.pool_id = (SELECT id FROM pools WHERE name = ?) AND b.kind = k.column1 AND `+where+`
		GROUP BY k.column1`, append([]any{pool}, args...)...)
	sums := map[string]coin.Amount{}
	_, err = collect(rows, err, func(rows *sql.Rows) (none struct{}, err error) {
		var kind string
		var amount coin.Amount
		err = rows.Scan(&kind, &amount)
		sums[kind] = amount
		return none, err
	})
	return sums, err
}

// A Worker is what one worker of an account has done, all time.
type Worker struct {
	Name       string
	Shares     int64
	Difficulty float64
	LastShare  time.Time
}

// Workers returns the workers of an account that ever had a share, by name.
func (l *Ledger) Workers(ctx context.Context, pool, account string) ([]Worker, error) {
	rows, err := l.read.QueryContext(ctx, `SELECT w.name, t.shares, t.difficulty, t.last_at
		FROM accounts a JOIN workers w ON w.account_id = a.id
		JOIN totals t ON t.worker_id = w.id AND t.pool_id = (SELECT id FROM pools WHERE name = ?)
		WHERE a.name = ? ORDER BY w.name`, pool, account)
	return collect(rows, err, func(rows *sql.Rows) (w Worker, err error) {
		var last int64
		err = rows.Scan(&w.Name, &w.Shares, &w.Difficulty, &last)
		w.LastShare = date(last)
		return w, err
	})
}

// CountShares returns how many shares were applied of a worker, or with worker
// "*" of all workers of the account, and the sum of their difficulties.
func (l *Ledger) CountShares(ctx context.Context, pool, account, worker string) (n int64, difficulty float64, err error) {
	workers, err := l.Workers(ctx, pool, account)
	for _, w := range workers {
		if worker == "*" || w.Name == worker {
			n += w.Shares
			difficulty += w.Difficulty
		}
	}
	return n, difficulty, err
}

// PoolTotals is the pool's standing.
type PoolTotals struct {
	Reward   coin.Amount // of the blocks that stand: what all below adds up to
	Immature coin.Amount // owed, not payable; the pool's fee is in it
	Balance  coin.Amount // owed and payable
	Paying   coin.Amount // in an open payout
	Paid     coin.Amount // arrived
	Fee      coin.Amount // the pool's own
	Dust     coin.Amount // left over by splits
	Reserve  coin.Amount // PPS: what buys shares; below zero it is the operator's loan
	Loss     coin.Amount // of blocks that were paid for and are gone; 0 or less
	TxFee    coin.Amount // of transactions

	Shares          int64 // all time
	Accounts        int64 // that ever had a share
	RoundShares     int64 // that the next block will pay for
	RoundDifficulty float64
	Blocks          map[BlockStatus]int64
	LastBlock       time.Time // zero: none
	Effort          float64   // work of the last 100 shared blocks over what was expected, 1 = as expected; 0: there is none. Luck is its inverse
}

// BlocksFound returns the number of blocks, whatever became of them.
func (t PoolTotals) BlocksFound() (n int64) {
	for _, k := range t.Blocks {
		n += k
	}
	return n
}

// PoolTotals returns the pool's standing; of one that is not known it is zero.
func (l *Ledger) PoolTotals(ctx context.Context, pool string) (t PoolTotals, err error) {
	t.Blocks = map[BlockStatus]int64{}
	id, err := l.poolID(ctx, pool)
	if err != nil || id == 0 {
		return t, err
	}
	money, err := l.money(ctx, "true", pool)
	if err != nil {
		return t, fmt.Errorf("totals of %s: %w", pool, err)
	}
	t.Reward, t.Immature, t.Balance, t.Paying = -money[reward], money[immature], money[balance], money[paying]
	t.Paid, t.Fee, t.Dust, t.TxFee = money[paid], money[fee], money[dust], money[txfee]
	t.Reserve, t.Loss = money[reserve], money[loss]
	var last sql.NullInt64
	err = l.read.QueryRowContext(ctx, `SELECT
		(SELECT shares FROM pools WHERE id = ?1), (SELECT accounts FROM pools WHERE id = ?1),
		(SELECT coalesce(sum(shares), 0) FROM rounds WHERE pool_id = ?1 AND coalesce(solo_id, 0) = 0 AND owner_id IS NULL),
		(SELECT coalesce(sum(difficulty), 0) FROM rounds WHERE pool_id = ?1 AND coalesce(solo_id, 0) = 0 AND owner_id IS NULL),
		(SELECT found_at FROM blocks WHERE pool_id = ?1 ORDER BY id DESC LIMIT 1),
		(SELECT coalesce(sum(work) / nullif(sum(network_difficulty), 0), 0) FROM (SELECT work, network_difficulty FROM blocks
			WHERE pool_id = ?1 AND scheme <> 'SOLO' AND network_difficulty > 0 ORDER BY id DESC LIMIT 100) last)`, id).
		Scan(&t.Shares, &t.Accounts, &t.RoundShares, &t.RoundDifficulty, &last, &t.Effort)
	if err != nil {
		return t, fmt.Errorf("totals of %s: %w", pool, err)
	}
	if last.Valid {
		t.LastBlock = date(last.Int64)
	}
	t.Blocks, err = l.BlockCounts(ctx, pool)
	return t, err
}

// BlockCounts returns how many of the pool's blocks are in which state.
func (l *Ledger) BlockCounts(ctx context.Context, pool string) (map[BlockStatus]int64, error) {
	counts := map[BlockStatus]int64{}
	rows, err := l.read.QueryContext(ctx, "SELECT status, count(*) FROM blocks WHERE pool_id = (SELECT id FROM pools WHERE name = ?) GROUP BY status", pool)
	_, err = collect(rows, err, func(rows *sql.Rows) (none struct{}, err error) {
		var s BlockStatus
		var n int64
		err = rows.Scan(&s, &n)
		counts[s] = n
		return none, err
	})
	return counts, err
}
