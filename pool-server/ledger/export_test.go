package ledger

import (
	"context"
	"time"
)

// Numbered is a query with PostgreSQL's placeholders.
func Numbered(query string) string { return numbered(query) }

// LimitWrites sets how long a change of a book in PostgreSQL may take.
func LimitWrites(l *Ledger, limit time.Duration) { l.dialect.limit = limit }

// Swallow makes a change that takes no notice of a statement that fails.
func Swallow(ctx context.Context, l *Ledger) error {
	return l.update(ctx, func(ctx context.Context, t tx) error {
		_ = t.exec(ctx, "INSERT INTO zero (amount) VALUES (1)")
		return nil
	})
}
