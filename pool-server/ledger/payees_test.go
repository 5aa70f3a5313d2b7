package ledger_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/pool-server/ledger"
)

func payeeList(number int64) ledger.PayeeList {
	return ledger.PayeeList{Number: number, Key: "02ab", Signature: "30ff", Body: fmt.Sprintf(`{"number":%d}`, number)}
}

func TestTheNewestListOfPayeesCounts(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b := newBook(t)
		b.apply(share("alice", 1), share("bob", 1))
		counts := func(account string, want ledger.PayeeList) {
			t.Helper()
			if got, err := b.PayeeList(t.Context(), account); err != nil || got != want {
				t.Errorf("%s: got %+v, %v, want %+v", account, got, err, want)
			}
		}
		counts("alice", ledger.PayeeList{})
		counts("nobody", ledger.PayeeList{})
		b.ok(b.PutPayeeList(t.Context(), "alice", payeeList(100)))
		b.ok(b.PutPayeeList(t.Context(), "alice", payeeList(100))) // its answer was lost
		other := payeeList(100)
		other.Body += " "
		for _, old := range []ledger.PayeeList{other, payeeList(99), payeeList(1)} {
			time.Sleep(time.Hour)
			if err := b.PutPayeeList(t.Context(), "alice", old); !errors.Is(err, ledger.ErrNotNewer) {
				t.Errorf("%+v: got %v, want ErrNotNewer", old, err)
			}
		}
		counts("alice", payeeList(100))
		b.ok(b.PutPayeeList(t.Context(), "alice", payeeList(101)))
		b.reopen()
		counts("alice", payeeList(101))
		counts("bob", ledger.PayeeList{})
	})
}

// Nobody fills the disk: neither with lists of one key, nor with keys that never mined.
func TestListsOfPayeesAreBounded(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b := newBook(t)
		if err := b.PutPayeeList(t.Context(), "stranger", payeeList(1)); !errors.Is(err, ledger.ErrNoShare) {
			t.Errorf("a key that never mined: got %v, want ErrNoShare", err)
		}
		b.apply(share("alice", 1))
		kept := 0
		for i := range int64(200) { // three and a third hours
			switch err := b.PutPayeeList(t.Context(), "alice", payeeList(i+1)); {
			case err == nil:
				kept++
				if err := b.PutPayeeList(t.Context(), "alice", payeeList(i+2)); !errors.Is(err, ledger.ErrTooSoon) {
					t.Fatalf("two in a moment: got %v, want ErrTooSoon", err)
				}
			case !errors.Is(err, ledger.ErrTooSoon):
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		if kept != 20 {
			t.Errorf("%d lists were kept of a day, want 20", kept)
		}
		time.Sleep(24 * time.Hour)
		b.ok(b.PutPayeeList(t.Context(), "alice", payeeList(1000)))
	})
}

func TestNothingChangesAListOfPayees(t *testing.T) {
	b := newBook(t)
	b.apply(share("alice", 1))
	b.ok(b.PutPayeeList(t.Context(), "alice", payeeList(100)))
	db := b.raw()
	changes := []string{
		"UPDATE payee_lists SET body = 'x'", "DELETE FROM payee_lists",
		"INSERT INTO payee_lists SELECT account_id, 100, key, signature, 'x', kept_at FROM payee_lists",
		"INSERT INTO payee_lists SELECT account_id, 99, key, signature, 'x', kept_at FROM payee_lists",
	}
	if onPostgres() {
		changes = append(changes, "TRUNCATE payee_lists")
	} else {
		changes = append(changes, "INSERT OR REPLACE INTO payee_lists SELECT account_id, 100, key, signature, 'x', kept_at FROM payee_lists")
	}
	for _, change := range changes {
		if _, err := db.ExecContext(t.Context(), change); err == nil {
			t.Errorf("the book lets itself be told: %s", change)
		}
	}
	if got, err := b.PayeeList(t.Context(), "alice"); err != nil || got != payeeList(100) {
		t.Errorf("got %+v, %v", got, err)
	}
}
