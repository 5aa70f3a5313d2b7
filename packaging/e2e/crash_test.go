package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/devnet"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/wallet/coin"
)

const (
	kills          = 20
	minersPerKill  = 8
	crashPool      = "bitcoin-regtest"
	crashDeadline  = 2 * time.Minute // for the ledger to apply what the log has
	loadBeforeKill = 300             // shares, at least, before each kill
)

// embeddedCoin serves a devnet chain, which outlives the pool's kills.
func embeddedCoin(t testing.TB) (rpc pooltest.RPC, address string) {
	t.Helper()
	return embeddedCoinOf(t, devnet.DefaultBits)
}

// embeddedCoinOf is an embedded coin whose blocks cost what bits say.
func embeddedCoinOf(t testing.TB, bits uint32) (rpc pooltest.RPC, address string) {
	t.Helper()
	const user, password = "user", "password"
	chain, err := devnet.Open(devnet.Options{Dir: t.TempDir(), Bits: bits, User: user, Password: password})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { chain.Serve(ctx, listener) })
	t.Cleanup(func() { stop(); serving.Wait(); chain.Close() })
	if address, err = chain.NewAddress(); err != nil {
		t.Fatal(err)
	}
	return pooltest.RPC{URL: "http://" + listener.Addr().String(), User: user, Password: password}, address
}

// TestEveryAcknowledgedShareSurvivesKill9 kills the pool twenty times at random
// moments under load. Each miner has one share under way at most and a worker name
// of its own for each life of the pool: the ledger must have each share that got
// true exactly once, and nothing but the one under way beside them.
func TestEveryAcknowledgedShareSurvivesKill9(t *testing.T) {
	t.Parallel()
	rpc, address := embeddedCoin(t)
	dir := t.TempDir()
	initPool(t, dir, "bitcoin", rpc, address, "--difficulty", "1e-6", "--vardiff=off")
	account := coin.PubKeyHash{7}.String()
	acknowledged := map[string]int64{} // by worker
	for life := range kills {
		pool := startPool(t, "serve", "--dir", dir)
		under := startLoad(t, pool.Stratum, account, life)
		eventually(t, time.Minute, "load before the kill", func() bool { return under.total.Load() >= loadBeforeKill })
		time.Sleep(rand.N(150 * time.Millisecond))
		pool.kill()
		for worker, n := range under.wait() {
			acknowledged[worker] = n
		}
	}
	pool := startPool(t, "serve", "--dir", dir)
	checkLedger(t, pool, dir, account, acknowledged)
}

// checkLedger waits until the restarted pool has applied its log, stops it, and
// compares its ledger with what the miners were told.
func checkLedger(t *testing.T, pool *poolProcess, dir, account string, acknowledged map[string]int64) {
	t.Helper()
	var told int64
	for _, n := range acknowledged {
		told += n
	}
	eventually(t, crashDeadline, "the ledger has all shares", func() bool {
		_, c := minerStats(t, pool.Site, account)
		return c.Accepted >= told
	})
	time.Sleep(time.Second) // what was not acknowledged may come too
	pool.stop(t)
	book, err := ledger.Open(t.Context(), filepath.Join(dir, "data", "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if err := book.Check(t.Context()); err != nil {
		t.Errorf("the ledger contradicts itself: %v", err)
	}
	var counted int64
	for worker, n := range acknowledged {
		got, _, err := book.CountShares(t.Context(), crashPool, account, worker)
		if err != nil {
			t.Fatal(err)
		}
		counted += got
		if got < n || got > n+1 {
			t.Errorf("worker %s: the ledger has %d shares, %d got true (one more may have been under way)", worker, got, n)
		}
	}
	t.Logf("%d kills, %d workers: %d shares got true, the ledger has %d", kills, len(acknowledged), told, counted)
}

// underLoad is a group of miners on one life of the pool.
type underLoad struct {
	total   atomic.Int64
	running sync.WaitGroup
	mu      sync.Mutex // guards what follows
	counts  map[string]int64
}

func startLoad(t *testing.T, address, account string, life int) *underLoad {
	t.Helper()
	l := &underLoad{counts: map[string]int64{}}
	for i := range minersPerKill {
		worker := fmt.Sprintf("life%dminer%d", life, i)
		m, err := pooltest.DialMiner(address, account+"."+worker, pow.SHA256d)
		if err != nil {
			t.Fatalf("life %d: %v", life, err)
		}
		l.running.Go(func() {
			defer m.Close()
			for {
				ok, err := m.Mine()
				if err != nil { // the pool was killed
					break
				}
				if ok {
					l.total.Add(1)
				}
			}
			l.mu.Lock()
			defer l.mu.Unlock()
			l.counts[worker] = m.Acknowledged
		})
	}
	return l
}

// wait returns how many shares of each worker got true.
func (l *underLoad) wait() map[string]int64 {
	l.running.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts
}
