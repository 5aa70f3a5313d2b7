package ledger

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrate brings the schema up to date: migration N, counted from 1 in the order
// of the files' names, runs once, in one transaction with the note that it has.
func (l *Ledger) migrate(ctx context.Context) error {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	version, err := l.schema(ctx)
	if err != nil {
		return err
	}
	if version > len(files) {
		return fmt.Errorf("written by a newer version: its schema is %d, this program knows %d", version, len(files))
	}
	if version == len(files) {
		return nil
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

// schema returns the number of the last migration that ran, 0 for a new book.
func (l *Ledger) schema(ctx context.Context) (version int, err error) {
	const table = "CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY, done_at INTEGER NOT NULL)"
	if _, err := l.conn.ExecContext(ctx, table); err != nil {
		return 0, err
	}
	err = l.conn.QueryRowContext(ctx, "SELECT coalesce(max(version), 0) FROM migrations").Scan(&version)
	return version, err
}
