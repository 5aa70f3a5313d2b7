package e2e_test

import (
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
