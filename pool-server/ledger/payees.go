package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// How many lists of one account the book takes: it keeps every one for ever.
const (
	payeesPause = time.Minute // between two
	payeesDaily = 20          // in 24 hours
)

// Errors of PutPayeeList that callers branch on.
var (
	// ErrNotNewer is returned for a list that is not newer than the one which counts.
	ErrNotNewer = errors.New("a newer list is kept already")
	// ErrTooSoon is returned for a list so soon after another one, or after many.
	ErrTooSoon = errors.New("too many lists")
	// ErrNoShare is returned for an account that has never made a share: anybody can make
	// any number of keys, and the book would keep something for each.
	ErrNoShare = errors.New("no share of this account has been accepted yet")
)

// A PayeeList is an account's list of payout addresses as its owner signed it. The
// book does not read it. The zero value is none.
type PayeeList struct {
	Number         int64 // the newer of two lists has the greater one; 0: there is none
	Key, Signature string
	Body           string

	// WholeKey says of the account, whether it has a list or not, that its key may be an
	// uncompressed one: its own address is then the old form, P2PKH.
	WholeKey bool
}

// PayeeList returns an account's list that counts, the zero value if it has none.
func (l *Ledger) PayeeList(ctx context.Context, account string) (p PayeeList, err error) {
	lists, err := l.PayeeLists(ctx, []string{account})
	return lists[account], err
}

// PayeeLists returns the lists that count of those of the accounts that have one, or a
// whole key.
func (l *Ledger) PayeeLists(ctx context.Context, accounts []string) (map[string]PayeeList, error) {
	const most = 500 // names in one query
	lists := map[string]PayeeList{}
	for names := range slices.Chunk(accounts, most) {
		args := make([]any, len(names))
		for i, name := range names {
			args[i] = name
		}
		rows, err := l.read.QueryContext(ctx, `SELECT a.name, coalesce(p.number, 0), coalesce(p.key, ''), coalesce(p.signature, ''), coalesce(p.body, ''), a.whole_key
			FROM accounts a LEFT JOIN payee_lists p ON p.account_id = a.id AND p.number = (SELECT max(number) FROM payee_lists WHERE account_id = a.id)
			WHERE a.name IN (?`+strings.Repeat(", ?", len(names)-1)+`) AND (a.whole_key = 1 OR p.number IS NOT NULL)`, args...)
		_, err = collect(rows, err, func(rows *sql.Rows) (none struct{}, err error) {
			var name string
			var p PayeeList
			var whole int64
			err = rows.Scan(&name, &p.Number, &p.Key, &p.Signature, &p.Body, &whole)
			p.WholeKey = whole == 1
			lists[name] = p
			return none, err
		})
		if err != nil {
			return nil, fmt.Errorf("read lists of payout addresses: %w", err)
		}
	}
	return lists, nil
}

// PutPayeeList keeps a list, which counts from now on: for payouts that are begun
// later. The list that counts already may be put again, which changes nothing. The
// errors of this file say why a list is not taken.
func (l *Ledger) PutPayeeList(ctx context.Context, account string, p PayeeList) error {
	err := l.update(ctx, func(ctx context.Context, t tx) error { return t.putPayeeList(ctx, account, p) })
	if err != nil {
		return fmt.Errorf("keep the payout addresses of account %s: %w", account, err)
	}
	return nil
}

func (t tx) putPayeeList(ctx context.Context, account string, p PayeeList) error {
	var id, newest, last, today int64
	var body string
	err := t.get(ctx, "SELECT id FROM accounts a WHERE name = ? AND EXISTS (SELECT 1 FROM workers WHERE account_id = a.id)", []any{account}, &id)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNoShare
	}
	if err != nil {
		return err
	}
	err = t.get(ctx, `SELECT number, body, (SELECT max(kept_at) FROM payee_lists WHERE account_id = ?1),
		(SELECT count(*) FROM payee_lists WHERE account_id = ?1 AND kept_at > ?2)
		FROM payee_lists WHERE account_id = ?1 ORDER BY number DESC LIMIT 1`,
		[]any{id, now() - (24 * time.Hour).Milliseconds()}, &newest, &body, &last, &today)
	switch {
	case errors.Is(err, sql.ErrNoRows): // the first
	case err != nil:
		return err
	case p.Number == newest && p.Body == body:
		return nil // the answer to it was lost
	case p.Number <= newest:
		return ErrNotNewer
	case last <= now() && now()-last < payeesPause.Milliseconds(), today >= payeesDaily:
		return ErrTooSoon
	}
	return t.exec(ctx, "INSERT INTO payee_lists (account_id, number, key, signature, body, kept_at) VALUES (?, ?, ?, ?, ?, ?)",
		id, p.Number, p.Key, p.Signature, p.Body, now())
}
