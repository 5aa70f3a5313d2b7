package e2e_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/pool-server/stratum/load"
)

// daemonStorms are what happens between a pool and its daemon. The last two take
// minutes and are left to `make chaos`.
var daemonStorms = []struct {
	pooltest.Weather
	lasts time.Duration
	long  bool
}{
	{pooltest.Weather{CutAfter: 1500}, time.Second, false},
	{pooltest.Weather{Refuse: true}, time.Second, false},
	{pooltest.Weather{Latency: 50 * time.Millisecond, Jitter: 200 * time.Millisecond, Pieces: 500}, time.Second, false},
	{pooltest.Weather{Rate: 3000, SlowClose: time.Second}, 10 * time.Second, true},
	{pooltest.Weather{Blackhole: true}, 45 * time.Second, true},
}

// stormMiners are the load generator's connections.
const stormMiners = 10

// minersStorm is the weather of all miners meanwhile: connections are torn within a line.
var minersStorm = pooltest.Weather{CutAfter: 3000, Pieces: 200, Jitter: 5 * time.Millisecond}

// TestPoolInBadWeatherOnBothSides runs the built pool with a bad network to its miners
// and a worse one to its daemon. After each storm new blocks come through as jobs; in
// the end the ledger has each share that got true, and none that was not sent.
func TestPoolInBadWeatherOnBothSides(t *testing.T) {
	t.Parallel()
	long := os.Getenv("ADIT_CHAOS_SECONDS") != ""
	daemon := pooltest.NewDaemon(t, pooltest.Recorded(t, "litecoin-plain.json"))
	daemon.SetTemplate(map[string]any{"bits": "1a00ffff", "target": "00000000000000ffff0000000000000000000000000000000000000000000000"})
	behind := pooltest.NewProxy(t, strings.TrimPrefix(daemon.URL, "http://"))
	dir := t.TempDir()
	rpc := daemonRPC(daemon)
	rpc.URL = "http://" + behind.Addr
	initPool(t, dir, "litecoin", rpc, litecoinAddress(t), "--difficulty", "1e-9", "--vardiff=off", "--payouts=off")
	pool := startPool(t, "serve", "--dir", dir)
	dialWhenReady(t, pool.Stratum, goodAccount, pow.Scrypt)
	front := pooltest.NewProxy(t, pool.Stratum)
	front.Set(minersStorm)
	stop := make(chan struct{})
	ran := loadUntil(t, stop, load.Options{
		Addr: front.Addr, Connections: stormMiners, Rate: 100, Algorithm: pow.Scrypt, User: goodAccount + ".chaos{n}",
		Reconnect: 50 * time.Millisecond, Churn: 2, Grace: 5 * time.Second,
	})
	for i, storm := range daemonStorms {
		if storm.long && !long {
			continue
		}
		behind.Set(storm.Weather)
		behind.Cut()
		daemon.NextBlock(fmt.Sprint("in the storm ", i))
		time.Sleep(storm.lasts)
		behind.Set(pooltest.Weather{})
		daemon.NextBlock(fmt.Sprint("after the storm ", i))
		height := daemon.Height() + 1
		eventually(t, time.Minute, "a block after the storm becomes work", func() bool {
			return strings.Contains(pool.log.String(), "height="+strconv.FormatInt(height, 10))
		})
	}
	front.Set(pooltest.Weather{})
	close(stop)
	r := <-ran
	checkLoaded(t, pool, dir, "litecoin-regtest", "chaos", r)
	t.Logf("%d shares sent, %d got true, %d without answer; %d connections to the daemon and %d to miners were reset, %d came back",
		r.Sent, r.Accepted, r.Unanswered, behind.Resets(), front.Resets(), r.Returned)
}

// loadUntil runs the load generator until stop is closed.
func loadUntil(t *testing.T, stop <-chan struct{}, o load.Options) <-chan load.Report {
	o.Duration = time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan load.Report, 1)
	go func() {
		<-stop
		cancel()
	}()
	go func() {
		r, err := load.Run(ctx, o)
		if err != nil {
			t.Error(err)
		}
		ran <- r
	}()
	return ran
}

// checkLoaded stops the pool and compares its ledger with what the load generator was
// told; its workers are called name and a number.
func checkLoaded(t *testing.T, pool *poolProcess, dir, id, name string, r load.Report) {
	t.Helper()
	stale := int64(0) // a new block may come to the pool before the miner hears of it
	for reason, n := range r.Rejects {
		if strings.HasPrefix(reason, "21 ") {
			stale += n
		}
	}
	if r.Accepted == 0 || r.Rejected != stale || r.Accepted+r.Rejected+r.Unanswered != r.Sent {
		t.Errorf("the load generator says %+v", r)
	}
	applied(t, pool, r.Accepted)
	pool.stop(t)
	book, err := ledger.Open(t.Context(), filepath.Join(dir, "data", "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if err := book.Check(t.Context()); err != nil {
		t.Error(err)
	}
	var have int64
	for n := range stormMiners {
		shares, _, err := book.CountShares(t.Context(), id, goodAccount, fmt.Sprint(name, n))
		if err != nil {
			t.Fatal(err)
		}
		have += shares
	}
	if have < r.Accepted || have > r.Accepted+r.Unanswered {
		t.Errorf("the ledger has %d shares; %d got true, %d more had no answer", have, r.Accepted, r.Unanswered)
	}
}
