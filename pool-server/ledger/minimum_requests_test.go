package ledger_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/wallet/coin"
)

// signedMinimum is a request with that number; the book does not look at its signature.
func signedMinimum(number int64, minimum coin.Amount) ledger.MinimumRequest {
	return ledger.MinimumRequest{Number: number, Key: "02ab", Signature: "30", Body: fmt.Sprint(number, minimum), Minimum: minimum}
}

func (b *book) minimum(account string) string {
	b.t.Helper()
	minimum, source, err := b.PayoutMinimum(b.t.Context(), pool, account)
	b.ok(err)
	return fmt.Sprint(int64(minimum), source)
}

func (b *book) wantMinimum(account, want string) {
	b.t.Helper()
	if got := b.minimum(account); got != want {
		b.t.Errorf("%s: got minimum %q, want %q", account, got, want)
	}
}

func TestTheOwnersMinimumCounts(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b := newBook(t)
		ctx := t.Context()
		wantError(t, b.PutMinimumRequest(ctx, pool, "stranger", signedMinimum(1, 5)), ledger.ErrNoShare)
		b.apply(share("alice", 1), share("bob", 1))
		b.ok(b.SetPayoutMinimum(ctx, pool, "alice", 700, ledger.MinimumPassword))
		b.wantMinimum("alice", "700password")
		b.ok(b.PutMinimumRequest(ctx, pool, "alice", signedMinimum(100, 500)))
		b.ok(b.PutMinimumRequest(ctx, pool, "alice", signedMinimum(100, 500))) // its answer was lost
		b.wantMinimum("alice", "500signed")
		wantError(t, b.SetPayoutMinimum(ctx, pool, "alice", 900, ledger.MinimumPassword), ledger.ErrSignedMinimum)
		for _, old := range []ledger.MinimumRequest{signedMinimum(100, 900), signedMinimum(99, 900)} {
			time.Sleep(time.Hour)
			wantError(t, b.PutMinimumRequest(ctx, pool, "alice", old), ledger.ErrNotNewer)
		}
		b.ok(b.PutMinimumRequest(ctx, "dogecoin", "alice", signedMinimum(50, 900))) // each pool has its own
		b.reopen()
		b.wantMinimum("alice", "500signed")
		b.wantMinimum("bob", "0")
		b.ok(b.PutMinimumRequest(ctx, pool, "alice", signedMinimum(101, 0)))
		b.wantMinimum("alice", "0")
		b.ok(b.SetPayoutMinimum(ctx, pool, "alice", 900, ledger.MinimumPassword))
		b.wantMinimum("alice", "900password")
		time.Sleep(time.Hour)
		wantError(t, b.PutMinimumRequest(ctx, pool, "alice", signedMinimum(100, 500)), ledger.ErrNotNewer) // though it holds no more
	})
}

func TestRequestsAboutMinimumsAreBounded(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		b := newBook(t)
		b.apply(share("alice", 1))
		kept := 0
		for i := range int64(40) {
			err := b.PutMinimumRequest(t.Context(), pool, "alice", signedMinimum(i+1, 5))
			if err == nil {
				kept++
				wantError(t, b.PutMinimumRequest(t.Context(), pool, "alice", signedMinimum(i+2, 6)), ledger.ErrTooSoon)
			}
			time.Sleep(time.Minute)
		}
		if kept != 20 {
			t.Errorf("%d requests were kept of a day, want 20", kept)
		}
	})
}

func TestNothingChangesARequestAboutAMinimum(t *testing.T) {
	b := newBook(t)
	b.apply(share("alice", 1))
	b.ok(b.PutMinimumRequest(t.Context(), pool, "alice", signedMinimum(100, 5)))
	db := b.raw()
	for _, change := range []string{
		"UPDATE minimum_requests SET body = 'x'", "DELETE FROM minimum_requests",
		"INSERT INTO minimum_requests SELECT account_id, pool_id, 100, key, signature, 'x', kept_at FROM minimum_requests",
		"INSERT INTO minimum_requests SELECT account_id, pool_id, 99, key, signature, 'x', kept_at FROM minimum_requests",
	} {
		if _, err := db.ExecContext(t.Context(), change); err == nil {
			t.Errorf("the book lets itself be told: %s", change)
		}
	}
}
