package ledger

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
)

//go:embed migrations/*.sql migrations/postgres/*.sql
var migrations embed.FS

// newest is the number of the last migration.
func newest() int {
	files, _ := fs.Glob(migrations, sqlite().migrations) // the pattern is sound
	return len(files)
}

// migrate brings the schema of SQLite up to date: migration N, counted from 1 in the order
// of the files' names, runs once, in one transaction with the note that it has.
func (l *Ledger) migrate(ctx context.Context) error {
	version, files, err := l.schema(ctx, l.conn)
	if err != nil || version == len(files) {
		return err
	}
	// A table that others refer to can only be made anew while nobody looks; each
	// migration is looked over as a whole before it counts.
	if _, err := l.conn.ExecContext(ctx, "PRAGMA foreign_keys = 0"); err != nil {
		return err
	}
	for n := version; n < len(files); n++ {
		if err := l.step(ctx, files[n], n+1); err != nil {
			_, _ = l.conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") // there may be none
			return fmt.Errorf("migration %s: %w", files[n], err)
		}
	}
	_, err = l.conn.ExecContext(ctx, "PRAGMA foreign_keys = 1")
	return err
}

// step runs one migration. A crash within leaves the old schema, and the next start
// begins again.
func (l *Ledger) step(ctx context.Context, file string, version int) error {
	text, err := migrations.ReadFile(file)
	if err != nil {
		return err
	}
	if _, err := l.conn.ExecContext(ctx, fmt.Sprintf("BEGIN IMMEDIATE; %s; INSERT INTO migrations VALUES (%d, %d);", text, version, now())); err != nil {
		return err
	}
	var loose int
	if err := l.conn.QueryRowContext(ctx, "SELECT count(*) FROM pragma_foreign_key_check").Scan(&loose); err != nil {
		return err
	}
	if loose > 0 {
		return fmt.Errorf("%d references lead nowhere", loose)
	}
	_, err = l.conn.ExecContext(ctx, "COMMIT")
	return err
}

// schema returns the number of the last migration that ran, 0 for a new book, and the
// files of all that there are.
func (l *Ledger) schema(ctx context.Context, db interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}) (version int, files []string, err error) {
	if files, err = fs.Glob(migrations, l.dialect.migrations); err != nil {
		return 0, nil, err
	}
	if l.upTo > len(files) {
		return 0, nil, fmt.Errorf("it is of a newer version: its schema is %d, this program knows %d", l.upTo, len(files))
	}
	if l.upTo > 0 {
		files = files[:l.upTo]
	}
	const table = "CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, done_at BIGINT NOT NULL)"
	if _, err := db.ExecContext(ctx, table); err != nil {
		return 0, nil, err
	}
	err = db.QueryRowContext(ctx, "SELECT coalesce(max(version), 0) FROM migrations").Scan(&version)
	if err == nil && version > len(files) {
		err = fmt.Errorf("written by a newer version: its schema is %d, this program knows %d", version, len(files))
	}
	return version, files, err
}
