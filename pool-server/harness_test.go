package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

// testAccount is who mines in tests: a key's hash that nobody holds the key of.
const testAccount = "0102030405060708090a0b0c0d0e0f1011121314"

// runCommand runs the program with args, as the command line does.
func runCommand(t *testing.T, args ...string) (stdout string, err error) {
	t.Helper()
	var out, log bytes.Buffer
	err = run(t.Context(), args, &out, &log)
	if err != nil && log.Len() > 0 {
		err = fmt.Errorf("%w\n%s", err, log.String())
	}
	return out.String(), err
}

// newFolder writes the configuration of a Litecoin regtest pool in a new folder, with
// server.json's text changed by edit.
func newFolder(t *testing.T, d *pooltest.Daemon, edit func(server string) string, more ...string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	u, err := url.Parse(d.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(pooltest.DaemonUser, pooltest.DaemonPassword)
	address := cointest.Network(t, "litecoin", "regtest").P2WPKH(coin.PubKeyHash{1}).String()
	args := append([]string{"init", "--dir", dir, "--net", "regtest", "--daemon", u.String(), "--address", address,
		"--stratum", "127.0.0.1:0", "--http", "127.0.0.1:0", "--difficulty", "1e-9", "--vardiff=off", "--payouts=off"}, more...)
	if _, err := runCommand(t, args...); err != nil {
		t.Fatal(err)
	}
	if edit != nil {
		path := filepath.Join(dir, "server.json")
		text, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(path, []byte(edit(string(text))), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// running is a server in this process.
type running struct {
	told map[string]string // what it printed: website, metrics, "stratum ID"
	stop func()
}

// serve runs a server until the test ends or stop is called.
func serve(t *testing.T, dir string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out, in := io.Pipe()
	var log pooltest.Log
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"serve", "--dir", dir}, in, &log)
		in.Close()
	}()
	r := &running{told: map[string]string{}}
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
		if t.Failed() {
			t.Logf("the server's log:\n%s", log.String())
		}
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		r.told[name] = value
		if name == "website" { // the last one
			break
		}
	}
	go io.Copy(io.Discard, out)
	t.Cleanup(r.stop)
	return r
}

// openBook opens the ledger of a folder until the test ends, as the command line does
// beside a running server.
func openBook(t *testing.T, dir string) *ledger.Ledger {
	t.Helper()
	c, err := config.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	book, err := openLedger(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := book.Close(); err != nil {
			t.Error(err)
		}
	})
	return book
}

// eventually waits until ok.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it did not come: %s", what)
		}
	}
}
