package e2e_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/devnet"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/pool-server/stratum/load"
	"github.com/adit-mining/adit/wallet/coin"
)

const (
	kills          = 5 // of each durability; `ADIT_KILLS=100` for figures
	minersPerKill  = 8
	loadPerKill    = 20 // connections of the load generator
	loadRate       = 3000
	crashPool      = "bitcoin-regtest"
	crashDeadline  = 2 * time.Minute // for the ledger to apply what the log has
	loadBeforeKill = 300             // shares, at least, before each kill
)

// embeddedCoin serves a devnet chain, which outlives the pool's kills.
func embeddedCoin(t testing.TB) (rpc pooltest.RPC, address string) {
	t.Helper()
	return embeddedCoinOf(t, 0x1e03ffff) // 2^22 hashes: these tests mine with slow miners
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

// TestEveryAcknowledgedShareSurvivesKill9 kills the pool at random moments under load,
// with either durability: what was written to a file survives the process, whether the
// disk has it or not. Each miner has one share under way at most and a worker name of
// its own for each life of the pool: the ledger must have each share that got true
// exactly once, and nothing but the one under way beside them. The load generator fills
// the batches; of its shares there must be as many as got true, and no more than were
// sent.
func TestEveryAcknowledgedShareSurvivesKill9(t *testing.T) {
	times := kills
	if text := os.Getenv("ADIT_KILLS"); text != "" {
		var err error
		if times, err = strconv.Atoi(text); err != nil || times < 1 {
			t.Fatalf("ADIT_KILLS: want a number, have %q", text)
		}
	}
	for _, durability := range []string{"fsync", "async"} {
		t.Run(durability, func(t *testing.T) {
			t.Parallel()
			rpc, address := embeddedCoinOf(t, benchBits)
			dir := t.TempDir()
			initPool(t, dir, "bitcoin", rpc, address, "--difficulty", "1e-6", "--vardiff=off", "--durability", durability)
			heard := heardOf{byWorker: map[string]int64{}}
			for life := range times {
				heard.live(t, startPool(t, "serve", "--dir", dir), life)
			}
			pool := startPool(t, "serve", "--dir", dir)
			checkLedger(t, pool, dir, heard)
			t.Logf("%d kills: %d shares got true one by one, %d of %d of the load generator", times, heard.sum(), heard.accepted, heard.sent)
		})
	}
}

var (
	crashAccount = coin.PubKeyHash{7}.String()
	loadAccount  = coin.PubKeyHash{8}.String()
)

// heardOf is what the miners know about their shares.
type heardOf struct {
	byWorker       map[string]int64 // of those that wait for each answer
	accepted, sent int64            // of the load generator
}

func (d *heardOf) sum() (n int64) {
	for _, shares := range d.byWorker {
		n += shares
	}
	return n
}

// live loads a pool, kills it, and notes what the miners were told.
func (d *heardOf) live(t *testing.T, pool *poolProcess, life int) {
	t.Helper()
	under := startLoad(t, pool.Stratum, crashAccount, life)
	ctx, stop := context.WithCancel(t.Context())
	loaded := make(chan load.Report, 1)
	go func() {
		r, err := load.Run(ctx, load.Options{Addr: pool.Stratum, Connections: loadPerKill, Rate: loadRate, Duration: time.Hour, User: loadAccount + ".{n}"})
		if err != nil {
			t.Errorf("life %d: %v", life, err)
		}
		loaded <- r
	}()
	eventually(t, time.Minute, "load before the kill", func() bool { return under.total.Load() >= loadBeforeKill })
	time.Sleep(rand.N(150 * time.Millisecond))
	pool.kill()
	for worker, n := range under.wait() {
		d.byWorker[worker] = n
	}
	stop()
	r := <-loaded
	if r.Accepted == 0 || r.Rejected != 0 {
		t.Errorf("life %d: the load generator says %+v", life, r)
	}
	d.accepted += r.Accepted
	d.sent += r.Sent
}

// checkLedger waits until the restarted pool has applied its log, stops it, and
// compares its ledger with what the miners were told.
func checkLedger(t *testing.T, pool *poolProcess, dir string, told heardOf) {
	t.Helper()
	eventually(t, crashDeadline, "the ledger has all shares", func() bool {
		_, one := minerStats(t, pool.Site, crashAccount)
		_, many := minerStats(t, pool.Site, loadAccount)
		return one.Accepted >= told.sum() && many.Accepted >= told.accepted
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
	counted := func(account, worker string) int64 {
		n, _, err := book.CountShares(t.Context(), crashPool, account, worker)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for worker, n := range told.byWorker {
		if got := counted(crashAccount, worker); got < n || got > n+1 {
			t.Errorf("worker %s: the ledger has %d shares, %d got true (one more may have been under way)", worker, got, n)
		}
	}
	var loaded int64
	for n := range loadPerKill {
		loaded += counted(loadAccount, fmt.Sprint(n))
	}
	if loaded < told.accepted || loaded > told.sent {
		t.Errorf("the ledger has %d shares of the load generator, which sent %d and got true for %d", loaded, told.sent, told.accepted)
	}
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
