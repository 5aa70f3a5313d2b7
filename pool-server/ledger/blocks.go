package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/wallet/coin"
)

// A BlockStatus is how far a block has come.
type BlockStatus string

// The states of a block. Every step can be taken back while nobody was paid
// for the block: an orphan may return, a matured block may be orphaned.
const (
	Candidate BlockStatus = "candidate" // no daemon has it on its main chain yet
	Immature  BlockStatus = "immature"  // on the main chain; its credits may not be paid yet
	Matured   BlockStatus = "matured"   // its credits are in the balances
	Orphaned  BlockStatus = "orphaned"  // not on the main chain, or refused; its shares were given back
)

// A Block is a block that the pool found.
type Block struct {
	ID                int64
	Pool              string
	Hash              string // 64 hex digits
	Height            int64
	Reward            coin.Amount
	Status            BlockStatus
	Confirmations     int64
	Finder            string // account
	Worker            string // the finder's worker
	FoundAt           time.Time
	Work              float64 // difficulty of the shares it took
	NetworkDifficulty float64 // 0: not known
	Effort            float64 // Work over NetworkDifficulty, 1 = as expected; 0: not known
	Scheme            Scheme  // by which its reward is dealt out
	FeePPM            int64   // what the pool keeps of it, in parts per million; -1: not written down, for it is old
	Window            float64 // PPLNS: difficulty of the last shares that it pays for
	Reason            string  // why it is orphaned
	Settled           bool    // nobody looks at it any more
}

// blockRows is the select list and the tables that scanBlock reads.
const blockRows = `SELECT b.id, p.name, b.hash, b.height, b.reward, b.status, b.confirmations, a.name, w.name,
	b.found_at, b.work, b.network_difficulty, b.scheme, coalesce(b.fee_ppm, -1), b."window", b.reason, b.settled_at IS NOT NULL
	FROM blocks b JOIN pools p ON p.id = b.pool_id JOIN workers w ON w.id = b.finder_id JOIN accounts a ON a.id = w.account_id `

func scanBlock(rows *sql.Rows) (b Block, err error) {
	var found int64
	err = rows.Scan(&b.ID, &b.Pool, &b.Hash, &b.Height, &b.Reward, &b.Status, &b.Confirmations, &b.Finder, &b.Worker,
		&found, &b.Work, &b.NetworkDifficulty, &b.Scheme, &b.FeePPM, &b.Window, &b.Reason, &b.Settled)
	b.FoundAt = date(found)
	if b.NetworkDifficulty > 0 {
		b.Effort = b.Work / b.NetworkDifficulty
	}
	return b, err
}

// knows reports whether a block is written down already.
func (t tx) knows(ctx context.Context, blockHash string) (known bool, err error) {
	hash, err := pow.ParseHash(blockHash)
	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrShare, err)
	}
	err = t.get(ctx, "SELECT EXISTS (SELECT 1 FROM blocks WHERE hash = ?)", []any{hash.String()}, &known)
	return known, err
}

// candidate writes down the block that s found with the pool's terms, and gives it all
// shares of the pool, or of the solo account, that no block owns. The caller has seen to it that the block is not known.
func (t tx) candidate(ctx context.Context, s Share) (*Block, error) {
	hash, err := pow.ParseHash(s.Block.Hash)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrShare, err)
	}
	pool, err := t.pool(ctx, s.Pool)
	if err != nil {
		return nil, err
	}
	finder, err := t.worker(ctx, s.Account, s.Worker)
	if err != nil {
		return nil, err
	}
	var solo int64
	if s.Solo {
		if solo, err = t.account(ctx, s.Account); err != nil {
			return nil, err
		}
	}
	id, err := t.insert(ctx, `INSERT INTO blocks (pool_id, hash, height, reward, status, finder_id, found_at, work, network_difficulty)
		VALUES (?1, ?2, ?3, ?4, 'candidate', ?5, ?6,
		(SELECT sum(difficulty) FROM rounds WHERE pool_id = ?1 AND coalesce(solo_id, 0) = ?8 AND owner_id IS NULL), ?7)`,
		pool, hash.String(), s.Block.Height, int64(s.Block.Reward), finder, s.Time.UnixMilli(), max(0, s.Block.Difficulty), solo)
	if err != nil {
		return nil, err
	}
	if err := t.setTerms(ctx, id, s); err != nil {
		return nil, err
	}
	switch s.scheme() {
	case PPLNS:
		err = t.setWindow(ctx, id, pool, s.Terms.Window*s.Block.Difficulty)
	case PROP, PPS:
		// What is left of an earlier scheme would be paid for a second time by a later one.
		err = t.exec(ctx, "DELETE FROM trail WHERE pool_id = ?", pool)
	}
	if err != nil {
		return nil, err
	}
	if err := t.exec(ctx, "INSERT INTO raw_blocks VALUES (?, ?)", id, append([]byte{}, s.Block.Raw...)); err != nil {
		return nil, err
	}
	if err := t.exec(ctx, `INSERT INTO block_rounds (block_id, round_id)
		SELECT CAST(? AS BIGINT), id FROM rounds WHERE pool_id = ? AND coalesce(solo_id, 0) = ? AND owner_id IS NULL`, id, pool, solo); err != nil {
		return nil, err
	}
	if err := t.exec(ctx, `UPDATE rounds SET owner_id = ?, closed_at = coalesce(closed_at, ?)
		WHERE pool_id = ? AND coalesce(solo_id, 0) = ? AND owner_id IS NULL`, id, s.Time.UnixMilli(), pool, solo); err != nil {
		return nil, err
	}
	b, err := t.block(ctx, id)
	return &b, err
}

// block reads one block within the transaction.
func (t tx) block(ctx context.Context, id int64) (Block, error) {
	found, err := list(ctx, t, scanBlock, blockRows+"WHERE b.id = ?", id)
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Block{}, fmt.Errorf("block %d: %w", id, err)
	}
	return found[0], nil
}

// UnsettledBlocks returns the blocks of pool whose fate may still change, oldest
// first.
func (l *Ledger) UnsettledBlocks(ctx context.Context, pool string) ([]Block, error) {
	return l.blocks(ctx, "WHERE p.name = ? AND b.settled_at IS NULL ORDER BY b.id", pool)
}

// RecentBlocks returns the pool's last n blocks, newest first.
func (l *Ledger) RecentBlocks(ctx context.Context, pool string, n int) ([]Block, error) {
	return l.blocks(ctx, "WHERE p.name = ? ORDER BY b.id DESC LIMIT ?", pool, n)
}

func (l *Ledger) blocks(ctx context.Context, where string, args ...any) ([]Block, error) {
	rows, err := l.read.QueryContext(ctx, blockRows+where, args...)
	return collect(rows, err, scanBlock)
}

// RawBlock returns the serialised block, to be submitted again. It is kept
// until the block is settled; afterwards the error is ErrNotFound.
func (l *Ledger) RawBlock(ctx context.Context, id int64) (raw []byte, err error) {
	err = l.read.QueryRowContext(ctx, "SELECT raw FROM raw_blocks WHERE block_id = ?", id).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("raw block %d: %w", id, ErrNotFound)
	}
	return raw, err
}

// SetBlockConfirmations notes how deep blocks are on the main chain, by their ID.
func (l *Ledger) SetBlockConfirmations(ctx context.Context, confirmations map[int64]int64) error {
	return l.update(ctx, func(ctx context.Context, t tx) error {
		for id, n := range confirmations {
			if err := t.exec(ctx, "UPDATE blocks SET confirmations = ?1 WHERE id = ?2 AND confirmations <> ?1", n, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// SettleBlock says that the block's fate is final: it is not looked at again,
// and its raw bytes are dropped. Only a matured or orphaned block can be settled.
func (l *Ledger) SettleBlock(ctx context.Context, id int64) error {
	return l.changeBlock(ctx, id, func(ctx context.Context, t tx, b Block) error {
		switch {
		case b.Settled:
			return nil
		case b.Status != Matured && b.Status != Orphaned:
			return fmt.Errorf("settle a block that is %s: %w", b.Status, ErrState)
		}
		return t.settle(ctx, id)
	})
}

// changeBlock runs change on the block in a transaction.
func (l *Ledger) changeBlock(ctx context.Context, id int64, change func(context.Context, tx, Block) error) error {
	return l.update(ctx, func(ctx context.Context, t tx) error {
		b, err := t.block(ctx, id)
		if err != nil {
			return err
		}
		if err := change(ctx, t, b); err != nil {
			return fmt.Errorf("block %d: %w", id, err)
		}
		return nil
	})
}

// setStatus moves a block. reason is why it is orphaned, otherwise empty.
func (t tx) setStatus(ctx context.Context, id int64, s BlockStatus, reason string) error {
	return t.exec(ctx, "UPDATE blocks SET status = ?, reason = ? WHERE id = ?", string(s), reason, id)
}
