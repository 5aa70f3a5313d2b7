package ledger

import (
	"context"
	"errors"
	"time"

	"github.com/adit-mining/adit/wallet/coin"
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

// CreatePayout begins a payout to those who are due, the largest first, as far as
// they fit; it returns nil if nobody is.
func (l *Ledger) CreatePayout(ctx context.Context, pool string, minimum coin.Amount, addressOf func(account string) (string, error)) (*Payout, error) {
	due, err := l.Due(ctx, pool, Demand{Minimum: minimum})
	var outputs []PayoutOutput
	bad := map[string]string{}
	for _, o := range due {
		switch o.Address, err = addressOf(o.Account); {
		case errors.Is(err, ErrNotNow):
			return nil, err
		case err != nil:
			bad[o.Account] = err.Error()
		case len(outputs) < MaxOutputs:
			outputs = append(outputs, o)
		}
		err = nil
	}
	if err = errors.Join(err, l.NoteUnpayable(ctx, pool, bad)); err != nil || len(outputs) == 0 {
		return nil, err
	}
	p, err := l.BeginPayout(ctx, pool, outputs)
	if err != nil {
		return nil, err
	}
	return &p, nil
}

// Queries are those that a book in PostgreSQL has been asked since it was opened, as
// this package writes them.
func Queries(l *Ledger) (all []string) {
	l.dialect.texts.Range(func(query, _ any) bool {
		all = append(all, query.(string))
		return true
	})
	return all
}
