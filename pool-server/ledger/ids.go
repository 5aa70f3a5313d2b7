package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// The pool's own accounts. No miner can be called so.
const (
	PoolAccount = "@pool" // rewards come from it, transaction fees go to it
	FeeAccount  = "@fee"  // the pool's fee of a block
	DustAccount = "@dust" // units that no split could deal out
)

// maxIDs bounds each map of ids: beyond it, names are looked up anew, which takes three
// times as long as the share itself. A million accounts take 250 MB in all.
const maxIDs = 1_000_000

// ids remembers the numbers of names, which never change.
type ids struct {
	pools, accounts map[string]int64
	workers         map[[2]string]int64
	counted         map[[2]int64]int64 // accounts that are counted for a pool; the number is not used
}

// remember keeps id under name in a map that never grows beyond maxIDs.
func remember[K comparable](m *map[K]int64, name K, id int64) {
	if *m == nil || len(*m) >= maxIDs {
		*m = map[K]int64{}
	}
	(*m)[name] = id
}

// pool returns the number of a pool, which it makes if it is new.
func (t tx) pool(ctx context.Context, name string) (int64, error) {
	if id, ok := t.ids.pools[name]; ok {
		return id, nil
	}
	id, err := t.idOf(ctx, "SELECT id FROM pools WHERE name = ?", "INSERT INTO pools (name) VALUES (?)", name)
	if err == nil {
		remember(&t.ids.pools, name, id)
	}
	return id, err
}

// account returns the number of an account, which it makes if it is new.
func (t tx) account(ctx context.Context, name string) (int64, error) {
	if id, ok := t.ids.accounts[name]; ok {
		return id, nil
	}
	id, err := t.idOf(ctx, "SELECT id FROM accounts WHERE name = ?", "INSERT INTO accounts (name) VALUES (?)", name)
	if err == nil {
		remember(&t.ids.accounts, name, id)
	}
	return id, err
}

// worker returns the number of a worker, which it makes if it is new.
func (t tx) worker(ctx context.Context, account, name string) (int64, error) {
	key := [2]string{account, name}
	if id, ok := t.ids.workers[key]; ok {
		return id, nil
	}
	owner, err := t.account(ctx, account)
	if err != nil {
		return 0, err
	}
	id, err := t.idOf(ctx, "SELECT id FROM workers WHERE account_id = ? AND name = ?",
		"INSERT INTO workers (account_id, name) VALUES (?, ?)", owner, name)
	if err == nil {
		remember(&t.ids.workers, key, id)
	}
	return id, err
}

func (t tx) idOf(ctx context.Context, find, make string, args ...any) (id int64, err error) {
	err = t.get(ctx, find, args, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return t.insert(ctx, make, args...)
	}
	return id, err
}

// poolID returns the number of a pool for readers, 0 if nothing was ever booked for it.
func (l *Ledger) poolID(ctx context.Context, name string) (id int64, err error) {
	err = l.read.QueryRowContext(ctx, "SELECT id FROM pools WHERE name = ?", name).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("pool %s: %w", name, err)
	}
	return id, nil
}
