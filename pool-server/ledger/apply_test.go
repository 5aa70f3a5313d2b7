package ledger_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
)

func TestSharesCountOnceHoweverOftenABatchComes(t *testing.T) {
	b := newBook(t)
	shares := []ledger.Share{share("alice", 0.5), share("alice", 0.25), share("bob", 3)}
	b.apply(shares...)
	b.reopen()
	found, err := b.Apply(t.Context(), 1, 1, shares)
	if err != nil || found != nil {
		t.Fatalf("the same batch again: got %v, %v, want nothing", found, err)
	}
	n, difficulty, err := b.CountShares(t.Context(), pool, "alice", "rig")
	if n != 2 || difficulty != 0.75 || err != nil {
		t.Errorf("got %d shares of difficulty %v, %v, want 2 of 0.75", n, difficulty, err)
	}
	if p, err := b.Position(t.Context()); p != 1 || err != nil {
		t.Errorf("got position %d, %v, want 1", p, err)
	}
}

func TestGapInTheLogIsAnErrorAndNothingIsApplied(t *testing.T) {
	b := newBook(t)
	b.apply(share("alice", 1))
	_, err := b.Apply(t.Context(), 3, 3, []ledger.Share{share("alice", 1)})
	wantError(t, err, ledger.ErrGap)
	if got := b.account("alice").Shares; got != 1 {
		t.Errorf("got %d shares, want 1", got)
	}
	b.apply() // an empty batch moves the position
	b.apply(share("alice", 1))
	if got := b.account("alice").Shares; got != 2 {
		t.Errorf("got %d shares, want 2", got)
	}
}

func TestBadShareIsRefusedTogetherWithItsBatch(t *testing.T) {
	b := newBook(t)
	noPool, badHash := share("alice", 1), share("alice", 1)
	noPool.Pool = ""
	badHash.Block = &ledger.FoundBlock{Hash: strings.Repeat("zz", 32)}
	for name, bad := range map[string]ledger.Share{
		"no pool": noPool, "no account": share("", 1), "the pool's own account": share(ledger.FeeAccount, 1),
		"weightless": share("alice", 0), "negative": share("alice", -1), "NaN": share("alice", math.NaN()),
		"infinite": share("alice", math.Inf(1)), "hash": badHash,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := b.Apply(t.Context(), 1, 1, []ledger.Share{share("alice", 1), bad})
			wantError(t, err, ledger.ErrShare)
			if got := b.account("alice").Shares; got != 0 {
				t.Errorf("got %d shares, want 0", got)
			}
		})
	}
	b.apply(share("alice", 1)) // and the book still works
}

func TestRowsDoNotFollowTheNumberOfShares(t *testing.T) {
	b := newBook(t)
	for range 10 {
		shares := make([]ledger.Share, 1000)
		for i := range shares {
			shares[i] = share([]string{"alice", "bob"}[i%2], 1)
			shares[i].Time = start.Add(time.Duration(i) * time.Second) // two slices of ten minutes
		}
		b.apply(shares...)
	}
	var rows, shares int
	if err := b.raw().QueryRow("SELECT count(*), sum(shares) FROM shares").Scan(&rows, &shares); err != nil {
		t.Fatal(err)
	}
	if rows != 4 || shares != 10_000 {
		t.Errorf("got %d shares in %d rows, want 10000 in 4", shares, rows)
	}
}

func TestPoolsAndWorkersAreCountedApart(t *testing.T) {
	b := newBook(t)
	other := share("alice", 8)
	other.Pool = "dogecoin"
	second := share("alice", 2)
	second.Worker = "rig2"
	b.apply(share("alice", 1), other, second, second)
	workers, err := b.Workers(t.Context(), pool, "alice")
	b.ok(err)
	want := []ledger.Worker{{Name: "rig", Shares: 1, Difficulty: 1, LastShare: start}, {Name: "rig2", Shares: 2, Difficulty: 4, LastShare: start}}
	if !slices.Equal(workers, want) {
		t.Errorf("got %v, want %v", workers, want)
	}
	if n, _, _ := b.CountShares(t.Context(), pool, "alice", "*"); n != 3 {
		t.Errorf("got %d shares of all workers, want 3", n)
	}
	totals, err := b.PoolTotals(t.Context(), "dogecoin")
	if err != nil || totals.Shares != 1 || totals.RoundDifficulty != 8 || totals.Accounts != 1 {
		t.Errorf("got %+v, %v, want one share of difficulty 8", totals, err)
	}
}

func TestBatchOfManyWorkersIsWhole(t *testing.T) {
	b := newBook(t)
	var shares []ledger.Share
	for i := range 1234 { // some full chunks of rows and a rest
		s := share("alice", float64(i+1))
		s.Worker = strings.Repeat("x", 1+i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i/182)
		shares = append(shares, s)
	}
	b.apply(shares...)
	if n, d, err := b.CountShares(t.Context(), pool, "alice", "*"); n != 1234 || d != 1234*1235/2 || err != nil {
		t.Errorf("got %d shares of %v, %v", n, d, err)
	}
}

func TestReadersDoNotWaitForWriters(t *testing.T) {
	b := newBook(t)
	b.apply(share("alice", 1))
	ctx, cancel := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for ctx.Err() == nil {
				if _, err := b.AccountSummary(t.Context(), pool, "alice"); err != nil {
					t.Error(err)
				}
				if err := b.Check(t.Context()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for height := range int64(20) {
		b.mature(b.find(height, share("alice", 1), share("bob", 1)))
	}
	cancel()
	readers.Wait()
}

func TestCancelledContextLeavesNothingBehind(t *testing.T) {
	b := newBook(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := b.Apply(ctx, 1, 1, []ledger.Share{share("alice", 1)})
	wantError(t, err, context.Canceled)
	b.apply(share("alice", 1))
	if got := b.account("alice").Shares; got != 1 {
		t.Errorf("got %d shares, want 1", got)
	}
}

func TestNewerBookIsRefused(t *testing.T) {
	b := newBook(t)
	if _, err := b.raw().Exec("INSERT INTO migrations VALUES (999, 0)"); err != nil {
		t.Fatal(err)
	}
	_, err := ledger.Open(t.Context(), b.path)
	if err == nil || !strings.Contains(err.Error(), "newer version") {
		t.Errorf("got %v, want a word about a newer version", err)
	}
}

func TestBookInAMissingFolderIsAnError(t *testing.T) {
	if _, err := ledger.Open(t.Context(), t.TempDir()+"/missing/ledger.db"); err == nil {
		t.Error("want an error")
	}
}
