package e2e_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/pooltest"
)

func TestDemoFindsAndPaysBlocksWithinAMinute(t *testing.T) {
	dir, data := t.TempDir(), t.TempDir()
	pool := startPool(t, "demo", "--dir", dir, "--http", "127.0.0.1:0", "--stratum", "127.0.0.1:0")
	s := mine(t, pool.Site, data, "40s", "--threads", "1")
	if s.Accepted == 0 || s.Hashrate <= 0 {
		t.Fatalf("got %+v, want accepted shares and a hashrate", s)
	}
	if s.Paid <= 0 {
		t.Errorf("got %v paid after 40 seconds, want more than 0: %+v", s.Paid, s)
	}
	m, c := minerStats(t, pool.Site, s.Account)
	if len(m.Payouts) == 0 || amount(t, c.Paid) <= 0 {
		t.Errorf("the pool's API shows %d payouts and %s paid", len(m.Payouts), c.Paid)
	}
	if len(m.Telemetry) == 0 {
		t.Error("the pool has no telemetry of the app")
	}
	pool.stop(t)

	// The same folder goes on where it was.
	again := startPool(t, "demo", "--dir", dir, "--http", "127.0.0.1:0", "--stratum", "127.0.0.1:0")
	if _, c2 := minerStats(t, again.Site, s.Account); amount(t, c2.Paid) < amount(t, c.Paid) {
		t.Errorf("after a restart %s is paid, before it was %s", c2.Paid, c.Paid)
	}
}

func TestLitecoinWithoutMWEBFromFirstShareToSpending(t *testing.T) {
	t.Parallel()
	litecoinToTheEnd(t, pooltest.StartLitecoind(t, pooltest.LitecoindOptions{}))
}

func TestLitecoinWithMWEBFromFirstShareToSpending(t *testing.T) {
	t.Parallel()
	node := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{MWEB: true})
	node.ActivateMWEB() // the pool itself makes the first block with MWEB
	litecoinToTheEnd(t, node)
}

// litecoinToTheEnd is a newcomer's whole way on a real Litecoin daemon: shares,
// blocks, maturity, payout, and the key taken to another wallet and spent there.
func litecoinToTheEnd(t *testing.T, node *pooltest.Litecoind) {
	dir, data := t.TempDir(), t.TempDir()
	initPool(t, dir, "litecoin", node.RPC, node.NewAddress(), "--difficulty", "1e-9", "--vardiff=off")
	must(t, "adit-pool", "check", "--dir", dir)
	pool := startPool(t, "serve", "--dir", dir)
	before := node.Height()
	s := mine(t, pool.Site, data, "15s")
	if s.Accepted == 0 {
		t.Fatalf("got %+v, want accepted shares", s)
	}
	if node.Height() <= before {
		t.Fatal("the pool found no block that the daemon took")
	}
	var blocks []poolapi.Block
	getJSON(t, pool.Site+poolapi.BlocksPath, &blocks)
	if len(blocks) == 0 {
		t.Fatal("the pool shows no block")
	}
	node.Generate(101) // mature what was found
	eventually(t, 90*time.Second, "a confirmed payout", func() bool {
		node.Generate(1)
		_, c := minerStats(t, pool.Site, s.Account)
		return amount(t, c.Paid) > 0
	})
	_, c := minerStats(t, pool.Site, s.Account)
	pool.stop(t)
	must(t, "adit-pool", "check", "--dir", dir, "--ledger") // the wallet has what it has to have
	spendFromSecondWallet(t, node, data, c)
}

// spendFromSecondWallet exports the key, imports it into another wallet of the
// daemon, and spends all of it from there.
func spendFromSecondWallet(t *testing.T, node *pooltest.Litecoind, data string, c poolapi.CoinMiner) {
	t.Helper()
	to := node.NewAddress() // before there are two wallets
	wif := strings.TrimSpace(must(t, "adit", "key", "export", "--wif", "--coin", "litecoin", "--net", "regtest", "--data", data))
	pooltest.Must[any](t, node.RPC, "createwallet", "newcomer")
	newcomer := node.RPC
	newcomer.URL = strings.TrimSuffix(newcomer.URL, "/") + "/wallet/newcomer"
	pooltest.Must[any](t, newcomer, "importprivkey", wif, "adit", true)
	node.GenerateTo(1, to)
	balance := pooltest.Must[float64](t, newcomer, "getbalance")
	// Another payout may have left between the pool's answer and its end.
	owed := amount(t, c.Paid) + amount(t, c.Paying) + amount(t, c.Pending) + amount(t, c.Immature)
	if balance < amount(t, c.Paid)-1e-8 || balance > owed+1e-8 {
		t.Fatalf("the second wallet has %v, the pool says %s of %v is paid to %s", balance, c.Paid, owed, c.Address)
	}
	txid := pooltest.Must[string](t, newcomer, "sendtoaddress", to, balance, "", "", true)
	node.GenerateTo(1, to)
	tx := pooltest.Must[struct{ Confirmations int }](t, newcomer, "gettransaction", txid)
	if tx.Confirmations != 1 {
		t.Errorf("the spending transaction has %d confirmations, want 1", tx.Confirmations)
	}
}

func TestBtcdAcceptsABlockOfThePool(t *testing.T) {
	t.Parallel()
	node := pooltest.StartBtcd(t, pooltest.BtcdOptions{})
	dir, data := t.TempDir(), t.TempDir()
	// btcd has no wallet: the pool only mines for this address.
	initPool(t, dir, "bitcoin", node.RPC, "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", "--difficulty", "1e-6", "--payouts=off")
	must(t, "adit-pool", "check", "--dir", dir)
	pool := startPool(t, "serve", "--dir", dir)
	before := node.Height()
	s := mine(t, pool.Site, data, "10s")
	if s.Accepted == 0 || node.Height() <= before {
		t.Fatalf("got %+v, height %d after %d; want shares and blocks", s, node.Height(), before)
	}
	eventually(t, 20*time.Second, "a block on the main chain", func() bool {
		var blocks []poolapi.Block
		getJSON(t, pool.Site+poolapi.BlocksPath, &blocks)
		for _, b := range blocks {
			if b.Status == "immature" && b.Confirmations > 0 {
				return true
			}
		}
		return false
	})
	pool.stop(t)
}

// initPool writes a pool's configuration with ports that are free.
func initPool(t testing.TB, dir, coin string, rpc pooltest.RPC, address string, more ...string) {
	t.Helper()
	u, err := url.Parse(rpc.URL)
	if err != nil {
		t.Fatal(err)
	}
	daemon := fmt.Sprintf("http://%s@%s", url.UserPassword(rpc.User, rpc.Password), u.Host)
	must(t, "adit-pool", append([]string{
		"init", "--dir", dir, "--coin", coin, "--net", "regtest", "--daemon", daemon, "--address", address,
		"--stratum", "127.0.0.1:0", "--http", "127.0.0.1:0",
	}, more...)...)
}
