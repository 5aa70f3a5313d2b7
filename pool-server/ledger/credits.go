package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/adit-mining/adit/wallet/coin"
)

// ErrPaid is returned when a block cannot be taken back because somebody was
// paid for it already.
var ErrPaid = errors.New("already paid out")

// A Credit is what an account is owed for a block. Account is a miner's, or
// FeeAccount or DustAccount.
type Credit struct {
	Account string
	Amount  coin.Amount
}

// An Acceptance is what is booked of a candidate that is on the main chain.
type Acceptance struct {
	Confirmations int64
	Reward        coin.Amount     // what the chain's block pays to the pool
	Weights       []AccountWeight // by which the reward was split, kept to explain it
	Credits       []Credit        // add up to Reward
}

// SetBlockAccepted books the credits of a candidate that is on the main chain:
// they are owed, but not payable before the block has matured. A block that is
// accepted already is left as it is.
func (l *Ledger) SetBlockAccepted(ctx context.Context, id int64, a Acceptance) error {
	return l.changeBlock(ctx, id, func(ctx context.Context, t tx, b Block) error {
		switch b.Status {
		case Immature, Matured:
			return nil
		case Orphaned:
			return fmt.Errorf("accept an orphan: %w", ErrState)
		}
		lines := make([]line, 0, len(a.Credits)+1)
		var total coin.Amount
		for _, c := range a.Credits {
			account, err := t.account(ctx, c.Account)
			if err != nil {
				return err
			}
			if c.Amount < 0 {
				return fmt.Errorf("credit of %d to %s: %w", int64(c.Amount), c.Account, ErrState)
			}
			lines = append(lines, line{immature, account, c.Amount})
			total += c.Amount
		}
		if total != a.Reward {
			return fmt.Errorf("credits add up to %d, the reward is %d: %w", int64(total), int64(a.Reward), ErrState)
		}
		if err := t.setReward(ctx, b, a.Reward); err != nil {
			return err
		}
		if err := t.setWeights(ctx, id, a.Weights); err != nil {
			return err
		}
		lines = append(lines, line{reward, poolAccount, -total})
		if err := t.post(ctx, movement{cause: "credit", block: id}, lines); err != nil {
			return err
		}
		if err := t.setStatus(ctx, id, Immature, ""); err != nil {
			return err
		}
		return t.exec(ctx, "UPDATE blocks SET confirmations = ? WHERE id = ?", a.Confirmations, id)
	})
}

// setReward notes what the chain says that a block brings, and what was hoped for if
// that is something else.
func (t tx) setReward(ctx context.Context, b Block, r coin.Amount) error {
	if r == b.Reward {
		return nil
	}
	return t.exec(ctx, "UPDATE blocks SET reward = ?, hoped = coalesce(hoped, ?) WHERE id = ?", int64(r), int64(b.Reward), b.ID)
}

// setWeights keeps what a block's credits were split by.
func (t tx) setWeights(ctx context.Context, block int64, all []AccountWeight) error {
	if err := t.exec(ctx, "DELETE FROM block_weights WHERE block_id = ?", block); err != nil {
		return err
	}
	for _, w := range all {
		account, err := t.account(ctx, w.Account)
		if err != nil {
			return err
		}
		if err := t.exec(ctx, "INSERT INTO block_weights (block_id, account_id, shares, difficulty) VALUES (?, ?, ?, ?)",
			block, account, w.Shares, w.Difficulty); err != nil {
			return fmt.Errorf("weight of %s: %w", w.Account, err)
		}
	}
	return t.sumWeights(ctx, block)
}

// MatureBlock makes the credits of an immature block payable. Done twice it
// changes nothing.
func (l *Ledger) MatureBlock(ctx context.Context, id int64) error {
	return l.changeBlock(ctx, id, func(ctx context.Context, t tx, b Block) error {
		switch b.Status {
		case Matured:
			return nil
		case Candidate, Orphaned:
			return fmt.Errorf("mature a block that is %s: %w", b.Status, ErrState)
		}
		held, err := t.held(ctx, id)
		if err != nil {
			return err
		}
		var lines []line
		for _, h := range held {
			if h.kind != immature {
				continue
			}
			kind, err := t.payable(ctx, h.account)
			if err != nil {
				return err
			}
			lines = append(lines, line{immature, h.account, -h.amount}, line{kind, h.account, h.amount})
		}
		if err := t.post(ctx, movement{cause: "mature", block: id}, lines); err != nil {
			return err
		}
		return t.setStatus(ctx, id, Matured, "")
	})
}

// OrphanBlock books that a block is not on the main chain, or was refused, and
// why: its credits are taken back by counter-entries, and its shares are the
// next block's. A block somebody was paid for is left as it is, with ErrPaid.
func (l *Ledger) OrphanBlock(ctx context.Context, id int64, reason string) error {
	return l.changeBlock(ctx, id, func(ctx context.Context, t tx, b Block) error {
		if b.Status == Orphaned {
			return nil
		}
		if b.Settled {
			return fmt.Errorf("orphan a settled block: %w", ErrState)
		}
		if err := t.withdraw(ctx, id, "orphan", reason); err != nil {
			return err
		}
		if err := t.giveBack(ctx, id); err != nil {
			return err
		}
		return t.setStatus(ctx, id, Orphaned, reason)
	})
}

// RestoreBlock makes an orphan a candidate again, because it is back on the main
// chain. It gets the shares back that it had; see SetBlockAccepted for what is
// next. A block that is no orphan is left as it is.
func (l *Ledger) RestoreBlock(ctx context.Context, id int64) error {
	return l.changeBlock(ctx, id, func(ctx context.Context, t tx, b Block) error {
		switch {
		case b.Status != Orphaned:
			return nil
		case b.Settled:
			return fmt.Errorf("restore a settled block: %w", ErrState)
		}
		if err := t.takeBack(ctx, id); err != nil {
			return err
		}
		return t.setStatus(ctx, id, Candidate, "")
	})
}

// held returns what the block's movements add up to.
func (t tx) held(ctx context.Context, block int64) ([]line, error) {
	return list(ctx, t, func(rows *sql.Rows) (n line, err error) {
		err = rows.Scan(&n.kind, &n.account, &n.amount)
		return n, err
	}, `SELECT e.kind, e.account_id, sum(e.amount) FROM journal j JOIN entries e ON e.journal_id = j.id
		WHERE j.block_id = ? GROUP BY e.kind, e.account_id HAVING sum(e.amount) <> 0`, block)
}

// withdraw books the opposite of all that the block's movements add up to.
func (t tx) withdraw(ctx context.Context, block int64, cause, note string) error {
	held, err := t.held(ctx, block)
	if err != nil || len(held) == 0 {
		return err
	}
	var poorer string
	var short int64
	err = t.get(ctx, `SELECT a.name, h.amount - b.amount FROM (SELECT j.pool_id, e.kind, e.account_id, sum(e.amount) AS amount
			FROM journal j JOIN entries e ON e.journal_id = j.id WHERE j.block_id = ? GROUP BY j.pool_id, e.kind, e.account_id) h
		JOIN balances b ON b.pool_id = h.pool_id AND b.kind = h.kind AND b.account_id = h.account_id
		JOIN accounts a ON a.id = h.account_id
		WHERE h.kind NOT IN ('reward', 'reserve', 'loss') AND b.amount < h.amount ORDER BY a.name LIMIT 1`, []any{block}, &poorer, &short)
	switch {
	case err == nil:
		return fmt.Errorf("%w: %s has %d less than it got for the block", ErrPaid, poorer, short)
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	for i := range held {
		held[i].amount = -held[i].amount
	}
	return t.post(ctx, movement{cause: cause, block: block, note: note}, held)
}
