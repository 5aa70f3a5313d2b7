package ledger_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/wallet/coin"
)

const pool = "litecoin"

// A book is a ledger of a test's own, and what a test needs to fill it.
type book struct {
	*ledger.Ledger
	t        *testing.T
	path     string // or where in PostgreSQL
	position uint64
	tampered bool // the test broke it: it is not checked at the end
}

func newBook(t *testing.T) *book { return openBook(t, place(t)) }

// openBook opens a book that is checked and closed when the test ends.
func openBook(t *testing.T, where string) *book {
	b := &book{t: t, path: where}
	b.reopen()
	t.Cleanup(func() {
		if !b.tampered {
			b.check()
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// reopen closes and opens the book, as a restart does.
func (b *book) reopen() {
	b.t.Helper()
	var err error
	if b.Ledger != nil {
		b.ok(b.Close())
	}
	b.Ledger, err = ledger.Open(b.t.Context(), b.path)
	b.ok(err)
}

func (b *book) ok(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *book) check() {
	b.t.Helper()
	b.ok(b.Check(context.WithoutCancel(b.t.Context()))) // a cleanup's context has ended
}

// apply applies the next batch.
func (b *book) apply(shares ...ledger.Share) []ledger.Block {
	b.t.Helper()
	b.position++
	found, err := b.Apply(b.t.Context(), b.position, b.position, shares)
	b.ok(err)
	return found
}

// find applies shares and a block candidate that the last of them found.
func (b *book) find(height int64, shares ...ledger.Share) ledger.Block {
	b.t.Helper()
	shares[len(shares)-1].Block = found(height)
	blocks := b.apply(shares...)
	if len(blocks) != 1 {
		b.t.Fatalf("got %d new blocks, want 1", len(blocks))
	}
	return blocks[0]
}

// accept credits a block to its accounts in halves of what is left, the last one the rest.
func (b *book) accept(block ledger.Block) {
	b.t.Helper()
	b.ok(b.SetBlockAccepted(b.t.Context(), block.ID, ledger.Acceptance{
		Confirmations: 1, Reward: block.Reward, Weights: b.weights(block.ID), Credits: b.split(block),
	}))
}

// accepted is a block on the main chain whose reward is dealt out like this.
func accepted(credits ...ledger.Credit) ledger.Acceptance {
	return ledger.Acceptance{Confirmations: 1, Reward: blockReward, Credits: credits}
}

func (b *book) split(block ledger.Block) []ledger.Credit {
	b.t.Helper()
	weights := b.weights(block.ID)
	credits := []ledger.Credit{{Account: ledger.FeeAccount, Amount: block.Reward / 100}}
	left := block.Reward - block.Reward/100
	for i, w := range weights {
		amount := left / 2
		if i == len(weights)-1 {
			amount = left
		}
		credits = append(credits, ledger.Credit{Account: w.Account, Amount: amount})
		left -= amount
	}
	return credits
}

// mature makes a block's credits payable.
func (b *book) mature(block ledger.Block) {
	b.t.Helper()
	b.accept(block)
	b.ok(b.MatureBlock(b.t.Context(), block.ID))
}

func (b *book) weights(block int64) []ledger.AccountWeight {
	b.t.Helper()
	w, err := b.RoundShares(b.t.Context(), block)
	b.ok(err)
	return w
}

func (b *book) open() []ledger.AccountWeight {
	b.t.Helper()
	w, err := b.OpenShares(b.t.Context(), pool)
	b.ok(err)
	return w
}

func (b *book) account(name string) ledger.AccountSummary {
	b.t.Helper()
	s, err := b.AccountSummary(b.t.Context(), pool, name)
	b.ok(err)
	return s
}

func (b *book) status(id int64) ledger.BlockStatus {
	b.t.Helper()
	blocks, err := b.RecentBlocks(b.t.Context(), pool, 1000)
	b.ok(err)
	for _, block := range blocks {
		if block.ID == id {
			return block.Status
		}
	}
	b.t.Fatalf("no block %d", id)
	return ""
}

// raw opens the database behind the ledger's back.
func (b *book) raw() *sql.DB {
	b.t.Helper()
	if !onPostgres() {
		return b.rawSQLite()
	}
	db, err := sql.Open("pgx", b.path)
	b.ok(err)
	b.t.Cleanup(func() { db.Close() })
	return db
}

func (b *book) rawSQLite() *sql.DB {
	b.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(b.path)+"?_pragma=foreign_keys(1)&_pragma=busy_timeout(10000)")
	b.ok(err)
	b.t.Cleanup(func() { db.Close() })
	return db
}

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// share is a share of the account's worker "rig".
func share(account string, difficulty float64) ledger.Share {
	return ledger.Share{Pool: pool, Account: account, Worker: "rig", Difficulty: difficulty, Time: start, Height: 100}
}

const blockReward coin.Amount = 50_00000001

// found is a block whose hash is made from its height.
func found(height int64) *ledger.FoundBlock {
	return &ledger.FoundBlock{Hash: fmt.Sprintf("%064x", height), Height: height, Reward: blockReward,
		Raw: fmt.Appendf(nil, "block %d", height), Difficulty: 1000}
}

func wantError(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want %v", err, want)
	}
}
