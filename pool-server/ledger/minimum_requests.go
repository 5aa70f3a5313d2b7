package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/adit-mining/adit/wallet/coin"
)

// How many requests of one account and pool the book takes: it keeps every one for ever.
const (
	minimumPause = time.Minute // between two
	minimumDaily = 20          // in 24 hours
)

// A MinimumRequest is what the owner of an account has signed about its minimum. The
// book reads Number and Minimum alone.
type MinimumRequest struct {
	Number         int64 // the newer of two requests has the greater one; more than 0
	Key, Signature string
	Body           string
	Minimum        coin.Amount // 0: the pool's own holds again
}

// PutMinimumRequest keeps a request, and the minimum counts from now on: for payouts
// that are begun later. The request that counts already may be put again, which changes
// nothing. ErrNotNewer, ErrTooSoon and ErrNoShare say why one is not taken.
//
// A request that takes a minimum back ends what the owner decides: from then on a
// password may set one.
func (l *Ledger) PutMinimumRequest(ctx context.Context, pool, account string, m MinimumRequest) error {
	err := l.update(ctx, func(ctx context.Context, t tx) error { return t.putMinimumRequest(ctx, pool, account, m) })
	if err != nil {
		return fmt.Errorf("keep the minimum of account %s: %w", account, err)
	}
	return nil
}

func (t tx) putMinimumRequest(ctx context.Context, poolName, name string, m MinimumRequest) error {
	pool, err := t.pool(ctx, poolName)
	if err != nil {
		return err
	}
	var account, newest, last, today int64
	var body string
	err = t.get(ctx, "SELECT id FROM accounts a WHERE name = ? AND EXISTS (SELECT 1 FROM workers WHERE account_id = a.id)", []any{name}, &account)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNoShare
	}
	if err != nil {
		return err
	}
	err = t.get(ctx, `SELECT number, body, (SELECT max(kept_at) FROM minimum_requests WHERE account_id = ?1 AND pool_id = ?2),
		(SELECT count(*) FROM minimum_requests WHERE account_id = ?1 AND pool_id = ?2 AND kept_at > ?3)
		FROM minimum_requests WHERE account_id = ?1 AND pool_id = ?2 ORDER BY number DESC LIMIT 1`,
		[]any{account, pool, now() - (24 * time.Hour).Milliseconds()}, &newest, &body, &last, &today)
	switch {
	case errors.Is(err, sql.ErrNoRows): // the first
	case err != nil:
		return err
	case m.Number == newest && m.Body == body:
		return nil // the answer to it was lost
	case m.Number <= newest:
		return ErrNotNewer
	case last <= now() && now()-last < minimumPause.Milliseconds(), today >= minimumDaily:
		return ErrTooSoon
	}
	if err := t.exec(ctx, "INSERT INTO minimum_requests (account_id, pool_id, number, key, signature, body, kept_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
		account, pool, m.Number, m.Key, m.Signature, m.Body, now()); err != nil {
		return err
	}
	return t.setMinimum(ctx, poolName, name, m.Minimum, MinimumSigned)
}
