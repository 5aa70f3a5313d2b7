package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/adit-mining/adit/wallet/coin"
)

// An Explanation says why one payout gave one account what it gave: what was left in
// its balance by the payout before, and every movement since. To the unit
//
//	Opening + the Amounts of Sums = Payout.Outputs[0].Amount + Rest
//
// A payout that was given up before this one began takes no part in where it starts:
// its money came back, and what it was made of is explained here.
type Explanation struct {
	Payout   Payout      // Outputs is what this account gets
	Begun    time.Time   // when the money was set aside
	Previous int64       // the payout before, 0: none
	Since    time.Time   // when that was begun, zero: none was
	Opening  coin.Amount // what that left in the balance
	Rest     coin.Amount // what this left
	Sums     []IncomeSum // by cause, in the order of the causes' names

	owner, in   int64 // account and pool
	after, upTo int64 // movements that lie strictly between are what Sums adds up
}

// An IncomeSum is all movements of one cause.
type IncomeSum struct {
	Cause  Cause
	Number int64
	Amount coin.Amount
}

// Income is what the movements add up to.
func (e Explanation) Income() (sum coin.Amount) {
	for _, s := range e.Sums {
		sum += s.Amount
	}
	return sum
}

// The queries of an explanation.
const (
	sumRows = `SELECT j.cause, count(*), CAST(sum(e.amount) AS BIGINT) FROM entries e JOIN journal j ON j.id = e.journal_id
		WHERE e.account_id = ? AND e.kind = 'balance' AND e.journal_id > ? AND e.journal_id < ? AND j.pool_id = ?
		GROUP BY j.cause ORDER BY j.cause`

	// takenRows finds the movement that took a payout's money out of a balance. A payout
	// that was given up and turned out to be paid after all took it twice: the last counts.
	takenRows = `SELECT j.id, j.made_at FROM journal j WHERE j.payout_id = ?
		AND EXISTS (SELECT 1 FROM entries e WHERE e.journal_id = j.id AND e.account_id = ? AND e.kind = 'balance' AND e.amount < 0)
		ORDER BY j.id DESC LIMIT 1`

	beforeRows = `SELECT j.payout_id, j.id, j.made_at FROM entries e JOIN journal j ON j.id = e.journal_id
		WHERE e.account_id = ?1 AND e.journal_id < ?2 AND e.kind = 'balance' AND e.amount < 0 AND j.pool_id = ?3 AND j.payout_id IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM journal c
			WHERE c.payout_id = j.payout_id AND c.cause IN ('cancel', 'abandon') AND c.id > j.id AND c.id < ?2)
		ORDER BY e.journal_id DESC LIMIT 1`

	afterRows = `SELECT CAST(coalesce((SELECT amount FROM balances WHERE pool_id = ?1 AND kind = 'balance' AND account_id = ?2), 0)
		- coalesce((SELECT sum(e.amount) FROM entries e JOIN journal j ON j.id = e.journal_id
			WHERE e.account_id = ?2 AND e.kind = 'balance' AND e.journal_id > ?3 AND j.pool_id = ?1), 0) AS BIGINT)`

	explainedRows = "AND e.kind = 'balance' AND e.journal_id > ?3 AND e.journal_id < ?4 ORDER BY e.journal_id LIMIT ?5"
)

// AccountPayout returns a payout with what it gives to one account; ErrNotFound if that
// is nothing.
func (l *Ledger) AccountPayout(ctx context.Context, id int64, account string) (Payout, error) {
	found, err := l.payouts(ctx, account, "WHERE y.id = ?", id)
	if err == nil && (len(found) == 0 || len(found[0].Outputs) == 0) {
		err = ErrNotFound
	}
	if err != nil {
		return Payout{}, fmt.Errorf("payout %d to account %s: %w", id, account, err)
	}
	return found[0], nil
}

// Explain explains a payout to one account. ErrNotFound says that it gives it nothing.
func (l *Ledger) Explain(ctx context.Context, id int64, account string) (e Explanation, err error) {
	if e.Payout, err = l.AccountPayout(ctx, id, account); err != nil {
		return e, err
	}
	if e.owner, e.in, err = l.accountIn(ctx, account, e.Payout.Pool); err != nil {
		return e, err
	}
	if err = l.explain(ctx, &e); err != nil {
		return e, fmt.Errorf("explain payout %d to account %s: %w", id, account, err)
	}
	return e, nil
}

func (l *Ledger) explain(ctx context.Context, e *Explanation) (err error) {
	var begun int64
	if err := l.read.QueryRowContext(ctx, takenRows, e.Payout.ID, e.owner).Scan(&e.upTo, &begun); err != nil {
		return err
	}
	e.Begun = date(begun)
	if err := l.explainedFrom(ctx, e); err != nil {
		return err
	}
	if e.Opening, err = l.balanceAfter(ctx, e); err != nil {
		return err
	}
	rows, err := l.read.QueryContext(ctx, sumRows, e.owner, e.after, e.upTo, e.in)
	e.Sums, err = collect(rows, err, func(rows *sql.Rows) (s IncomeSum, err error) {
		err = rows.Scan(&s.Cause, &s.Number, &s.Amount)
		return s, err
	})
	e.Rest = e.Opening + e.Income() - e.Payout.Outputs[0].Amount
	return err
}

// explainedFrom finds the payout before, of those whose money had not come back when
// this one was begun.
func (l *Ledger) explainedFrom(ctx context.Context, e *Explanation) error {
	var since int64
	err := l.read.QueryRowContext(ctx, beforeRows, e.owner, e.upTo, e.in).Scan(&e.Previous, &e.after, &since)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	e.Since = date(since)
	return err
}

// balanceAfter is the account's balance after the last movement that is not explained.
// It is told from today's backwards, for the newest payouts are asked for most.
func (l *Ledger) balanceAfter(ctx context.Context, e *Explanation) (sum coin.Amount, err error) {
	if e.after == 0 {
		return 0, nil
	}
	err = l.read.QueryRowContext(ctx, afterRows, e.in, e.owner, e.after).Scan(&sum)
	return sum, err
}

// Explained returns the first n movements of an Explanation after the one numbered
// after (0: from its beginning), oldest first. Their amounts are what Sums adds up.
func (l *Ledger) Explained(ctx context.Context, e Explanation, after int64, n int) ([]Income, error) {
	rows, err := l.read.QueryContext(ctx, incomeRows+explainedRows,
		e.owner, e.in, max(after, e.after), e.upTo, n)
	all, err := collect(rows, err, scanIncome)
	if err != nil {
		return nil, fmt.Errorf("explain payout %d: %w", e.Payout.ID, err)
	}
	return all, nil
}

// AccountPayouts returns the last n payouts to an account whose ID is below before
// (0: all), newest first, with what this account gets. With a status it is those in it;
// Confirmed is all that have arrived, so those, too, that were given up and adopted.
func (l *Ledger) AccountPayouts(ctx context.Context, pool, account string, status PayoutStatus, before int64, n int) ([]Payout, error) {
	if before == 0 {
		before = math.MaxInt64
	}
	return l.payouts(ctx, account, `JOIN payout_outputs o ON o.payout_id = y.id
		WHERE p.name = ?1 AND o.account_id = (SELECT id FROM accounts WHERE name = ?2) AND (?3 = '' OR y.status = ?3 OR ?3 = 'confirmed' AND y.adopted_at IS NOT NULL) AND o.payout_id < ?4
		ORDER BY o.payout_id DESC LIMIT ?5`, pool, account, string(status), before, n)
}
