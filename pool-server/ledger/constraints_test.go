package ledger_test

import (
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/ledger"
)

// What a fault of our own, or a person with an SQL prompt, cannot do.
func TestDatabaseRefusesWrongMoney(t *testing.T) {
	b := newBook(t)
	b.mature(b.find(7, share("alice", 1)))
	db := b.raw()
	db.SetMaxOpenConns(1)
	for name, script := range map[string]string{
		"a movement that does not add up": `BEGIN; INSERT INTO journal (id, pool_id, cause, made_at) VALUES (1000, 1, 'correction', 0);
			INSERT INTO entries VALUES (1000, 'balance', 4, 5); INSERT INTO entries VALUES (1000, 'reward', 1, -4); COMMIT`,
		"a debt": `BEGIN; INSERT INTO journal (id, pool_id, cause, made_at) VALUES (1000, 1, 'correction', 0);
			INSERT INTO entries VALUES (1000, 'balance', 4, -500000000000); INSERT INTO entries VALUES (1000, 'reward', 1, 500000000000); COMMIT`,
		"a changed entry":        `UPDATE entries SET amount = amount + 1`,
		"a deleted entry":        `DELETE FROM entries`,
		"a changed movement":     `UPDATE journal SET note = 'x'`,
		"a deleted movement":     `DELETE FROM journal`,
		"an entry of nothing":    `INSERT INTO entries VALUES (1, 'balance', 4, 0)`,
		"a kind nobody knows":    `INSERT INTO entries VALUES (1, 'gift', 4, 1)`,
		"a movement of no cause": `INSERT INTO journal (pool_id, cause, made_at) VALUES (1, 'credit', 0)`,
		"a second open payout":   `INSERT INTO payouts (pool_id, status, created_at) VALUES (1, 'intent', 0), (1, 'intent', 0)`,
		"a sent payout unsigned": `INSERT INTO payouts (pool_id, status, created_at) VALUES (1, 'sent', 0)`,
		"a block twice":          `INSERT INTO blocks SELECT id + 1, pool_id, hash, height, reward, status, confirmations, finder_id, found_at, work, network_difficulty, reason, settled_at FROM blocks`,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := db.Exec(script); err == nil {
				t.Error("it was taken")
			}
			_, _ = db.Exec("ROLLBACK") // of the scripts that began
			b.check()
		})
	}
}

func TestCheckFindsTampering(t *testing.T) {
	scripts := map[string]string{
		"a balance":      `UPDATE balances SET amount = amount + 1 WHERE kind = 'balance'`,
		"two balances":   `UPDATE balances SET amount = amount + CASE kind WHEN 'balance' THEN 1 ELSE -1 END WHERE kind IN ('balance', 'fee')`,
		"a lost balance": `DELETE FROM balances WHERE kind = 'fee'`,
		"an entry":       `DROP TRIGGER entries_keep; UPDATE entries SET amount = amount + 1 WHERE kind = 'balance' AND amount > 0`,
		"a reward":       `UPDATE blocks SET reward = reward + 1`,
		"a status":       `UPDATE blocks SET status = 'orphaned'`,
		"a payout":       `UPDATE payout_outputs SET gross = gross + 1`,
		"a lost payout":  `DELETE FROM payout_outputs`,
		"shares":         `UPDATE shares SET shares = shares + 1`,
		"totals":         `UPDATE totals SET shares = shares + 1`,
		"a reference":    `PRAGMA foreign_keys = OFF; DELETE FROM workers`,
	}
	if onPostgres() {
		scripts["an entry"] = strings.Replace(scripts["an entry"], "entries_keep", "entries_keep ON entries", 1)
		scripts["a reference"] = `SET session_replication_role = replica; DELETE FROM workers`
	}
	for name, script := range scripts {
		t.Run(name, func(t *testing.T) {
			b := newBook(t)
			b.mature(b.find(7, share("alice", 1), share("bob", 1)))
			p := b.create()
			b.ok(b.sign(p, "tx1"))
			b.ok(b.SetConfirmed(t.Context(), p.ID))
			b.mature(b.find(8, share("alice", 1), share("bob", 1)))
			b.create()
			b.check()
			if _, err := b.raw().Exec(script); err != nil {
				t.Fatal(err)
			}
			wantError(t, b.Check(t.Context()), ledger.ErrCorrupt)
			b.tampered = true
		})
	}
}
