package ledger

import (
	"context"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver named "sqlite"
)

// SQLite's writers wait for each other where a transaction begins, and not in the
// middle of it.
func sqlite() dialect {
	return dialect{migrations: "migrations/*.sql", begin: "BEGIN IMMEDIATE"}
}

func (l *Ledger) openSQLite(ctx context.Context, path string) error {
	l.dialect = sqlite()
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
	// Room for the pages that one batch of many miners changes: without it they are
	// written twice, and with a smaller log all over the file after each batch.
	if l.write, err = sql.Open("sqlite", dataSource(path, "rw", "journal_mode(WAL)", "synchronous(FULL)", "cache_size(-65536)", "wal_autocheckpoint(8000)")); err != nil {
		return err
	}
	l.write.SetMaxOpenConns(1)
	if l.conn, err = l.write.Conn(ctx); err != nil {
		return err
	}
	if err := l.migrate(ctx); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", dataSource(path, "ro", "query_only(1)"))
	if err != nil {
		return err
	}
	l.openReader(db)
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
