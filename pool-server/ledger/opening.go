package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/wallet/coin"
)

// An Opening is what a pool of another program owed and had under way: a book begins
// with it.
type Opening struct {
	Pool     string
	Accounts []OpeningAccount
	Blocks   []OpeningBlock // not settled yet, oldest first
	Open     []OpeningWork  // since the last block
}

// An OpeningAccount is what an account is owed, and what it was paid before.
type OpeningAccount struct {
	Account       string
	Balance, Paid coin.Amount
	Hold          string // why it cannot be paid; empty: it can
	WholeKey      bool   // it is a mining key that may be uncompressed
}

// An OpeningBlock is a block that was found before. Its bytes are not known; what it
// brings the chain says.
type OpeningBlock struct {
	Hash   string
	Height int64
	Work   []OpeningWork // that it pays for
}

// OpeningWork is what a worker did: the sum of its shares' difficulties. Their number
// is not known, and counts as one.
type OpeningWork struct {
	Account, Worker string
	Difficulty      float64
}

// OpeningWorker is the finder of blocks of an Opening, a worker of PoolAccount: who
// found them is not known.
const OpeningWorker = "before"

// Begin writes openings into a book that holds nothing else, or returns ErrNotEmpty.
// Balances and payments come from the rewards of before, so that the book adds up to
// zero as ever. source and note say where they come from.
func (l *Ledger) Begin(ctx context.Context, source, note string, openings []Opening) error {
	err := l.update(ctx, func(ctx context.Context, t tx) error {
		if err := t.unused(ctx); err != nil {
			return err
		}
		for _, o := range openings {
			if err := t.beginPool(ctx, o, source); err != nil {
				return fmt.Errorf("pool %s: %w", o.Pool, err)
			}
		}
		return t.origin(ctx, OriginNOMP, source, note)
	})
	if err != nil {
		return fmt.Errorf("begin the ledger with what was owed before: %w", err)
	}
	return nil
}

// unused refuses a book in which something was done.
func (t tx) unused(ctx context.Context) error {
	var used bool
	err := t.get(ctx, `SELECT CASE WHEN EXISTS (SELECT 1 FROM pools) OR EXISTS (SELECT 1 FROM workers)
		OR EXISTS (SELECT 1 FROM origins) OR EXISTS (SELECT 1 FROM consumer WHERE position > 0) THEN 1 ELSE 0 END`, nil, &used)
	if err == nil && used {
		err = ErrNotEmpty
	}
	return err
}

func (t tx) beginPool(ctx context.Context, o Opening, source string) error {
	pool, err := t.pool(ctx, o.Pool)
	if err != nil {
		return err
	}
	if err := t.beginAccounts(ctx, pool, o.Accounts, source); err != nil {
		return err
	}
	for _, b := range o.Blocks {
		if err := t.beginBlock(ctx, pool, b); err != nil {
			return fmt.Errorf("block %s: %w", b.Hash, err)
		}
	}
	if _, err = t.beginRound(ctx, pool, 0, o.Open); err != nil {
		return err
	}
	return t.countPool(ctx, pool)
}

// countPool counts what batches count as they come.
func (t tx) countPool(ctx context.Context, pool int64) error {
	if err := t.exec(ctx, `INSERT INTO pool_accounts (pool_id, account_id)
		SELECT DISTINCT t.pool_id, w.account_id FROM totals t JOIN workers w ON w.id = t.worker_id WHERE t.pool_id = ?`, pool); err != nil {
		return err
	}
	return t.exec(ctx, `UPDATE pools SET shares = coalesce((SELECT sum(shares) FROM rounds WHERE pool_id = pools.id), 0),
		accounts = (SELECT count(*) FROM pool_accounts WHERE pool_id = pools.id) WHERE id = ?`, pool)
}

// beginAccounts books what accounts are owed and were paid.
func (t tx) beginAccounts(ctx context.Context, pool int64, accounts []OpeningAccount, source string) error {
	var owed, done []line
	var allOwed, allDone coin.Amount
	for _, a := range accounts {
		if a.Account == "" || strings.HasPrefix(a.Account, "@") || a.Balance < 0 || a.Paid < 0 {
			return fmt.Errorf("account %q with %d owed and %d paid: %w", a.Account, int64(a.Balance), int64(a.Paid), ErrState)
		}
		id, err := t.account(ctx, a.Account)
		if err != nil {
			return err
		}
		owed, done = append(owed, line{balance, id, a.Balance}), append(done, line{paid, id, a.Paid})
		allOwed += a.Balance
		allDone += a.Paid
		if a.WholeKey {
			if err := t.exec(ctx, "UPDATE accounts SET whole_key = 1 WHERE id = ?", id); err != nil {
				return err
			}
		}
		if a.Hold == "" {
			continue
		}
		if err := t.exec(ctx, "INSERT INTO holds (pool_id, account_id, reason, since) VALUES (?, ?, ?, ?)", pool, id, a.Hold, now()); err != nil {
			return fmt.Errorf("hold account %q: %w", a.Account, err)
		}
	}
	for _, m := range []struct {
		note  string
		lines []line
		sum   coin.Amount
	}{{"owed by " + source, owed, allOwed}, {"paid by " + source, done, allDone}} {
		if m.sum == 0 {
			continue
		}
		if _, err := t.postTo(ctx, pool, movement{cause: "import", note: m.note}, append(m.lines, line{reward, poolAccount, -m.sum})); err != nil {
			return err
		}
	}
	return nil
}

// beginBlock writes down a block with the work that it pays for. Nothing was kept back
// of its reward: whatever the other program took stands in the coinbase already.
func (t tx) beginBlock(ctx context.Context, pool int64, b OpeningBlock) error {
	hash, err := pow.ParseHash(b.Hash)
	if err != nil {
		return err
	}
	finder, err := t.worker(ctx, PoolAccount, OpeningWorker)
	if err != nil {
		return err
	}
	var work float64
	for _, w := range b.Work {
		work += w.Difficulty
	}
	id, err := t.insert(ctx, `INSERT INTO blocks (pool_id, hash, height, reward, status, finder_id, found_at, work, network_difficulty, scheme, fee_ppm)
		VALUES (?, ?, ?, 0, 'candidate', ?, ?, ?, 0, 'PROP', 0)`, pool, hash.String(), b.Height, finder, now(), work)
	if err != nil {
		return err
	}
	round, err := t.beginRound(ctx, pool, id, b.Work)
	if err != nil || round == 0 {
		return err
	}
	return t.exec(ctx, "INSERT INTO block_rounds (block_id, round_id) VALUES (?, ?)", id, round)
}

// beginRound writes down a round: of a block, or with block 0 the open one. It returns 0
// if nobody worked.
func (t tx) beginRound(ctx context.Context, pool, block int64, work []OpeningWork) (round int64, err error) {
	if len(work) == 0 {
		return 0, nil
	}
	at := now()
	if round, err = t.insert(ctx, `INSERT INTO rounds (pool_id, opened_at, closed_at, owner_id)
		VALUES (?, ?, CASE WHEN ? > 0 THEN CAST(? AS BIGINT) END, nullif(CAST(? AS BIGINT), 0))`, pool, at, block, at, block); err != nil {
		return 0, err
	}
	var difficulty float64
	for _, w := range work {
		if w.Account == "" || strings.HasPrefix(w.Account, "@") || !(w.Difficulty > 0) {
			return 0, fmt.Errorf("work of %v by %q: %w", w.Difficulty, w.Account, ErrShare)
		}
		worker, err := t.worker(ctx, w.Account, w.Worker)
		if err != nil {
			return 0, err
		}
		if err := t.exec(ctx, "INSERT INTO shares (round_id, worker_id, slice, shares, difficulty) VALUES (?, ?, ?, 1, ?)",
			round, worker, at/slice.Milliseconds(), w.Difficulty); err != nil {
			return 0, errors.Join(fmt.Errorf("work of %q", w.Account), err)
		}
		if err := t.exec(ctx, `INSERT INTO totals (worker_id, pool_id, shares, difficulty, last_at) VALUES (?, ?, 1, ?, ?)
			ON CONFLICT (worker_id, pool_id) DO UPDATE SET shares = totals.shares + 1, difficulty = totals.difficulty + excluded.difficulty`,
			worker, pool, w.Difficulty, at); err != nil {
			return 0, err
		}
		difficulty += w.Difficulty
	}
	return round, t.exec(ctx, "UPDATE rounds SET shares = ?, difficulty = ? WHERE id = ?", len(work), difficulty, round)
}
