package ledger_test

import (
	"errors"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
)

// bigTables are the tables that grow with miners, shares and payments. A query that reads one
// of them from end to end takes seconds in a big book.
var bigTables = []string{"accounts", "workers", "shares", "totals", "rounds", "block_rounds", "block_weights", "blocks", "journal",
	"entries", "balances", "payouts", "payout_outputs", "hours", "trail", "purchases", "owing", "pool_accounts", "account_settings", "payee_lists"}

// Everything that a pool does all the time is done on a book in PostgreSQL, which
// remembers its queries; SQLite then says how it would go about each.
func TestHotPathsReadNoBigTableFromEndToEnd(t *testing.T) {
	ofPostgres(t)
	b := busyBook(t)
	askEverything(t, b)
	queries := ledger.Queries(b.Ledger)
	if len(queries) < 60 {
		t.Fatalf("only %d queries were asked", len(queries))
	}
	path := filepath.Join(t.TempDir(), "ledger.db")
	l, err := ledger.Open(t.Context(), path)
	b.ok(err)
	defer l.Close()
	plan := planner(t, path)
	for _, query := range queries {
		query = strings.TrimSuffix(query, " RETURNING id") // which SQLite is not asked, see insert
		for _, step := range plan(query) {
			if scanned(step, query) {
				t.Errorf("%s in\n%s", step, query)
			}
		}
	}
	// And it would have been seen.
	const bad = "SELECT count(*) FROM shares s JOIN workers w ON w.id = s.worker_id WHERE w.name = ?"
	if !slices.ContainsFunc(plan(bad), func(step string) bool { return scanned(step, bad) }) {
		t.Errorf("a full scan is not seen in %v", plan(bad))
	}
}

// askEverything asks what pages, the keeper of payouts and the share log ask. What
// comes of it is for other tests.
func askEverything(t *testing.T, b *book) {
	ctx := t.Context()
	ask := func(_ any, err error) {
		t.Helper()
		if err != nil && !errors.Is(err, ledger.ErrNotFound) {
			t.Error(err)
		}
	}
	b.accept(b.find(20, share("alice", 1), share("bob", 1)))
	blocks, err := b.UnsettledBlocks(ctx, pool)
	ask(blocks, err)
	for _, block := range blocks {
		ask(b.RoundShares(ctx, block.ID))
		ask(b.BlockWeights(ctx, block.ID))
		ask(b.BlockRecipients(ctx, block.ID))
		ask(b.RawBlock(ctx, block.ID))
	}
	open, err := b.OpenPayouts(ctx, pool)
	ask(open, err)
	for _, p := range open {
		ask(b.Payout(ctx, p.ID))
		ask(b.AccountPayout(ctx, p.ID, "alice"))
	}
	ask(b.Position(ctx))
	ask(b.LogMark(ctx))
	ask(b.RecentBlocks(ctx, pool, 10))
	ask(b.BlockCounts(ctx, pool))
	ask(b.PoolTotals(ctx, pool))
	ask(b.AccountSummary(ctx, pool, "alice"))
	ask(b.Workers(ctx, pool, "alice"))
	ask(b.AccountSettings(ctx, "alice"))
	ask(b.PayeeList(ctx, "alice"))
	ask(b.PayeeLists(ctx, []string{"alice", "bob"}))
	ask(b.Credits(ctx, pool, "alice", 0, 10))
	ask(b.Owing(ctx, pool, "alice"))
	ask(b.Hours(ctx, pool, "alice", "rig", start))
	ask(b.RecentPayouts(ctx, pool, "", 10))
	ask(b.RecentPayouts(ctx, pool, "alice", 10))
	ask(b.AccountPayouts(ctx, pool, "alice", "", 0, 10))
	ask(b.LastConfirmed(ctx, pool, 10))
	ask(b.LastSigned(ctx, pool))
	ask(b.Due(ctx, pool, ledger.Demand{Minimum: 1}))
	ask(b.Holds(ctx, pool))
	ask(b.Transaction(ctx, pool, "tx1"))
	ask(b.Mark(ctx, pool, "history"))
	b.ok(b.BookPurchases(ctx, pool))
	b.ok(b.SaveHours(ctx, []ledger.Hour{{Pool: pool, Start: start.Add(time.Hour)}}))
}

// planner returns what says how SQLite would answer a query.
func planner(t *testing.T, path string) func(query string) []string {
	b := &book{t: t, path: path}
	db := b.rawSQLite()
	number := regexp.MustCompile(`\$(\d+)`)
	return func(query string) (steps []string) {
		t.Helper()
		values := map[string]bool{}
		for _, n := range number.FindAllString(ledger.Numbered(query), -1) {
			values[n] = true
		}
		rows, err := db.Query("EXPLAIN QUERY PLAN "+query, make([]any, len(values))...)
		b.ok(err)
		defer rows.Close()
		for rows.Next() {
			var id, parent, unused int
			var step string
			b.ok(rows.Scan(&id, &parent, &unused, &step))
			steps = append(steps, step)
		}
		b.ok(rows.Err())
		return steps
	}
}

// scanned reports whether a step of query's plan reads all of a big table.
func scanned(step, query string) bool {
	fields := strings.Fields(step)
	if len(fields) < 2 || fields[0] != "SCAN" {
		return false
	}
	name := fields[1] // the table, or what the query calls it
	for _, table := range bigTables {
		called := regexp.MustCompile(`(?i)\b(FROM|JOIN|INTO|UPDATE)\s+` + table + `(\s+AS)?\s+` + regexp.QuoteMeta(name) + `\b`)
		if name == table || called.MatchString(query) {
			return true
		}
	}
	return false
}
