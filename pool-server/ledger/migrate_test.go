package ledger_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/adit-mining/adit/pool-server/ledger"
)

// A book of schema 4, with a block that was credited and a payout under way, comes over
// whole: its money, its rules, and what its block was found for.
func TestABookOfAnEarlierProgramIsTakenOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	old, err := sql.Open("sqlite", "file:"+filepath.ToSlash(path)+"?_pragma=foreign_keys(1)&_pragma=journal_mode(WAL)")
	if err != nil {
		t.Fatal(err)
	}
	run := func(text string) {
		t.Helper()
		if _, err := old.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	run("CREATE TABLE migrations (version INTEGER PRIMARY KEY, done_at INTEGER NOT NULL)")
	for n, name := range []string{"0001_book", "0002_hours", "0003_account_settings", "0004_payees"} {
		text, err := os.ReadFile("migrations/" + name + ".sql")
		if err != nil {
			t.Fatal(err)
		}
		run(fmt.Sprintf("BEGIN; %s; INSERT INTO migrations VALUES (%d, 0); COMMIT", text, n+1))
	}
	run(`BEGIN;
		INSERT INTO pools (id, name) VALUES (1, 'litecoin');
		INSERT INTO accounts VALUES (4, 'alice');
		INSERT INTO workers VALUES (1, 4, 'rig');
		INSERT INTO blocks (id, pool_id, hash, height, reward, status, finder_id, found_at, work, network_difficulty)
			VALUES (1, 1, printf('%064x', 7), 7, 1000, 'immature', 1, 0, 5, 10);
		INSERT INTO rounds (id, pool_id, opened_at, closed_at, owner_id, shares, difficulty) VALUES (1, 1, 0, 0, 1, 1, 5);
		INSERT INTO block_rounds VALUES (1, 1);
		INSERT INTO shares VALUES (1, 1, 0, 1, 5);
		INSERT INTO totals VALUES (1, 1, 1, 5, 0);
		INSERT INTO journal (id, pool_id, cause, block_id, made_at) VALUES (1, 1, 'credit', 1, 0);
		INSERT INTO entries VALUES (1, 'immature', 4, 990), (1, 'immature', 2, 10), (1, 'reward', 1, -1000);
		COMMIT`)
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}

	b := &book{t: t, path: path}
	b.reopen()
	t.Cleanup(func() { b.Close() })
	b.check()
	if got := b.account("alice"); got.Immature != 990 || got.Shares != 1 {
		t.Errorf("alice has %+v", got)
	}
	blocks, err := b.UnsettledBlocks(t.Context(), pool)
	b.ok(err)
	if len(blocks) != 1 || blocks[0].Scheme != ledger.PROP || blocks[0].FeePPM != -1 {
		t.Fatalf("blocks %+v, want the one of before, whose fee is not written down", blocks)
	}
	b.ok(b.MatureBlock(t.Context(), 1))
	b.check()
	if got := b.account("alice").Balance; got != 990 {
		t.Errorf("alice's balance is %d, want 990", got)
	}
	if _, err := b.raw().Exec("UPDATE entries SET amount = 1 WHERE journal_id = 1"); err == nil {
		t.Error("entries can be changed")
	}
	if _, err := b.raw().Exec("INSERT INTO journal (pool_id, cause, made_at) VALUES (1, 'mature', 0)"); err == nil {
		t.Error("a movement without its block is taken")
	}
}
