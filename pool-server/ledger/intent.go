package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/adit-mining/adit/wallet/coin"
)

// MaxOutputs bounds the accounts of one payout, to stay well within the size
// that nodes relay (100,000 bytes). Who does not fit comes with another one.
const MaxOutputs = 500

var (
	// ErrHalted is returned for a payout while the pool's payouts are halted.
	ErrHalted = errors.New("payouts are halted")
	// ErrUnsigned is returned for a payout while another one waits to be signed.
	ErrUnsigned = errors.New("another payout waits to be signed")
	// ErrHeld is returned for a payout to an account that the operator holds.
	ErrHeld = errors.New("held by the operator")
	// ErrNotNow is returned where an account's address cannot be told or checked, which
	// says nothing against the address.
	ErrNotNow = errors.New("cannot be told now")
)

// A Demand says who is to be paid.
type Demand struct {
	Minimum coin.Amount // the least balance; an account's own minimum counts if it is more
	Account string      // only this account, whatever it has and whatever its minimum; empty: all that are due
}

// The rows of Due: of all accounts, or of one alone whatever its minimum.
const (
	dueRows = `SELECT a.name, b.amount FROM balances b JOIN accounts a ON a.id = b.account_id
		LEFT JOIN operator_holds h ON h.pool_id = b.pool_id AND h.account_id = b.account_id
		LEFT JOIN payout_minimums m ON m.pool_id = b.pool_id AND m.account_id = b.account_id
		WHERE b.pool_id = (SELECT id FROM pools WHERE name = ?) AND b.kind = 'balance' AND b.amount >= ? AND h.since IS NULL `
	allDue = "AND b.amount >= coalesce(m.minimum, 0) ORDER BY b.amount DESC, a.name"
	oneDue = "AND a.name = ?"
)

// Due lists what the accounts of pool have that are to be paid, the largest first,
// without their addresses. Accounts that the operator holds are not in it.
func (l *Ledger) Due(ctx context.Context, pool string, d Demand) ([]PayoutOutput, error) {
	query, args := dueRows+allDue, []any{pool, int64(max(d.Minimum, 1))}
	if d.Account != "" {
		query, args = dueRows+oneDue, []any{pool, 1, d.Account}
	}
	rows, err := l.read.QueryContext(ctx, query, args...)
	due, err := collect(rows, err, func(rows *sql.Rows) (o PayoutOutput, err error) {
		err = rows.Scan(&o.Account, &o.Amount)
		return o, err
	})
	if err != nil {
		return nil, fmt.Errorf("who is due at %s: %w", pool, err)
	}
	return due, nil
}

// BeginPayout decides to pay outputs, with their addresses, MaxOutputs at most:
// their money leaves the balances together with the payout being written down, so
// that no other payout can hold it, however many are open. It is refused while
// payouts are halted, while another payout waits to be signed, if the operator
// holds one of the accounts, and if a balance has less than the output takes.
func (l *Ledger) BeginPayout(ctx context.Context, pool string, outputs []PayoutOutput) (p Payout, err error) {
	err = l.update(ctx, func(ctx context.Context, t tx) (err error) {
		p, err = t.beginPayout(ctx, pool, outputs)
		return err
	})
	if err != nil {
		return Payout{}, fmt.Errorf("begin payout: %w", err)
	}
	return p, nil
}

func (t tx) beginPayout(ctx context.Context, poolName string, outputs []PayoutOutput) (p Payout, err error) {
	if len(outputs) == 0 || len(outputs) > MaxOutputs {
		return p, fmt.Errorf("%d accounts, want 1 to %d: %w", len(outputs), MaxOutputs, ErrState)
	}
	pool, err := t.pool(ctx, poolName)
	if err != nil {
		return p, err
	}
	if err := t.mayBegin(ctx, pool); err != nil {
		return p, err
	}
	p = Payout{Pool: poolName, Status: Intent, Outputs: outputs, Created: date(now())}
	if p.ID, err = t.insert(ctx, "INSERT INTO payouts (pool_id, status, created_at) VALUES (?, 'intent', ?)", pool, p.Created.UnixMilli()); err != nil {
		return p, err
	}
	lines, err := t.putOutputs(ctx, p)
	if err != nil {
		return p, err
	}
	var held string
	err = t.get(ctx, `SELECT a.name FROM payout_outputs o JOIN operator_holds h ON h.account_id = o.account_id AND h.pool_id = ?
		JOIN accounts a ON a.id = o.account_id WHERE o.payout_id = ? ORDER BY a.name LIMIT 1`, []any{pool, p.ID}, &held)
	if !errors.Is(err, sql.ErrNoRows) {
		return p, cmp.Or(err, fmt.Errorf("account %s: %w", held, ErrHeld))
	}
	// They have an address now.
	if err := t.exec(ctx, "DELETE FROM holds WHERE pool_id = ? AND account_id IN (SELECT account_id FROM payout_outputs WHERE payout_id = ?)", pool, p.ID); err != nil {
		return p, err
	}
	// A balance that has shrunk since Due read it would go below zero, which the database refuses.
	return p, t.post(ctx, movement{cause: "payout", payout: p.ID}, lines)
}

// mayBegin returns why no payout of pool can be begun now.
func (t tx) mayBegin(ctx context.Context, pool int64) error {
	var halted, unsigned int
	err := t.get(ctx, `SELECT CASE WHEN halted_at IS NULL THEN 0 ELSE 1 END,
		(SELECT count(*) FROM payouts y WHERE y.pool_id = pools.id AND y.status = 'intent') FROM pools WHERE id = ?`, []any{pool}, &halted, &unsigned)
	switch {
	case err != nil:
		return err
	case halted != 0:
		return ErrHalted
	case unsigned != 0:
		return ErrUnsigned
	}
	return nil
}

// putOutputs writes the outputs of a new payout down. It returns the entries that
// take their money out of the balances.
func (t tx) putOutputs(ctx context.Context, p Payout) ([]line, error) {
	lines := make([]line, 0, 2*len(p.Outputs))
	for _, o := range p.Outputs {
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
	return lines, nil
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
