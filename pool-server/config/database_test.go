package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/config"
)

func TestDatabaseIsToldWithoutItsPassword(t *testing.T) {
	for _, one := range []struct{ given, written, where string }{
		{"", "", ""},
		{"postgres://adit@127.0.0.1:5432/adit", "postgres://adit@127.0.0.1:5432/adit", "postgres://adit@127.0.0.1:5432/adit"},
		{"postgresql://adit:p%40ss@db.example/adit?sslmode=verify-full", "postgresql://adit@db.example/adit?sslmode=verify-full",
			"postgresql://adit:p%40ss@db.example/adit?sslmode=verify-full"},
		{"postgres://adit@db.example/adit?password=p%40ss", "postgres://adit@db.example/adit", "postgres://adit:p%40ss@db.example/adit"},
		{"postgres:///adit?host=/run/postgresql", "postgres:///adit?host=/run/postgresql", "postgres:///adit?host=/run/postgresql"},
	} {
		n, dir := newPool(t), t.TempDir()
		n.Database = one.given
		if _, err := config.Init(dir, n); err != nil {
			t.Fatalf("%s: %v", one.given, err)
		}
		c, err := config.Load(dir)
		if err != nil {
			t.Fatalf("%s: %v", one.given, err)
		}
		if c.Server.Database != one.written {
			t.Errorf("%s: server.json says %s, want %s", one.given, c.Server.Database, one.written)
		}
		want := one.where
		if want == "" {
			want = filepath.Join(dir, "data", "ledger.db")
		}
		if where, err := c.Ledger(); err != nil || where.Reveal() != want {
			t.Errorf("%s: the ledger lies at %s, %v, want %s", one.given, where.Reveal(), err, want)
		}
	}
}

func TestBadDatabaseIsRefusedAndNeverQuoted(t *testing.T) {
	for name, one := range map[string]struct{ lines, want string }{
		"password in the address": {`"database": "postgres://adit:geheim@127.0.0.1/adit"`, "databasePasswordFile"},
		"password as a parameter": {`"database": "postgres://adit@127.0.0.1/adit?password=geheim"`, "databasePasswordFile"},
		"no database's name":      {`"database": "postgres://adit:geheim@127.0.0.1/"`, "want a PostgreSQL database"},
		"another kind":            {`"database": "mysql://adit:geheim@127.0.0.1/adit"`, "want a PostgreSQL database"},
		"no address at all":       {`"database": "postgres://adit:geheim@%zz/adit"`, "want a PostgreSQL database"},
		"no such file":            {`"database": "postgres://adit@127.0.0.1/adit", "databasePasswordFile": "secrets/none"`, "no such file"},
		"no user":                 {`"database": "postgres://127.0.0.1/adit", "databasePasswordFile": "secrets/litecoin-regtest.rpc"`, "want the user"},
		"a password for nothing":  {`"databasePasswordFile": "secrets/litecoin-regtest.rpc"`, "the ledger is a file"},
	} {
		dir := written(t)
		if err := os.WriteFile(filepath.Join(dir, "server.json"), []byte("{"+one.lines+"}"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := config.Load(dir)
		if err == nil || !strings.Contains(err.Error(), one.want) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: got %v, want %q and no password", name, err, one.want)
		}
	}
	n := newPool(t)
	n.Database = "postgres://adit:geheim@127.0.0.1/"
	if _, err := config.Init(t.TempDir(), n); err == nil || strings.Contains(err.Error(), "geheim") {
		t.Errorf("init: got %v, want a refusal without the password", err)
	}
	n.Database, n.Coin, n.Address = "postgres://adit@127.0.0.1/adit", "dogecoin", regtestAddress(t, "bitcoin")
	if _, err := config.Init(written(t), n); err == nil || !strings.Contains(err.Error(), "--database") {
		t.Errorf("another database for the second coin: got %v, want a refusal", err)
	}
}
