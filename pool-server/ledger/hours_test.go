package ledger_test

import (
	"slices"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
)

func TestHoursAreKept(t *testing.T) {
	b := newBook(t)
	hour := func(n int, account string) ledger.Hour {
		return ledger.Hour{Pool: pool, Account: account, Worker: map[string]string{"alice": "rig"}[account],
			Start: start.Add(time.Duration(n) * time.Hour), Hashrate: 1e6, Accepted: int64(n), Rejected: 2}
	}
	b.ok(b.SaveHours(t.Context(), []ledger.Hour{hour(0, ""), hour(0, "alice"), hour(1, ""), hour(1, "alice")}))
	again := hour(1, "alice")
	again.Accepted = 77
	b.ok(b.SaveHours(t.Context(), []ledger.Hour{again, hour(2, "alice")}))
	b.reopen()
	got, err := b.Hours(t.Context(), pool, "alice", "rig", start.Add(time.Minute))
	if want := []ledger.Hour{again, hour(2, "alice")}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	got, err = b.Hours(t.Context(), pool, "", "", start)
	if want := []ledger.Hour{hour(0, ""), hour(1, "")}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if got, err := b.Hours(t.Context(), pool, "nobody", "", start); len(got) != 0 || err != nil {
		t.Errorf("got %v, %v, want nothing", got, err)
	}
}
