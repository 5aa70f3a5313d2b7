package ledger

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A dialect is what differs between the databases that a book may lie in. The SQL of
// this package is written for both, with SQLite's placeholders.
type dialect struct {
	migrations string             // where its scripts are
	begin      string             // begins a transaction of the one writer
	snapshot   sql.IsolationLevel // of a transaction that reads one state of the book
	limit      time.Duration      // of a change of the book; 0: it ends by itself
	postgres   bool
	texts      *sync.Map // queries as this database has them, by what we write
}

// text returns query with the placeholders that the database knows.
func (d dialect) text(query string) string {
	if !d.postgres {
		return query
	}
	if known, ok := d.texts.Load(query); ok {
		return known.(string)
	}
	text := numbered(query)
	d.texts.Store(query, text)
	return text
}

// numbered writes ?1 as $1, and each ? as the next number. What is quoted stays.
func numbered(query string) string {
	var b strings.Builder
	quote := byte(0) // what ends the quotes that we are in
	count := 0
	for i := 0; i < len(query); i++ {
		c := query[i]
		switch {
		case quote != 0: // within quotes; a doubled one ends them and begins them again
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '?':
			b.WriteByte('$')
			if i+1 == len(query) || query[i+1] < '0' || query[i+1] > '9' {
				count++
				b.WriteString(strconv.Itoa(count))
			}
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// bound returns the context of a change. The caller's end does not end it, so that its
// outcome is not in doubt without need; but a server that hangs must not hold the turn
// of all others for ever.
func (d dialect) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx = context.WithoutCancel(ctx)
	if d.limit == 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, d.limit)
}

// arguments returns args as the database takes them. PostgreSQL has truth values that
// are no numbers, and no zero bytes in its texts: a reason that quotes a daemon's
// garbage must be written down all the same.
func (d dialect) arguments(args []any) []any {
	if !d.postgres {
		return args
	}
	for i, a := range args {
		switch a := a.(type) {
		case bool:
			args[i] = int64(0)
			if a {
				args[i] = int64(1)
			}
		case string:
			args[i] = strings.ReplaceAll(strings.ToValidUTF8(a, "\uFFFD"), "\x00", "\uFFFD")
		}
	}
	return args
}

// A querier is a transaction that reads.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// A reader reads the book beside its writer.
type reader struct {
	*sql.DB
	dialect dialect
}

// QueryContext is sql.DB's, for a query as this package writes it.
func (r *reader) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return r.DB.QueryContext(ctx, r.dialect.text(query), args...)
}

// QueryRowContext is sql.DB's, for a query as this package writes it.
func (r *reader) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return r.DB.QueryRowContext(ctx, r.dialect.text(query), args...)
}

// snapshot begins a transaction that sees one state of the book to its end.
func (r *reader) snapshot(ctx context.Context) (*state, error) {
	t, err := r.BeginTx(ctx, &sql.TxOptions{Isolation: r.dialect.snapshot, ReadOnly: true})
	return &state{t, r.dialect}, err
}

// A state is the book as it was at one moment.
type state struct {
	*sql.Tx
	dialect dialect
}

// QueryContext is sql.Tx's, for a query as this package writes it.
func (s *state) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return s.Tx.QueryContext(ctx, s.dialect.text(query), args...)
}

// QueryRowContext is sql.Tx's, for a query as this package writes it.
func (s *state) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return s.Tx.QueryRowContext(ctx, s.dialect.text(query), args...)
}
