package e2e_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/pooltest"
)

// TestTwoPoolsOnOneServer runs a fake Litecoin daemon and the embedded coin side by
// side, and takes one daemon away: the other coin's miners notice nothing.
func TestTwoPoolsOnOneServer(t *testing.T) {
	t.Parallel()
	daemon := pooltest.NewDaemon(t, pooltest.Recorded(t, "litecoin-plain.json"))
	rpc, address := embeddedCoin(t)
	dir := t.TempDir()
	initPool(t, dir, "litecoin", daemonRPC(daemon), litecoinAddress(t), "--difficulty", "1e-9", "--vardiff=off", "--payouts=off")
	initPool(t, dir, "bitcoin", rpc, address, "--difficulty", "1e-6", "--vardiff=off")
	pool := startPool(t, "serve", "--dir", dir)
	client, err := poolapi.NewClient(pool.Site)
	if err != nil {
		t.Fatal(err)
	}
	info, err := client.Info(t.Context())
	if err != nil || len(info.Coins) != 2 {
		t.Fatalf("got %+v, %v; want two coins", info, err)
	}
	byCoin := map[string]*pooltest.Miner{}
	for _, c := range info.Coins {
		m := dialWhenReady(t, strings.TrimPrefix(c.Ports[0].URL, "stratum+tcp://"), goodAccount+"."+c.ID, pow.Algorithm(c.Algorithm))
		for m.Acknowledged < 5 { // a block makes the work of its share stale
			if _, err := m.Mine(); err != nil {
				t.Fatalf("%s: %v", c.ID, err)
			}
		}
		byCoin[c.ID] = m
	}
	eventually(t, 20*time.Second, "each coin has its own shares", func() bool {
		stats, err := client.Miner(t.Context(), goodAccount)
		return err == nil && len(stats.Coins) == 2 && stats.Coins[0].Accepted == 5 && stats.Coins[1].Accepted == 5
	})

	daemon.Die()
	for byCoin["bitcoin"].Acknowledged < 25 {
		if _, err := byCoin["bitcoin"].Mine(); err != nil {
			t.Fatalf("bitcoin without litecoin's daemon: %v", err)
		}
	}
	pool.stop(t)
}

// TestADaemonThatComesBackOnAnotherNetworkGivesNoWork swaps the daemon while the pool
// runs, as a wrong service file does.
func TestADaemonThatComesBackOnAnotherNetworkGivesNoWork(t *testing.T) {
	t.Parallel()
	daemon := pooltest.NewDaemon(t, pooltest.Recorded(t, "litecoin-plain.json"))
	dir := t.TempDir()
	initPool(t, dir, "litecoin", daemonRPC(daemon), litecoinAddress(t), "--difficulty", "1e-9", "--vardiff=off", "--payouts=off")
	daemon.Die()
	pool := startPool(t, "serve", "--dir", dir)
	regtest := daemon.Handler("getblockchaininfo")
	daemon.Handle("getblockchaininfo", func(context.Context, []json.RawMessage) (any, error) {
		return map[string]any{"chain": "main", "blocks": 500, "headers": 500}, nil
	})
	daemon.Once("getblockchaininfo", pooltest.WarmingUp) // and it does not say at once what it is
	daemon.Revive(t)
	eventually(t, 150*time.Second, "the log names the network", func() bool { return strings.Contains(pool.log.String(), "wrong network") })
	if n := len(daemon.Calls("getblocktemplate")); n > 0 {
		t.Errorf("%d templates were asked of a daemon on the wrong network", n)
	}
	daemon.Handle("getblockchaininfo", regtest)
	dialWhenReady(t, pool.Stratum, goodAccount, pow.Scrypt)
	pool.stop(t)
}

// TestPasswordsAreInNoLogAndNoDocument looks for the daemon's password in everything
// that a pool with troubles says.
func TestPasswordsAreInNoLogAndNoDocument(t *testing.T) {
	t.Parallel()
	daemon := pooltest.NewDaemon(t, pooltest.Recorded(t, "litecoin-plain.json"))
	dir := t.TempDir()
	initPool(t, dir, "litecoin", daemonRPC(daemon), litecoinAddress(t), "--difficulty", "1e-9", "--vardiff=off")
	setLogLevel(t, dir, "debug")
	pool := startPool(t, "serve", "--dir", dir)
	m := dialWhenReady(t, pool.Stratum, goodAccount, pow.Scrypt)
	if _, err := m.Mine(); err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	for _, path := range []string{"/", "/miners/" + goodAccount, poolapi.InfoPath, poolapi.PoolPath, poolapi.BlocksPath, poolapi.PayoutsPath, poolapi.MinersPath + goodAccount, "/pools/litecoin-regtest.json", "/secrets/litecoin-regtest.rpc", "/static/..%2f..%2fsecrets"} {
		said[path] = get(t, pool.Site+path)
	}
	daemon.Always("", pooltest.WrongPassword)
	eventually(t, 60*time.Second, "the log names the login", func() bool { return strings.Contains(pool.log.String(), "login") })
	daemon.Die()
	eventually(t, 60*time.Second, "the log names the daemon", func() bool { return strings.Contains(pool.log.String(), "reached") })
	pool.stop(t)
	said["console"] = pool.log.String()
	check, stderr, _ := command(t, "adit-pool", "check", "--dir", dir)
	said["check"] = check + stderr
	logs, err := filepath.Glob(filepath.Join(dir, "logs", "*.log"))
	if err != nil || len(logs) < 3 {
		t.Fatalf("got logs %v, %v; want at least three", logs, err)
	}
	for _, name := range logs {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		said[name] = string(text)
	}
	login := pooltest.DaemonUser + ":" + pooltest.DaemonPassword
	for where, text := range said {
		for _, secret := range []string{pooltest.DaemonPassword, url.QueryEscape(pooltest.DaemonPassword), url.PathEscape(pooltest.DaemonPassword), base64.StdEncoding.EncodeToString([]byte(login))} {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds the daemon's password", where)
			}
		}
	}
}

func setLogLevel(t *testing.T, dir, level string) {
	t.Helper()
	file := filepath.Join(dir, "server.json")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), `"logLevel": "info"`, `"logLevel": "`+level+`"`, 1)
	if changed == string(text) {
		t.Fatalf("no log level in %s", text)
	}
	if err := os.WriteFile(file, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
}

// get returns an answer's body, whatever its status.
func get(t *testing.T, address string) string {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func daemonRPC(d *pooltest.Daemon) pooltest.RPC {
	return pooltest.RPC{URL: d.URL, User: pooltest.DaemonUser, Password: pooltest.DaemonPassword}
}

// dialWhenReady signs in as soon as the pool has work.
func dialWhenReady(t *testing.T, address, user string, a pow.Algorithm) *pooltest.Miner {
	t.Helper()
	var m *pooltest.Miner
	eventually(t, 30*time.Second, "a miner gets work", func() (ok bool) {
		var err error
		m, err = pooltest.DialMiner(address, user, a)
		return err == nil
	})
	t.Cleanup(func() { m.Close() })
	return m
}
