package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// The kinds of an Origin.
const (
	OriginBackup = "backup" // the book was restored from a backup
	OriginNOMP   = "nomp"   // it began with what a NOMP pool owed
)

// An Origin is where a book comes from besides its share log.
type Origin struct {
	Kind   string
	Source string    // the backup's name, or NOMP's folder
	Note   string    // what came
	Time   time.Time // when it came
}

// Origins returns where the book comes from, the oldest first.
func (l *Ledger) Origins(ctx context.Context) ([]Origin, error) {
	rows, err := l.read.QueryContext(ctx, "SELECT kind, source, note, made_at FROM origins ORDER BY id")
	return collect(rows, err, func(rows *sql.Rows) (o Origin, err error) {
		var made int64
		err = rows.Scan(&o.Kind, &o.Source, &o.Note, &made)
		o.Time = date(made)
		return o, err
	})
}

// origin writes an Origin down.
func (t tx) origin(ctx context.Context, kind, source, note string) error {
	_, err := t.insert(ctx, "INSERT INTO origins (kind, source, note, made_at) VALUES (?, ?, ?, ?)", kind, source, note, now())
	return err
}

// A LogMark is which share log the book follows.
type LogMark struct {
	Log      string // its identity; empty: not known
	Position uint64 // applied up to here
	Restored bool   // the book was restored, and no share log has come to it yet
}

// LogMark returns which share log the book follows.
func (l *Ledger) LogMark(ctx context.Context) (m LogMark, err error) {
	err = l.read.QueryRowContext(ctx, "SELECT log, position, CASE WHEN restored = 1 THEN 1 ELSE 0 END FROM consumer").
		Scan(&m.Log, &m.Position, &m.Restored)
	if err != nil {
		return LogMark{}, fmt.Errorf("read which share log the ledger follows: %w", err)
	}
	return m, nil
}

// FollowLog says which share log the book follows from now on.
func (l *Ledger) FollowLog(ctx context.Context, log string) error {
	err := l.update(ctx, func(ctx context.Context, t tx) error {
		return t.exec(ctx, "UPDATE consumer SET log = ?, restored = 0", log)
	})
	if err != nil {
		return fmt.Errorf("write down which share log the ledger follows: %w", err)
	}
	return nil
}

// MarkRestored says of a book that was filled from a backup that it was, and halts the
// payouts of all pools, for the wallet may have paid since. pools are those of the
// configuration. Payouts that were not signed are given up: on the machine that the
// backup is of they may have been signed and sent, and must not be made a second time.
// made is when the backup was: what the wallet has sent since is held against the book,
// also if nothing had been paid until then.
func (l *Ledger) MarkRestored(ctx context.Context, pools []string, source, reason string, made time.Time) error {
	return l.update(ctx, func(ctx context.Context, t tx) error { return t.markRestored(ctx, pools, source, reason, made) })
}

func (t tx) markRestored(ctx context.Context, pools []string, source, reason string, made time.Time) error {
	for _, name := range pools {
		if _, err := t.pool(ctx, name); err != nil {
			return fmt.Errorf("mark the ledger as restored: %w", err)
		}
	}
	const halt = `UPDATE pools SET halted_at = coalesce(halted_at, ?1),
		halted_reason = ?2 || CASE WHEN halted_at IS NULL THEN '' ELSE ' It was halted when the backup was made, too: ' || halted_reason END`
	if err := t.exec(ctx, halt, now(), reason); err != nil {
		return fmt.Errorf("halt the payouts of the restored ledger: %w", err)
	}
	if err := t.cancelIntents(ctx, "the ledger was restored from a backup before it was signed"); err != nil {
		return err
	}
	const watch = `INSERT INTO payment_marks (pool_id, name, at, block) SELECT p.id, 'watched', ?, '' FROM pools p
		WHERE NOT EXISTS (SELECT 1 FROM payouts y WHERE y.pool_id = p.id AND y.signed_at IS NOT NULL)
		ON CONFLICT (pool_id, name) DO NOTHING`
	if err := t.exec(ctx, watch, made.UnixMilli()); err != nil {
		return fmt.Errorf("mark from when on the wallet is watched: %w", err)
	}
	if err := t.exec(ctx, "UPDATE consumer SET restored = 1"); err != nil {
		return fmt.Errorf("mark the ledger as restored: %w", err)
	}
	return t.origin(ctx, OriginBackup, source, reason)
}

func (t tx) cancelIntents(ctx context.Context, reason string) error {
	open, err := list(ctx, t, scanPayout, payoutRows+"WHERE y.status = 'intent' ORDER BY y.id")
	if err != nil {
		return err
	}
	for _, p := range open {
		if p.Outputs, err = list(ctx, t, scanOutput, outputRows+"ORDER BY o.gross DESC, a.name", p.ID); err != nil {
			return err
		}
		if err := t.giveUp(ctx, p, "cancel", reason); err != nil {
			return fmt.Errorf("cancel payout %d: %w", p.ID, err)
		}
	}
	return nil
}
