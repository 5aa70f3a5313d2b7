package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// ErrCorrupt is returned by Check for each invariant that does not hold.
var ErrCorrupt = errors.New("the ledger contradicts itself")

// invariants are queries that must find nothing. Each row that one finds is
// a sentence about what is wrong.
var invariants = []struct{ name, query string }{
	{"every movement adds up to zero", `
		SELECT 'movement ' || j.id || ' adds up to ' || coalesce(sum(e.amount), 0) || ', its total says ' || j.total
		FROM journal j LEFT JOIN entries e ON e.journal_id = j.id GROUP BY j.id HAVING coalesce(sum(e.amount), 0) <> 0 OR j.total <> 0`},
	{"balances are the sums of entries", `
		WITH sums AS (SELECT j.pool_id, e.kind, e.account_id, sum(e.amount) AS amount FROM journal j JOIN entries e ON e.journal_id = j.id GROUP BY 1, 2, 3)
		SELECT b.kind || ' of account ' || b.account_id || ' is ' || b.amount || ', its entries add up to ' || coalesce(s.amount, 0)
		FROM balances b LEFT JOIN sums s USING (pool_id, kind, account_id) WHERE b.amount <> coalesce(s.amount, 0)
		UNION ALL SELECT s.kind || ' of account ' || s.account_id || ' has entries but no balance'
		FROM sums s LEFT JOIN balances b USING (pool_id, kind, account_id) WHERE b.kind IS NULL`},
	{"a pool's money adds up to zero", `
		SELECT 'pool ' || pool_id || ' adds up to ' || sum(amount) FROM balances GROUP BY pool_id HAVING sum(amount) <> 0`},
	{"nobody owes the pool", `
		SELECT kind || ' of account ' || account_id || ' is ' || amount FROM balances WHERE kind NOT IN ('reward', 'reserve', 'loss') AND amount < 0`},
	{"a block's credits are its reward, an orphan's are nothing", `
		WITH held AS (SELECT j.block_id, sum(CASE WHEN e.kind = 'reward' THEN -e.amount ELSE 0 END) AS all_of_it,
			sum(CASE WHEN e.kind = 'immature' THEN e.amount ELSE 0 END) AS immature
			FROM journal j JOIN entries e ON e.journal_id = j.id WHERE j.block_id IS NOT NULL GROUP BY 1)
		SELECT 'block ' || b.id || ' is ' || b.status || ', its reward ' || b.reward || ', credited ' || coalesce(h.all_of_it, 0) || ', immature ' || coalesce(h.immature, 0)
		FROM blocks b LEFT JOIN held h ON h.block_id = b.id
		WHERE coalesce(h.all_of_it, 0) <> CASE WHEN b.status IN ('immature', 'matured') THEN b.reward ELSE 0 END
		OR coalesce(h.immature, 0) <> CASE WHEN b.status = 'immature' THEN b.reward ELSE 0 END`},
	{"what is being paid is what open payouts hold", `
		WITH held AS (SELECT y.pool_id, o.account_id, sum(o.gross) AS amount FROM payouts y JOIN payout_outputs o ON o.payout_id = y.id
			WHERE y.status IN ('intent', 'signed', 'sent') GROUP BY 1, 2),
		booked AS (SELECT pool_id, account_id, amount FROM balances WHERE kind = 'paying' AND amount <> 0)
		SELECT 'account ' || account_id || ' has ' || coalesce(b.amount, 0) || ' in payment, its open payouts hold ' || coalesce(h.amount, 0)
		FROM held h FULL JOIN booked b USING (pool_id, account_id) WHERE h.amount IS DISTINCT FROM b.amount`},
	{"what is paid is what confirmed payouts brought, and what was paid before the book began", `
		WITH brought AS (SELECT pool_id, account_id, sum(amount) AS amount FROM (
			SELECT y.pool_id, o.account_id, o.net AS amount FROM payouts y JOIN payout_outputs o ON o.payout_id = y.id
			WHERE y.status = 'confirmed' OR y.adopted_at IS NOT NULL
			UNION ALL SELECT j.pool_id, e.account_id, e.amount FROM journal j JOIN entries e ON e.journal_id = j.id
			WHERE j.cause = 'import' AND e.kind = 'paid') each_of_them GROUP BY 1, 2),
		booked AS (SELECT pool_id, account_id, amount FROM balances WHERE kind = 'paid' AND amount <> 0)
		SELECT 'account ' || account_id || ' has ' || coalesce(b.amount, 0) || ' paid, its payouts brought ' || coalesce(h.amount, 0)
		FROM brought h FULL JOIN booked b USING (pool_id, account_id) WHERE h.amount IS DISTINCT FROM b.amount`},
	{"transaction fees are those of the payouts that are paid", `
		SELECT 'pool ' || p.id || ' has other transaction fees than its payouts' FROM pools p
		WHERE coalesce((SELECT sum(amount) FROM balances WHERE pool_id = p.id AND kind = 'txfee'), 0)
			<> coalesce((SELECT sum(y.fee) FROM payouts y WHERE y.pool_id = p.id AND (y.status = 'confirmed' OR y.adopted_at IS NOT NULL)), 0)`},
	{"accounts bear no more of a fee than it is", `
		SELECT 'payout ' || y.id || ' cost ' || y.fee || ', its accounts bore ' || sum(o.gross - o.net)
		FROM payouts y JOIN payout_outputs o ON o.payout_id = y.id WHERE y.status IN ('signed', 'sent', 'confirmed')
		GROUP BY y.id, y.fee HAVING sum(o.gross - o.net) > y.fee`},
	{"a signed payout says what arrives", `
		SELECT 'payout ' || y.id || ' is ' || y.status || ', but account ' || o.account_id || ' has no net amount'
		FROM payouts y JOIN payout_outputs o ON o.payout_id = y.id WHERE y.status IN ('signed', 'sent', 'confirmed') AND o.net IS NULL`},
	{"an orphan owns no shares, unless the pool paid for them", `
		SELECT 'round ' || r.id || ' belongs to orphan ' || b.id FROM rounds r JOIN blocks b ON b.id = r.owner_id
		WHERE b.status = 'orphaned' AND NOT EXISTS (SELECT 1 FROM journal j WHERE j.block_id = b.id AND j.cause = 'loss')`},
	{"the sums of shares agree", `
		SELECT 'round ' || r.id || ' says ' || r.shares || ' shares' FROM rounds r
		WHERE r.shares <> coalesce((SELECT sum(shares) FROM shares WHERE round_id = r.id), 0)
		UNION ALL SELECT 'pool ' || p.id || ' has other totals of workers than of rounds' FROM pools p
		WHERE coalesce((SELECT sum(shares) FROM totals WHERE pool_id = p.id), 0) <> coalesce((SELECT sum(shares) FROM rounds WHERE pool_id = p.id), 0)
		UNION ALL SELECT 'pool ' || p.id || ' counts ' || p.shares || ' shares of ' || p.accounts || ' accounts' FROM pools p
		WHERE p.shares <> coalesce((SELECT sum(shares) FROM rounds WHERE pool_id = p.id), 0) OR p.accounts <> (SELECT count(DISTINCT w.account_id)
			FROM totals t JOIN workers w ON w.id = t.worker_id WHERE t.pool_id = p.id)`},
}

// An Invariant is something that always holds of a sound book.
type Invariant struct {
	Name   string
	Faults []string // sentences about what is wrong; empty: it holds
}

// Invariants looks at every invariant of the book on one state of it, while others
// may go on writing. The error is what could not be looked at.
func (l *Ledger) Invariants(ctx context.Context) ([]Invariant, error) {
	s, err := l.read.snapshot(ctx)
	if err != nil {
		return nil, fmt.Errorf("check: %w", err)
	}
	defer s.Rollback() // nothing was written
	return check(ctx, s, l.dialect)
}

// check is Invariants within a transaction.
func check(ctx context.Context, s querier, d dialect) (all []Invariant, err error) {
	var errs []error
	report := func(name string, faults []string, err error) {
		if err != nil {
			errs = append(errs, fmt.Errorf("check that %s: %w", name, err))
			faults = append(faults, "it could not be looked at: "+err.Error())
		}
		all = append(all, Invariant{name, faults})
	}
	for _, i := range invariants {
		faults, err := texts(ctx, s, i.query)
		report(i.name, faults, err)
	}
	faults, err := references(ctx, s, d)
	report("references lead somewhere", faults, err)
	if !d.postgres {
		faults, err = texts(ctx, s, "SELECT quick_check FROM pragma_quick_check WHERE quick_check <> 'ok'")
		report("the file is sound", faults, err)
	}
	return all, errors.Join(errs...)
}

// Check proves every invariant of the book. The error names all that do not hold.
func (l *Ledger) Check(ctx context.Context) error { return broken(l.Invariants(ctx)) }

// broken is the error that names all invariants that do not hold.
func broken(all []Invariant, err error) error {
	errs := []error{err}
	for _, i := range all {
		for _, fault := range i.Faults {
			errs = append(errs, fmt.Errorf("%w: %s: %s", ErrCorrupt, i.Name, fault))
		}
	}
	return errors.Join(errs...)
}

// texts returns the rows of query, which has one column.
func texts(ctx context.Context, s querier, query string) ([]string, error) {
	rows, err := s.QueryContext(ctx, query)
	return collect(rows, err, func(rows *sql.Rows) (text string, err error) {
		err = rows.Scan(&text)
		return text, err
	})
}

// references finds references that lead nowhere. The database sees to them itself,
// unless somebody who may has told it not to.
func references(ctx context.Context, s querier, d dialect) ([]string, error) {
	if d.postgres {
		return postgresReferences(ctx, s)
	}
	return texts(ctx, s, `SELECT "table" || ' row ' || coalesce(rowid, 0) || ' refers to a missing row of ' || parent FROM pragma_foreign_key_check`)
}
