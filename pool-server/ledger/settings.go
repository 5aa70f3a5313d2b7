package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// AccountSettings is what the owner of an account decides. The zero value holds
// until its owner decides otherwise.
type AccountSettings struct {
	Private bool // the details of its computers are shown to its owner alone
}

// AccountSettings returns what the owner of an account has decided.
func (l *Ledger) AccountSettings(ctx context.Context, account string) (s AccountSettings, err error) {
	err = l.read.QueryRowContext(ctx, `SELECT s.private FROM account_settings s
		JOIN accounts a ON a.id = s.account_id WHERE a.name = ?`, account).Scan(&s.Private)
	if errors.Is(err, sql.ErrNoRows) {
		return AccountSettings{}, nil
	}
	if err != nil {
		return AccountSettings{}, fmt.Errorf("read the settings of account %s: %w", account, err)
	}
	return s, nil
}

// SetAccountSettings writes down what the owner of an account decides.
func (l *Ledger) SetAccountSettings(ctx context.Context, account string, s AccountSettings) error {
	err := l.update(ctx, func(ctx context.Context, t tx) error {
		id, err := t.account(ctx, account)
		if err != nil {
			return err
		}
		return t.exec(ctx, `INSERT INTO account_settings (account_id, private) VALUES (?, ?)
			ON CONFLICT (account_id) DO UPDATE SET private = excluded.private`, id, s.Private)
	})
	if err != nil {
		return fmt.Errorf("save the settings of account %s: %w", account, err)
	}
	return nil
}
