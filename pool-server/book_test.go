package main

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/pooltest"
)

// A pool whose ledger lies in PostgreSQL: from init to a payout's command line.
func TestLedgerLiesWhereTheConfigurationSays(t *testing.T) {
	postgres := pooltest.StartPostgres(t)
	address, err := url.Parse(postgres.Database(t, ""))
	if err != nil {
		t.Fatal(err)
	}
	address.User = url.UserPassword(address.User.Username(), "ge heim")
	d := pooltest.NewDaemon(t, pooltest.Recorded(t, "litecoin-plain.json"))
	dir := newFolder(t, d, nil, "--database", address.String())

	text, err := os.ReadFile(filepath.Join(dir, "server.json"))
	if err != nil || strings.Contains(string(text), "heim") {
		t.Errorf("the password stands in server.json, %v", err)
	}
	secret := filepath.Join(dir, "secrets", "database")
	if text, err := os.ReadFile(secret); err != nil || string(text) != "ge heim\n" {
		t.Errorf("got secret %q, %v", text, err)
	}
	if info, err := os.Stat(secret); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v, want a file that others cannot read", info, err)
	}
	for range 2 {
		serve(t, dir).stop()
	}
	if _, err := os.Stat(filepath.Join(dir, "data", "ledger.db")); err == nil {
		t.Error("there is a ledger in a file, too")
	}
	if out, err := runCommand(t, "payout", "status", "--dir", dir); err != nil || !strings.Contains(out, "halted") {
		t.Errorf("payout status: got %q, %v", out, err)
	}
	if err := openBook(t, dir).Check(t.Context()); err != nil {
		t.Error(err)
	}

	postgres.Kill()
	for _, command := range []string{"check", "serve", "status", "payout status"} {
		_, err := runCommand(t, append(strings.Fields(command), "--dir", dir)...)
		if err == nil || !strings.Contains(err.Error(), postgres.Addr) || strings.Contains(err.Error(), "heim") {
			t.Errorf("%s without the database: got %v, want its address and no password", command, err)
		}
	}
}
