package ledger_test

import (
	"testing"

	"github.com/adit-mining/adit/pool-server/ledger"
)

func TestAccountSettingsAreKept(t *testing.T) {
	b := newBook(t)
	want := func(account string, want ledger.AccountSettings) {
		t.Helper()
		if got, err := b.AccountSettings(t.Context(), account); err != nil || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", account, got, err, want)
		}
	}
	want("alice", ledger.AccountSettings{})
	b.ok(b.SetAccountSettings(t.Context(), "alice", ledger.AccountSettings{Private: true}))
	b.reopen()
	want("alice", ledger.AccountSettings{Private: true})
	want("bob", ledger.AccountSettings{})
	b.ok(b.SetAccountSettings(t.Context(), "alice", ledger.AccountSettings{}))
	want("alice", ledger.AccountSettings{})
}
