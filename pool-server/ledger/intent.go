package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/adit-mining/adit/wallet/coin"
)

// MaxOutputs bounds the accounts of one payout, to stay well within the size
// that nodes relay (100,000 bytes). Who does not fit comes with the next one.
const MaxOutputs = 500

var (
	// ErrHalted is returned for a payout while the pool's payouts are halted.
	ErrHalted = errors.New("payouts are halted")
	// ErrOpenPayout is returned for a payout while another one is open.
	ErrOpenPayout = errors.New("another payout is open")
	// ErrNotNow is what addressOf returns if it cannot tell, which says nothing
	// against the address.
	ErrNotNow = errors.New("cannot be told now")
)

// A Hold is an account that cannot be paid, and why. Its balance keeps growing.
type Hold struct {
	Account string
	Balance coin.Amount
	Reason  string
	Since   time.Time
}

// CreatePayout decides to pay all accounts of pool whose balance is at least
// min (and more than 0), the largest first, MaxOutputs at most: their money
// leaves the balances together with the payout being written down. It returns
// nil if nobody is due.
//
// addressOf says where an account is paid. An account for which it returns an
// error is left out and held (see Holds) until it returns none; but ErrNotNow
// ends the call with nothing done.
func (l *Ledger) CreatePayout(ctx context.Context, pool string, min coin.Amount, addressOf func(account string) (string, error)) (*Payout, error) {
	due, err := l.due(ctx, pool, max(min, 1))
	if err != nil || len(due) == 0 {
		return nil, err
	}
	// Asked before the transaction: it may take the wallet's time, and shares must not wait for that.
	var outputs []PayoutOutput
	held := map[string]string{}
	for _, o := range due {
		if len(outputs) == MaxOutputs {
			break
		}
		o.Address, err = addressOf(o.Account)
		switch {
		case errors.Is(err, ErrNotNow):
			return nil, fmt.Errorf("address of %s: %w", o.Account, err)
		case err == nil && o.Address == "":
			held[o.Account] = "it has no address"
		case err != nil:
			held[o.Account] = err.Error()
		default:
			outputs = append(outputs, o)
		}
	}
	var made *Payout
	err = l.update(ctx, func(ctx context.Context, t tx) (err error) {
		made, err = t.createPayout(ctx, pool, outputs, held)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("create payout: %w", err)
	}
	return made, nil
}

// due lists the balances of at least min, the largest first.
func (l *Ledger) due(ctx context.Context, pool string, min coin.Amount) ([]PayoutOutput, error) {
	rows, err := l.read.QueryContext(ctx, `SELECT a.name, b.amount FROM balances b JOIN accounts a ON a.id = b.account_id
		WHERE b.pool_id = (SELECT id FROM pools WHERE name = ?) AND b.kind = 'balance' AND b.amount >= ?
		ORDER BY b.amount DESC, a.name`, pool, int64(min))
	return collect(rows, err, func(rows *sql.Rows) (o PayoutOutput, err error) {
		err = rows.Scan(&o.Account, &o.Amount)
		return o, err
	})
}

func (t tx) createPayout(ctx context.Context, poolName string, outputs []PayoutOutput, held map[string]string) (*Payout, error) {
	pool, err := t.pool(ctx, poolName)
	if err != nil {
		return nil, err
	}
	if err := t.hold(ctx, pool, outputs, held); err != nil {
		return nil, err
	}
	if len(outputs) == 0 {
		return nil, nil
	}
	var halted, open bool
	if err := t.get(ctx, `SELECT halted_at IS NOT NULL, EXISTS (SELECT 1 FROM payouts y WHERE y.pool_id = pools.id
		AND status IN ('intent', 'signed', 'sent')) FROM pools WHERE id = ?`, []any{pool}, &halted, &open); err != nil {
		return nil, err
	}
	switch {
	case halted:
		return nil, ErrHalted
	case open:
		return nil, ErrOpenPayout
	}
	p := &Payout{Pool: poolName, Status: Intent, Outputs: outputs, Created: date(now())}
	if p.ID, err = t.insert(ctx, "INSERT INTO payouts (pool_id, status, created_at) VALUES (?, 'intent', ?)", pool, p.Created.UnixMilli()); err != nil {
		return nil, err
	}
	lines := make([]line, 0, 2*len(outputs))
	for _, o := range outputs {
		account, err := t.account(ctx, o.Account)
		if err != nil {
			return nil, err
		}
		if err := t.exec(ctx, "INSERT INTO payout_outputs (payout_id, account_id, address, gross) VALUES (?, ?, ?, ?)",
			p.ID, account, o.Address, int64(o.Amount)); err != nil {
			return nil, err
		}
		lines = append(lines, line{balance, account, -o.Amount}, line{paying, account, o.Amount})
	}
	// A balance that has shrunk since due read it would go below zero, which the database refuses.
	return p, t.post(ctx, movement{cause: "payout", payout: p.ID}, lines)
}

// hold writes down who cannot be paid, and takes those off the list who can.
func (t tx) hold(ctx context.Context, pool int64, outputs []PayoutOutput, held map[string]string) error {
	for _, o := range outputs {
		if err := t.exec(ctx, "DELETE FROM holds WHERE pool_id = ? AND account_id = (SELECT id FROM accounts WHERE name = ?)", pool, o.Account); err != nil {
			return err
		}
	}
	for name, reason := range held {
		if err := t.exec(ctx, `INSERT INTO holds SELECT ?1, id, ?3, ?4 FROM accounts WHERE name = ?2
			ON CONFLICT (pool_id, account_id) DO UPDATE SET reason = excluded.reason`, pool, name, reason, now()); err != nil {
			return err
		}
	}
	return nil
}

// Holds returns the accounts of pool that cannot be paid, by name.
func (l *Ledger) Holds(ctx context.Context, pool string) ([]Hold, error) {
	rows, err := l.read.QueryContext(ctx, `SELECT a.name, coalesce(b.amount, 0), h.reason, h.since
		FROM holds h JOIN pools p ON p.id = h.pool_id JOIN accounts a ON a.id = h.account_id
		LEFT JOIN balances b ON b.pool_id = h.pool_id AND b.kind = 'balance' AND b.account_id = h.account_id
		WHERE p.name = ? ORDER BY a.name`, pool)
	return collect(rows, err, func(rows *sql.Rows) (h Hold, err error) {
		var since int64
		err = rows.Scan(&h.Account, &h.Balance, &h.Reason, &since)
		h.Since = date(since)
		return h, err
	})
}

// Halt stops the pool's payouts until Resume, and says why: what a person has
// to look at. The first reason stays.
func (l *Ledger) Halt(ctx context.Context, pool, reason string) error {
	return l.update(ctx, func(ctx context.Context, t tx) error {
		id, err := t.pool(ctx, pool)
		if err != nil {
			return err
		}
		return t.exec(ctx, "UPDATE pools SET halted_reason = ?, halted_at = ? WHERE id = ? AND halted_at IS NULL", reason, now(), id)
	})
}

// Halted says whether the pool's payouts are halted, and why.
func (l *Ledger) Halted(ctx context.Context, pool string) (reason string, halted bool, err error) {
	err = l.read.QueryRowContext(ctx, "SELECT coalesce(halted_reason, ''), halted_at IS NOT NULL FROM pools WHERE name = ?", pool).Scan(&reason, &halted)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return reason, halted, err
}

// Resume lets a halted pool pay again.
func (l *Ledger) Resume(ctx context.Context, pool string) error {
	return l.update(ctx, func(ctx context.Context, t tx) error {
		return t.exec(ctx, "UPDATE pools SET halted_reason = NULL, halted_at = NULL WHERE name = ?", pool)
	})
}
