package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// An AuditEntry is something that an operator did, or that somebody tried as one.
type AuditEntry struct {
	ID      int64     `json:"id"`
	At      time.Time `json:"at"`
	Who     string    `json:"who"`     // a session, or who was at the command line; empty: a stranger
	Source  string    `json:"source"`  // network address; empty: this computer's command line
	Action  string    `json:"action"`  // one word or two
	Pool    string    `json:"pool"`    // empty: it was about no pool
	Subject string    `json:"subject"` // a payout, a block, an account
	Reason  string    `json:"reason"`  // in the operator's words
	Outcome string    `json:"outcome"` // empty: the server ended in the middle of it
}

// maxAuditText bounds each text of an entry, in bytes: strangers write some of them.
const maxAuditText = 4000

// BeginAudit writes down what is about to be done, before it is. Of the entry ID, At
// and Outcome do not count; EndAudit tells the outcome.
func (l *Ledger) BeginAudit(ctx context.Context, e AuditEntry) (id int64, err error) {
	err = l.update(ctx, func(ctx context.Context, t tx) (err error) {
		id, err = t.beginAudit(ctx, e)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("audit log: %w", err)
	}
	return id, nil
}

// EndAudit writes down what came of an entry of BeginAudit. The first outcome stays.
func (l *Ledger) EndAudit(ctx context.Context, id int64, outcome string) error {
	err := l.update(ctx, func(ctx context.Context, t tx) error { return t.endAudit(ctx, id, outcome) })
	if err != nil {
		return fmt.Errorf("audit log, entry %d: %w", id, err)
	}
	return nil
}

// Audit writes down something that has been done, with its outcome.
func (l *Ledger) Audit(ctx context.Context, e AuditEntry) error {
	err := l.update(ctx, func(ctx context.Context, t tx) error {
		id, err := t.beginAudit(ctx, e)
		if err != nil {
			return err
		}
		return t.endAudit(ctx, id, e.Outcome)
	})
	if err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	return nil
}

func (t tx) beginAudit(ctx context.Context, e AuditEntry) (int64, error) {
	return t.insert(ctx, "INSERT INTO audit (at, who, source, action, pool, subject, reason) VALUES (?, ?, ?, ?, ?, ?, ?)",
		now(), cut(e.Who), cut(e.Source), cut(e.Action), cut(e.Pool), cut(e.Subject), cut(e.Reason))
}

func (t tx) endAudit(ctx context.Context, id int64, outcome string) error {
	return t.exec(ctx, "INSERT INTO audit_outcomes (audit_id, at, outcome) VALUES (?, ?, ?) ON CONFLICT (audit_id) DO NOTHING", id, now(), cut(outcome))
}

func cut(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), maxAuditText)], "\uFFFD")
}

// AuditLog returns the last n entries of the audit log, newest first; 0 means all.
func (l *Ledger) AuditLog(ctx context.Context, n int) ([]AuditEntry, error) {
	query, args := `SELECT a.id, a.at, a.who, a.source, a.action, a.pool, a.subject, a.reason, coalesce(o.outcome, '')
		FROM audit a LEFT JOIN audit_outcomes o ON o.audit_id = a.id ORDER BY a.id DESC`, []any(nil)
	if n > 0 {
		query, args = query+" LIMIT ?", []any{n}
	}
	rows, err := l.read.QueryContext(ctx, query, args...)
	all, err := collect(rows, err, func(rows *sql.Rows) (e AuditEntry, err error) {
		var at int64
		err = rows.Scan(&e.ID, &at, &e.Who, &e.Source, &e.Action, &e.Pool, &e.Subject, &e.Reason, &e.Outcome)
		e.At = date(at)
		return e, err
	})
	if err != nil {
		return nil, fmt.Errorf("audit log: %w", err)
	}
	return all, nil
}
