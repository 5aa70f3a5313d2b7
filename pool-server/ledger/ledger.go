// Package ledger is the pool's book: which shares were made, which blocks were
// found, whose money is where, and every payout with the bytes that were signed.
// All SQL of the pool server is here.
//
// The book follows the share log: Apply takes one batch of the log together
// with its position, in one transaction, so that each share counts exactly once
// whatever crashes. Shares are summed per round, worker and ten minutes; the
// number of rows does not follow the number of shares. A block candidate ends
// its round and owns it, together with rounds that earlier blocks gave back.
//
// Money is double entry in integers: a movement in the journal has entries that
// add up to zero, which the database itself checks at commit; entries are never
// changed or deleted, balances are their sums. What comes undone (an orphaned
// block, a cancelled payout) is undone by counter-entries.
//
// The package decides nothing about who earns what or when to pay; that is
// pool-server/payouts. It starts no goroutines. Writers take turns, readers do
// not wait for them. A write either is done when its call returns nil, or is
// not done at all; a call that returns an error may be repeated, for every
// change of state is idempotent.
package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver named "sqlite"
)

// Errors that callers branch on.
var (
	// ErrNotFound is returned for an id or a pool that the book does not know.
	ErrNotFound = errors.New("not in the ledger")
	// ErrState is returned for a step that does not follow from where a block or a payout is.
	ErrState = errors.New("not possible in this state")
	// ErrClosed is returned for a write after Close.
	ErrClosed = errors.New("the ledger is closed")
)

// A Ledger is an open book. It is safe for concurrent use.
type Ledger struct {
	read  *sql.DB
	write *sql.DB
	turn  chan struct{} // holds one token; who takes it may use what is below. Closed with the book

	conn       *sql.Conn
	statements map[string]*sql.Stmt
	ids        ids
}

// Open opens the book at path, makes it if there is none, and brings its schema
// up to date. A book written by a newer version of this program is refused. The
// book's folder must exist.
func Open(ctx context.Context, path string) (*Ledger, error) {
	l := &Ledger{turn: make(chan struct{}, 1), statements: map[string]*sql.Stmt{}}
	l.turn <- struct{}{}
	if err := l.open(ctx, path); err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger %s: %w", path, err), l.Close())
	}
	return l, nil
}

func (l *Ledger) open(ctx context.Context, path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	// Made here and not by SQLite, which would let everybody read it.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if l.write, err = sql.Open("sqlite", dataSource(path, "rw", "journal_mode(WAL)", "synchronous(FULL)")); err != nil {
		return err
	}
	l.write.SetMaxOpenConns(1)
	if l.conn, err = l.write.Conn(ctx); err != nil {
		return err
	}
	if err := l.migrate(ctx); err != nil {
		return err
	}
	if l.read, err = sql.Open("sqlite", dataSource(path, "ro", "query_only(1)")); err != nil {
		return err
	}
	l.read.SetMaxOpenConns(4)
	return l.read.PingContext(ctx)
}

// dataSource names the file at the absolute path to the driver. Whoever else
// has the file open (the command line beside a running server) is waited for.
func dataSource(path, mode string, pragmas ...string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // C:/...
		path = "/" + path
	}
	q := url.Values{"mode": {mode}}
	q["_pragma"] = append([]string{"busy_timeout(10000)", "foreign_keys(1)"}, pragmas...)
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}

// Close closes the book, after a write that is under way. Closing it again is
// no error.
func (l *Ledger) Close() error {
	if _, ok := <-l.turn; !ok {
		return nil
	}
	close(l.turn)
	var errs []error
	for _, s := range l.statements {
		errs = append(errs, s.Close())
	}
	if l.conn != nil {
		errs = append(errs, l.conn.Close())
	}
	for _, db := range []*sql.DB{l.read, l.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// update runs change in a transaction. It returns nil once the disk has the
// change; otherwise nothing of it is left. ctx ends the wait for a turn; a
// change that has begun is finished, so that its outcome is never in doubt.
func (l *Ledger) update(ctx context.Context, change func(context.Context, tx) error) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case _, ok := <-l.turn:
		if !ok {
			return ErrClosed
		}
		defer func() { l.turn <- struct{}{} }()
	case <-ctx.Done():
		return ctx.Err()
	}
	t := tx{l}
	ctx = context.WithoutCancel(ctx)
	if err := t.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() {
		if err != nil {
			l.ids = ids{} // may hold numbers of rows that are gone now
			// After some errors (a full disk) SQLite has rolled back already and
			// says so; should it ever really fail, the next BEGIN does too.
			_ = t.exec(ctx, "ROLLBACK")
		}
	}()
	if err := change(ctx, t); err != nil {
		return err
	}
	if err := t.exec(ctx, "COMMIT"); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// tx is a running transaction of the one writer. It lives as long as the call
// of update that made it. The context that its methods get cannot end.
type tx struct{ *Ledger }

// statement prepares each query once for the writer's connection.
func (t tx) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := t.statements[query]; ok {
		return s, nil
	}
	s, err := t.conn.PrepareContext(ctx, query)
	if err == nil {
		t.statements[query] = s
	}
	return s, err
}

func (t tx) exec(ctx context.Context, query string, args ...any) error {
	s, err := t.statement(ctx, query)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(ctx, args...)
	return err
}

// insert runs an INSERT and returns the row's number.
func (t tx) insert(ctx context.Context, query string, args ...any) (int64, error) {
	s, err := t.statement(ctx, query)
	if err != nil {
		return 0, err
	}
	r, err := s.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return r.LastInsertId()
}

// get reads the one row of query into dest. No row is sql.ErrNoRows.
func (t tx) get(ctx context.Context, query string, args []any, dest ...any) error {
	s, err := t.statement(ctx, query)
	if err != nil {
		return err
	}
	return s.QueryRowContext(ctx, args...).Scan(dest...)
}

// list reads all rows of query within the transaction.
func list[T any](ctx context.Context, t tx, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	s, err := t.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(ctx, args...)
	return collect(rows, err, scan)
}

// collect closes rows when it has read them.
func collect[T any](rows *sql.Rows, err error, scan func(*sql.Rows) (T, error)) (all []T, _ error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// now is the time as the book writes it.
func now() int64 { return time.Now().UnixMilli() }

// date is the inverse of now.
func date(ms int64) time.Time { return time.UnixMilli(ms).UTC() }
