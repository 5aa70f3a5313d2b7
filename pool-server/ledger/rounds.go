package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// AccountWeight is what an account did for a block.
type AccountWeight struct {
	Account    string  // a miner's, or ReserveAccount for the shares that the pool bought
	Difficulty float64 // sum of its shares' weights
	Shares     int64   // their number
}

// weights is the sums over shares of the rounds r, which a query names before.
const weights = `SELECT a.name, sum(s.difficulty), sum(s.shares), sum(s.bought)
	FROM r JOIN shares s ON s.round_id = r.id JOIN workers w ON w.id = s.worker_id JOIN accounts a ON a.id = w.account_id
	GROUP BY a.name ORDER BY a.name`

// RoundShares returns the shares that a block pays for, by account name.
//
// It is the rounds that the block owns. A block that returned after its rounds
// were paid for by a later one owns none; then it is what it owned when it was
// found, so that its reward, too, goes to those who found it.
//
// A PPLNS block pays for the shares of its window instead, which was frozen when it was
// found.
func (l *Ledger) RoundShares(ctx context.Context, blockID int64) ([]AccountWeight, error) {
	var scheme Scheme
	if err := l.read.QueryRowContext(ctx, "SELECT scheme FROM blocks WHERE id = ?", blockID).Scan(&scheme); err != nil {
		return nil, fmt.Errorf("block %d: %w", blockID, err)
	}
	if scheme == PPLNS {
		return l.BlockWeights(ctx, blockID)
	}
	owned, err := l.weigh(ctx, "WITH r AS (SELECT id FROM rounds WHERE owner_id = ?) "+weights, blockID)
	if err != nil || len(owned) > 0 {
		return owned, err
	}
	return l.weigh(ctx, "WITH r AS (SELECT round_id AS id FROM block_rounds WHERE block_id = ?) "+weights, blockID)
}

// OpenShares returns the shares that the pool's next block will pay for.
func (l *Ledger) OpenShares(ctx context.Context, pool string) ([]AccountWeight, error) {
	id, err := l.poolID(ctx, pool)
	if err != nil || id == 0 {
		return nil, err
	}
	return l.weigh(ctx, "WITH r AS (SELECT id FROM rounds WHERE pool_id = ? AND coalesce(solo_id, 0) = 0 AND owner_id IS NULL) "+weights, id)
}

// BlockWeights returns what each account did for a block as it was written down, by
// account name: for PPLNS since it was found, otherwise since it was credited.
func (l *Ledger) BlockWeights(ctx context.Context, blockID int64) ([]AccountWeight, error) {
	rows, err := l.read.QueryContext(ctx, `SELECT a.name, w.difficulty, w.shares FROM block_weights w JOIN accounts a ON a.id = w.account_id
		WHERE w.block_id = ? ORDER BY a.name`, blockID)
	all, err := collect(rows, err, func(rows *sql.Rows) (w AccountWeight, err error) {
		err = rows.Scan(&w.Account, &w.Difficulty, &w.Shares)
		return w, err
	})
	if err != nil {
		return nil, fmt.Errorf("read the weights of block %d: %w", blockID, err)
	}
	return all, nil
}

// weigh runs a query made of weights. What was bought weighs for the reserve.
func (l *Ledger) weigh(ctx context.Context, query string, args ...any) ([]AccountWeight, error) {
	bank := AccountWeight{Account: ReserveAccount}
	rows, err := l.read.QueryContext(ctx, query, args...)
	all, err := collect(rows, err, func(rows *sql.Rows) (w AccountWeight, err error) {
		var bought float64
		err = rows.Scan(&w.Account, &w.Difficulty, &w.Shares, &bought)
		bank.Difficulty += bought
		if bought > 0 { // their number is the miner's work still, but their weight is not
			w.Difficulty = max(0, w.Difficulty-bought)
		}
		return w, err
	})
	if err != nil {
		return nil, fmt.Errorf("weigh shares: %w", err)
	}
	if bank.Difficulty > 0 {
		all = slices.Insert(all, 0, bank) // '@' sorts before every miner's name
	}
	return all, nil
}

// giveBack makes the rounds of a block the next block's.
func (t tx) giveBack(ctx context.Context, block int64) error {
	return t.exec(ctx, "UPDATE rounds SET owner_id = NULL WHERE owner_id = ?", block)
}

// takeBack gives a block that returned the rounds that it had: those that no
// block owns, and those of later blocks that have not matured. The credits of
// such a block are withdrawn; it becomes a candidate, to be credited anew.
func (t tx) takeBack(ctx context.Context, block int64) error {
	const had = `SELECT r.id, coalesce(r.owner_id, 0), coalesce(o.status, '')
		FROM block_rounds h JOIN rounds r ON r.id = h.round_id LEFT JOIN blocks o ON o.id = r.owner_id
		WHERE h.block_id = ?1 AND (o.id IS NULL OR o.id > ?1 AND o.status IN ('candidate', 'immature'))`
	type round struct {
		id, owner int64
		status    BlockStatus
	}
	rounds, err := list(ctx, t, func(rows *sql.Rows) (r round, err error) {
		err = rows.Scan(&r.id, &r.owner, &r.status)
		return r, err
	}, had, block)
	if err != nil {
		return err
	}
	withdrawn := map[int64]bool{}
	for _, r := range rounds {
		if r.status == Immature && !withdrawn[r.owner] {
			withdrawn[r.owner] = true
			if err := t.withdraw(ctx, r.owner, "uncredit", fmt.Sprintf("block %d returned and took its shares back", block)); err != nil {
				return err
			}
			if err := t.setStatus(ctx, r.owner, Candidate, ""); err != nil {
				return err
			}
		}
		if err := t.exec(ctx, "UPDATE rounds SET owner_id = ? WHERE id = ?", block, r.id); err != nil {
			return err
		}
	}
	return nil
}
