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
	"time"
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
	dialect dialect
	read    *reader
	write   *sql.DB
	turn    chan struct{} // holds one token; who takes it may use what is below. Closed with the book

	upTo int // the schema to stop at; 0: the newest

	conn       *sql.Conn // nil: the connection broke, and the next change makes a new one
	statements map[string]*sql.Stmt
	ids        ids
}

// Open opens the book that lies at where, makes it if there is none, and brings its
// schema up to date. A book written by a newer version of this program is refused.
// where is a file of SQLite, whose folder must exist, or postgres://… for a database
// of PostgreSQL, which must exist.
func Open(ctx context.Context, where string) (*Ledger, error) { return openAt(ctx, where, 0) }

// openAt is Open for a book that stays at an old schema.
func openAt(ctx context.Context, where string, schema int) (*Ledger, error) {
	l := &Ledger{upTo: schema, turn: make(chan struct{}, 1), statements: map[string]*sql.Stmt{}}
	l.turn <- struct{}{}
	open := l.openSQLite
	if isPostgres(where) {
		open = l.openPostgres
	}
	if err := open(ctx, where); err != nil {
		return nil, errors.Join(fmt.Errorf("open ledger %s: %w", shown(where), err), l.Close())
	}
	return l, nil
}

func (l *Ledger) openReader(db *sql.DB) {
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(4)
	l.read = &reader{db, l.dialect}
}

// Close closes the book, after a write that is under way. Closing it again is
// no error.
func (l *Ledger) Close() error {
	if _, ok := <-l.turn; !ok {
		return nil
	}
	close(l.turn)
	errs := []error{l.disconnect()}
	if l.read != nil {
		errs = append(errs, l.read.Close())
	}
	if l.write != nil {
		errs = append(errs, l.write.Close())
	}
	return errors.Join(errs...)
}

// connect makes the writer's connection, if there is none.
func (l *Ledger) connect(ctx context.Context) (err error) {
	if l.conn == nil {
		l.conn, err = l.write.Conn(ctx)
	}
	return err
}

// disconnect drops the writer's connection and what was prepared on it.
func (l *Ledger) disconnect() error {
	if l.conn == nil {
		return nil
	}
	var errs []error
	for _, s := range l.statements {
		errs = append(errs, s.Close())
	}
	clear(l.statements)
	errs = append(errs, l.conn.Close())
	l.conn = nil
	return errors.Join(errs...)
}

// update runs change in a transaction. It returns nil once the disk has the
// change. ctx ends the wait for a turn; a change that has begun is finished, so
// that its outcome is not in doubt. After an error nothing of it is left, but for one
// case: a connection to PostgreSQL that breaks before COMMIT is answered. So every
// change has to stand being made again.
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
	ctx, end := l.dialect.bound(ctx)
	defer end()
	if err := t.begin(ctx); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() {
		if err != nil {
			l.ids = ids{} // may hold numbers of rows that are gone now
			t.rollback(ctx)
		}
	}()
	if err := change(ctx, t); err != nil {
		return err
	}
	if err := t.commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// tx is a running transaction of the one writer. It lives as long as the call
// of update that made it. The context that its methods get cannot end.
type tx struct{ *Ledger }

// begin begins the transaction. A connection to PostgreSQL may have broken since it was
// last used; nothing is lost then, and a new one is tried at once.
func (t tx) begin(ctx context.Context) error {
	if !t.dialect.postgres {
		return t.exec(ctx, t.dialect.begin)
	}
	err := t.beginPostgres(ctx)
	if err != nil && ctx.Err() == nil {
		err = t.beginPostgres(ctx)
	}
	return err
}

func (t tx) commit(ctx context.Context) error {
	if !t.dialect.postgres {
		return t.exec(ctx, "COMMIT")
	}
	return t.commitPostgres(ctx)
}

func (t tx) rollback(ctx context.Context) {
	if !t.dialect.postgres {
		// After some errors (a full disk) SQLite has rolled back already and
		// says so; should it ever really fail, the next BEGIN does too.
		_ = t.exec(ctx, "ROLLBACK")
		return
	}
	if _, err := t.conn.ExecContext(ctx, "ROLLBACK"); err != nil {
		t.drop()
	}
}

// statement prepares each query once for the writer's connection.
func (t tx) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := t.statements[query]; ok {
		return s, nil
	}
	s, err := t.conn.PrepareContext(ctx, t.dialect.text(query))
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
	_, err = s.ExecContext(ctx, t.dialect.arguments(args)...)
	return err
}

// insert runs an INSERT and returns the row's number.
func (t tx) insert(ctx context.Context, query string, args ...any) (id int64, err error) {
	if t.dialect.postgres {
		err = t.get(ctx, query+" RETURNING id", args, &id)
		return id, err
	}
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
	return s.QueryRowContext(ctx, t.dialect.arguments(args)...).Scan(dest...)
}

// list reads all rows of query within the transaction.
func list[T any](ctx context.Context, t tx, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	s, err := t.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	rows, err := s.QueryContext(ctx, t.dialect.arguments(args)...)
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
