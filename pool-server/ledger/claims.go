package ledger

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/adit-mining/adit/wallet/coin"
)

// A Claim is an account that has something to get, and what keeps it from getting it.
type Claim struct {
	Account  string
	Balance  coin.Amount // payable
	Immature coin.Amount
	Minimum  coin.Amount // its own; 0: it has none
	Held     string      // why the operator holds it; empty: he does not
	Bad      string      // why it could not be paid when that was last tried
}

// Claims returns the accounts of pool that have something to get, those with the
// largest balance first.
func (l *Ledger) Claims(ctx context.Context, pool string) ([]Claim, error) {
	rows, err := l.read.QueryContext(ctx, `SELECT a.name, c.balance, c.immature, coalesce(m.minimum, 0), coalesce(o.reason, ''), coalesce(h.reason, '')
		FROM (SELECT b.pool_id, b.account_id, max(CASE WHEN b.kind = 'balance' THEN b.amount ELSE 0 END) AS balance,
				max(CASE WHEN b.kind = 'immature' THEN b.amount ELSE 0 END) AS immature
			FROM balances b WHERE b.pool_id = (SELECT id FROM pools WHERE name = ?) AND b.kind IN ('balance', 'immature') AND b.amount > 0
			GROUP BY b.pool_id, b.account_id) c
		JOIN accounts a ON a.id = c.account_id
		LEFT JOIN payout_minimums m ON m.pool_id = c.pool_id AND m.account_id = c.account_id
		LEFT JOIN operator_holds o ON o.pool_id = c.pool_id AND o.account_id = c.account_id
		LEFT JOIN holds h ON h.pool_id = c.pool_id AND h.account_id = c.account_id
		WHERE a.name NOT LIKE '@%' ORDER BY c.balance DESC, a.name`, pool)
	all, err := collect(rows, err, func(rows *sql.Rows) (c Claim, err error) {
		err = rows.Scan(&c.Account, &c.Balance, &c.Immature, &c.Minimum, &c.Held, &c.Bad)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("claims of %s: %w", pool, err)
	}
	return all, nil
}
