package ledger_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/pooltest"
)

// All tests of this package run twice: with their books in SQLite, and in PostgreSQL.

// server is where books are made now; nil: in files of SQLite. Only TestMain changes it.
var server *pooltest.Postgres

// template is the database of an empty book, of which each test gets a copy.
const template = "book"

// onlySQLite in the environment of a test that runs itself again keeps it from doing so
// on both.
const onlySQLite = "ADIT_LEDGER_ONLY_SQLITE"

func TestMain(m *testing.M) {
	code := m.Run()
	once := os.Getenv(onlySQLite) != "" || flag.Lookup("test.bench").Value.String() != "" || flag.Lookup("test.list").Value.String() != ""
	if code == 0 && !once {
		code = runOnPostgres(m)
	}
	os.Exit(code)
}

func runOnPostgres(m *testing.M) int {
	var err error
	server, err = pooltest.RunPostgres()
	switch {
	case errors.Is(err, pooltest.ErrNoPostgres) && os.Getenv("ADIT_REQUIRE_DAEMONS") != "1":
		fmt.Println("the tests do not run a second time:", err)
		return 0
	case err != nil:
		fmt.Println("FAIL: start PostgreSQL:", err)
		return 1
	}
	defer server.Close()
	if err := makeTemplate(); err != nil {
		fmt.Println("FAIL: a book in PostgreSQL:", err)
		return 1
	}
	fmt.Println("the same tests on PostgreSQL:")
	return m.Run()
}

func makeTemplate() error {
	if err := server.Make(template, ""); err != nil {
		return err
	}
	l, err := ledger.Open(context.Background(), server.URL(template))
	if err != nil {
		return err
	}
	return l.Close()
}

func onPostgres() bool { return server != nil }

// place is where a test's book lies.
func place(t *testing.T) string {
	t.Helper()
	if onPostgres() {
		return server.Database(t, template)
	}
	return filepath.Join(t.TempDir(), "ledger.db")
}

// ofSQLite is for tests of what only a file has.
func ofSQLite(t *testing.T) {
	t.Helper()
	if onPostgres() {
		t.Skip("of SQLite alone")
	}
}

// seeds is how many histories that chance writes are tried out of n: on PostgreSQL they
// are the same, and take several times as long.
func seeds(n uint64) uint64 {
	if onPostgres() {
		return (n + 2) / 3
	}
	return n
}
