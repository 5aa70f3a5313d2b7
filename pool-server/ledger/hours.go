package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/adit-mining/adit/miners/pow"
)

// An Hour is what a worker, or with an empty Account a whole pool, did in one hour.
type Hour struct {
	Pool, Account, Worker string
	Start                 time.Time // a full hour
	Hashrate              pow.Hashrate
	Accepted, Rejected    int64
}

// SaveHours writes down finished hours. An hour that is there already is
// replaced, as after a restart within it.
func (l *Ledger) SaveHours(ctx context.Context, hours []Hour) error {
	err := l.update(ctx, func(ctx context.Context, t tx) error {
		for _, h := range hours {
			pool, err := t.pool(ctx, h.Pool)
			if err != nil {
				return err
			}
			var worker int64
			if h.Account != "" {
				if worker, err = t.worker(ctx, h.Account, h.Worker); err != nil {
					return err
				}
			}
			if err := t.exec(ctx, `INSERT INTO hours (pool_id, worker_id, start, hashrate, accepted, rejected) VALUES (?, ?, ?, ?, ?, ?)
				ON CONFLICT (pool_id, worker_id, start) DO UPDATE SET hashrate = excluded.hashrate, accepted = excluded.accepted, rejected = excluded.rejected`,
				pool, worker, h.Start.Unix()/3600, float64(h.Hashrate), h.Accepted, h.Rejected); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("save hours: %w", err)
	}
	return nil
}

// Hours returns the hours of a worker, or with an empty account of the pool,
// that began at since or later, oldest first.
func (l *Ledger) Hours(ctx context.Context, pool, account, worker string, since time.Time) ([]Hour, error) {
	rows, err := l.read.QueryContext(ctx, `SELECT start, hashrate, accepted, rejected FROM hours
		WHERE pool_id = (SELECT id FROM pools WHERE name = ?1) AND start >= ?4
		AND worker_id = CASE ?2 WHEN '' THEN 0 ELSE (SELECT w.id FROM workers w JOIN accounts a ON a.id = w.account_id WHERE a.name = ?2 AND w.name = ?3) END
		ORDER BY start`, pool, account, worker, (since.Unix()+3599)/3600)
	return collect(rows, err, func(rows *sql.Rows) (Hour, error) {
		h := Hour{Pool: pool, Account: account, Worker: worker}
		var start int64
		err := rows.Scan(&start, &h.Hashrate, &h.Accepted, &h.Rejected)
		h.Start = time.Unix(start*3600, 0).UTC()
		return h, err
	})
}
