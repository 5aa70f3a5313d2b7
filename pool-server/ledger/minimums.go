package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/adit-mining/adit/wallet/coin"
)

// Who set an account's minimum.
const (
	MinimumSigned   = "signed"   // the key's owner, by a signed request
	MinimumPassword = "password" // a miner's password, which anybody may send who knows the account's name
)

// ErrSignedMinimum is returned for a minimum from a password where the account's
// owner has set one with a signed request.
var ErrSignedMinimum = errors.New("the account's owner has set its minimum with a signed request")

// PayoutMinimum returns the balance from which on an account wants to be paid, and
// who set it; 0 and "" mean that nobody did. The pool's own minimum holds beside it.
func (l *Ledger) PayoutMinimum(ctx context.Context, pool, account string) (minimum coin.Amount, source string, err error) {
	err = l.read.QueryRowContext(ctx, `SELECT m.minimum, m.source FROM payout_minimums m JOIN pools p ON p.id = m.pool_id
		JOIN accounts a ON a.id = m.account_id WHERE p.name = ? AND a.name = ?`, pool, account).Scan(&minimum, &source)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "", nil
	}
	if err != nil {
		return 0, "", fmt.Errorf("minimum of account %s: %w", account, err)
	}
	return minimum, source, nil
}

// SetPayoutMinimum writes down from which balance on an account wants to be paid;
// 0 takes it back, and the pool's minimum holds. source is one of those above; a
// password never changes what was signed, see ErrSignedMinimum. An account that has
// never made a share is refused with ErrNoShare. The same again writes nothing, so
// that it may be called at each sign-in.
func (l *Ledger) SetPayoutMinimum(ctx context.Context, pool, account string, minimum coin.Amount, source string) error {
	is, by, err := l.PayoutMinimum(ctx, pool, account)
	if err != nil || is == minimum && by == source {
		return err
	}
	err = l.update(ctx, func(ctx context.Context, t tx) error { return t.setMinimum(ctx, pool, account, minimum, source) })
	if err != nil {
		return fmt.Errorf("set the minimum of account %s: %w", account, err)
	}
	return nil
}

func (t tx) setMinimum(ctx context.Context, poolName, name string, minimum coin.Amount, source string) error {
	if minimum < 0 {
		return fmt.Errorf("minimum of %d: %w", int64(minimum), ErrState)
	}
	var account int64
	err := t.get(ctx, "SELECT id FROM accounts a WHERE name = ? AND EXISTS (SELECT 1 FROM workers WHERE account_id = a.id)", []any{name}, &account)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNoShare
	}
	if err != nil {
		return err
	}
	pool, err := t.pool(ctx, poolName)
	if err != nil {
		return err
	}
	var by string
	err = t.get(ctx, "SELECT source FROM payout_minimums WHERE pool_id = ? AND account_id = ?", []any{pool, account}, &by)
	switch {
	case err != nil && !errors.Is(err, sql.ErrNoRows):
		return err
	case by == MinimumSigned && source != MinimumSigned:
		return ErrSignedMinimum
	case minimum == 0:
		return t.exec(ctx, "DELETE FROM payout_minimums WHERE pool_id = ? AND account_id = ?", pool, account)
	}
	return t.exec(ctx, `INSERT INTO payout_minimums (pool_id, account_id, minimum, source, set_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (pool_id, account_id) DO UPDATE SET minimum = excluded.minimum, source = excluded.source, set_at = excluded.set_at`,
		pool, account, int64(minimum), source, now())
}
