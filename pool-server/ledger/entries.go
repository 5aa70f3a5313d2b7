package ledger

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/adit-mining/adit/wallet/coin"
)

// The kinds of money. For a pool their sum is always zero.
const (
	reward   = "reward"   // of PoolAccount: what blocks brought, negative, for it is where the rest comes from
	immature = "immature" // owed for a block that may still be orphaned
	balance  = "balance"  // owed and payable
	paying   = "paying"   // in an open payout, before the transaction's fee
	paid     = "paid"     // arrived
	fee      = "fee"      // of FeeAccount: the pool's own
	dust     = "dust"     // of DustAccount: what splits left over
	txfee    = "txfee"    // of PoolAccount: what transactions cost, borne by those whom they paid
	reserve  = "reserve"  // of ReserveAccount: what buys shares; may be negative
	loss     = "loss"     // of PoolAccount: what is missing, negative: blocks that were paid for and are gone, payments beyond a balance
)

// The numbers of the pool's own accounts; migration 1 writes them. ReserveAccount came
// later, and has another number in each book.
const (
	poolAccount int64 = iota + 1
	feeAccount
	dustAccount
)

// payable says what immature money of an account becomes.
func (t tx) payable(ctx context.Context, account int64) (string, error) {
	switch account {
	case feeAccount:
		return fee, nil
	case dustAccount:
		return dust, nil
	}
	bank, err := t.account(ctx, ReserveAccount)
	if account == bank {
		return reserve, err
	}
	return balance, err
}

// A movement is why money moves: a block or a payout, and the step.
type movement struct {
	cause         string
	block, payout int64 // one of them, the other 0
	note          string
}

// A line is one entry of a movement.
type line struct {
	kind    string
	account int64
	amount  coin.Amount
}

// post writes a movement of the pool that its block or payout is of. That its lines
// add up to zero is for the database to check, when the transaction is committed.
// Lines of nothing are left out.
func (t tx) post(ctx context.Context, m movement, lines []line) error {
	var pool int64
	if err := t.get(ctx, "SELECT pool_id FROM blocks WHERE id = ? UNION ALL SELECT pool_id FROM payouts WHERE id = ?",
		[]any{m.block, m.payout}, &pool); err != nil {
		return fmt.Errorf("book %s: %w", m.cause, err)
	}
	_, err := t.postTo(ctx, pool, m, lines)
	return err
}

// postTo is post for a movement of the given pool; it returns its number.
func (t tx) postTo(ctx context.Context, pool int64, m movement, lines []line) (int64, error) {
	id, err := t.insert(ctx, `INSERT INTO journal (pool_id, cause, block_id, payout_id, note, made_at)
		VALUES (?, ?, nullif(CAST(? AS BIGINT), 0), nullif(CAST(? AS BIGINT), 0), ?, ?)`, pool, m.cause, m.block, m.payout, m.note, now())
	if err != nil {
		return 0, fmt.Errorf("book %s: %w", m.cause, err)
	}
	lines = slices.DeleteFunc(slices.Clone(lines), func(n line) bool { return n.amount == 0 })
	for some := range slices.Chunk(lines, chunkRows) {
		args := make([]any, 0, 4*len(some))
		for _, n := range some {
			args = append(args, id, n.kind, n.account, int64(n.amount))
		}
		if err := t.exec(ctx, "INSERT INTO entries (journal_id, kind, account_id, amount) VALUES (?, ?, ?, ?)"+
			strings.Repeat(", (?, ?, ?, ?)", len(some)-1), args...); err != nil {
			return 0, fmt.Errorf("book %s: entries of accounts %d to %d: %w", m.cause, some[0].account, some[len(some)-1].account, err)
		}
	}
	return id, nil
}
