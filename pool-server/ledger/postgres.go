package ledger

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// How long PostgreSQL may take. A change of the book takes milliseconds, a block's
// credits to 100,000 accounts some seconds.
const (
	connectLimit = 10 * time.Second // for a connection
	writeLimit   = 2 * time.Minute  // for a whole change of the book
	readLimit    = 10 * time.Minute // for one query: Check reads all of a big book
	quietLimit   = time.Minute      // for the next statement of a transaction; then the server takes us for dead
)

// writersLock is the advisory lock that the book's writers take, whichever server they
// belong to: "adit" in ASCII.
const writersLock = 0x61646974

func postgres() dialect {
	return dialect{
		migrations: "migrations/postgres/*.sql",
		// Each statement of READ COMMITTED sees what was committed before it: all that
		// is behind the lock sees what the writer before has done.
		begin:    fmt.Sprintf("BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(%d)", writersLock),
		snapshot: sql.LevelRepeatableRead,
		limit:    writeLimit,
		postgres: true,
		texts:    &sync.Map{},
	}
}

// isPostgres reports whether where is a PostgreSQL database, and no file.
func isPostgres(where string) bool {
	return strings.HasPrefix(where, "postgres://") || strings.HasPrefix(where, "postgresql://")
}

// shown is where without a password.
func shown(where string) string {
	if u, err := url.Parse(where); err == nil && isPostgres(where) {
		return u.Redacted()
	}
	if isPostgres(where) {
		return "of PostgreSQL"
	}
	return where
}

func (l *Ledger) openPostgres(ctx context.Context, where string) error {
	writer, reader, err := connections(where)
	if err != nil {
		return err
	}
	l.dialect = postgres()
	l.write = stdlib.OpenDB(*writer, stdlib.OptionAfterConnect(durable))
	l.write.SetMaxOpenConns(1)
	if err := l.connect(ctx); err != nil {
		return err
	}
	if err := suits(ctx, l.conn); err != nil {
		return err
	}
	if err := l.migratePostgres(ctx); err != nil {
		return err
	}
	l.openReader(stdlib.OpenDB(*reader))
	return l.read.PingContext(ctx)
}

// connections says how the book's writer and its readers connect.
func connections(where string) (writer, reader *pgx.ConnConfig, err error) {
	writer, err = pgx.ParseConfig(where) // its error hides the password
	if err != nil {
		return nil, nil, err
	}
	if writer.ConnectTimeout == 0 {
		writer.ConnectTimeout = connectLimit
	}
	// A peer that is gone without a word (a pulled cable) is noticed within a minute.
	dialer := net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 15 * time.Second, Count: 3}}
	writer.DialFunc = dialer.DialContext
	set := writer.RuntimeParams
	set["application_name"] = "adit-pool"
	set["client_encoding"] = "UTF8"
	set["idle_in_transaction_session_timeout"] = milliseconds(quietLimit)
	set["tcp_keepalives_idle"], set["tcp_keepalives_interval"], set["tcp_keepalives_count"] = "15", "15", "3"
	reader = writer.Copy()
	set["statement_timeout"] = milliseconds(writeLimit)
	reader.RuntimeParams["statement_timeout"] = milliseconds(readLimit)
	reader.RuntimeParams["default_transaction_read_only"] = "on"
	return writer, reader, nil
}

func milliseconds(d time.Duration) string { return fmt.Sprint(d.Milliseconds()) }

// durable sees to it that what is committed is on disk, whatever the server's files say
// for less important data. Stricter settings, for replicas, stay.
func durable(ctx context.Context, c *pgx.Conn) error {
	_, err := c.Exec(ctx, "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'")
	return err
}

// suits refuses a server that cannot hold a book.
func suits(ctx context.Context, c *sql.Conn) error {
	const oldest = 120000
	var version int
	var encoding string
	err := c.QueryRowContext(ctx, "SELECT current_setting('server_version_num')::int, current_setting('server_encoding')").Scan(&version, &encoding)
	switch {
	case err != nil:
		return err
	case version < oldest:
		return fmt.Errorf("PostgreSQL %d is too old: 12 or newer is needed", version/10000)
	case encoding != "UTF8":
		return fmt.Errorf("the database's encoding is %s: make one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0", encoding)
	}
	return nil
}

// migratePostgres does what migrate does. Two servers that start at once take turns.
func (l *Ledger) migratePostgres(ctx context.Context) error {
	t, err := l.conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer t.Rollback() // a crash or an error within leaves the old schema
	if _, err := t.ExecContext(ctx, fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", writersLock)); err != nil {
		return err
	}
	version, files, err := l.schema(ctx, t)
	if err != nil || version == len(files) {
		return err
	}
	for n := version; n < len(files); n++ {
		text, err := migrations.ReadFile(files[n])
		if err != nil {
			return err
		}
		if _, err := t.ExecContext(ctx, fmt.Sprintf("%s; INSERT INTO migrations VALUES (%d, %d)", text, n+1, now())); err != nil {
			return fmt.Errorf("migration %s: %w", files[n], err)
		}
	}
	return t.Commit()
}

// beginPostgres begins on the connection that there is, or makes one.
func (t tx) beginPostgres(ctx context.Context) error {
	if err := t.connect(ctx); err != nil {
		return err
	}
	_, err := t.conn.ExecContext(ctx, t.dialect.begin)
	if err != nil {
		t.drop()
	}
	return err
}

// drop gives up a connection that is broken, or in an unknown state.
func (t tx) drop() {
	_ = t.conn.Raw(func(any) error { return driver.ErrBadConn }) // it must not come back
	_ = t.disconnect()                                           // says that it was broken
}

// commitPostgres commits. To the COMMIT of a transaction in which a statement has
// failed PostgreSQL answers without an error that it has rolled it back.
func (t tx) commitPostgres(ctx context.Context) error {
	return t.conn.Raw(func(c any) error {
		tag, err := c.(*stdlib.Conn).Conn().Exec(ctx, "COMMIT")
		if err == nil && tag.String() != "COMMIT" {
			err = errors.New("a statement had failed before, and the database has taken all of it back")
		}
		return err
	})
}

// looseReferences makes a query for each reference between two tables, all of one column.
const looseReferences = `SELECT format(
	'SELECT ''%s row '' || c.ctid || '' refers to a missing row of %s'' FROM %s c LEFT JOIN %s p ON p.%I = c.%I WHERE c.%I IS NOT NULL AND p.%I IS NULL',
	k.conrelid::regclass, k.confrelid::regclass, k.conrelid::regclass, k.confrelid::regclass, p.attname, c.attname, c.attname, p.attname)
	FROM pg_constraint k
	JOIN pg_attribute c ON c.attrelid = k.conrelid AND c.attnum = k.conkey[1]
	JOIN pg_attribute p ON p.attrelid = k.confrelid AND p.attnum = k.confkey[1]
	WHERE k.contype = 'f' AND k.connamespace = current_schema()::regnamespace`

func postgresReferences(ctx context.Context, s querier) (faults []string, err error) {
	queries, err := texts(ctx, s, looseReferences)
	for _, q := range queries {
		more, err := texts(ctx, s, q)
		if err != nil {
			return nil, err
		}
		faults = append(faults, more...)
	}
	return faults, err
}
