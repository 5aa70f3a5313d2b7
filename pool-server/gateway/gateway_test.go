package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/pool-server/gateway"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/pool-server/stats"
	"github.com/adit-mining/adit/pool-server/website"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
	"github.com/adit-mining/adit/wallet/sweep"
)

func newKey(t testing.TB) wallet.Key {
	t.Helper()
	k, err := wallet.NewKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// daemon is a fake one whose looks take a minute.
type daemon struct {
	mu      sync.Mutex
	running int
	most    int // looks at once
	looks   int
	coins   int // unspent outputs of every key; 0: one
	err     error
	relayed []string
	refuse  error
	has     map[string]string
}

func (d *daemon) ScanUnspent(ctx context.Context, _ time.Duration, scripts [][]byte, _ int) ([]node.Unspent, int64, error) {
	d.mu.Lock()
	d.running++
	d.looks++
	d.most = max(d.most, d.running)
	d.mu.Unlock()
	select {
	case <-time.After(time.Minute):
	case <-ctx.Done():
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.running--
	one := node.Unspent{TxID: strings.Repeat("cd", 32), Amount: 5, Script: scripts[0], Height: 3}
	return slices.Repeat([]node.Unspent{one}, max(1, d.coins)), 7, d.err
}

func (d *daemon) counted() (looks, most int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.looks, d.most
}

func (d *daemon) FeeRates(context.Context) (coin.Amount, coin.Amount, error) { return 0, 1000, d.err }

func (d *daemon) RawTransaction(_ context.Context, txid string, _ int64) (string, int64, error) {
	return d.has[txid], 0, d.err
}

func (d *daemon) Relay(_ context.Context, raw string) error {
	d.relayed = append(d.relayed, raw)
	return d.refuse
}

func TestOneLookAtATimeWithRests(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		d, turn := &daemon{}, gateway.NewTurn()
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		defer running.Wait()
		defer cancel()
		var all []*gateway.Gateway
		for range 2 { // two coins of one server
			g := gateway.New(gateway.Config{Network: cointest.Network(t, "litecoin", "regtest"), Daemon: d, Turn: turn})
			running.Go(func() { _ = g.Run(ctx) })
			all = append(all, g)
		}
		first := newKey(t).MiningKey()
		u, err := all[0].Unspent(first)
		if err != nil || u.State != poolapi.UnspentLooking {
			t.Fatalf("%+v, %v", u, err)
		}
		for range 100 { // the same question is not another look
			if u, err = all[0].Unspent(first); err != nil || u.State != poolapi.UnspentLooking {
				t.Fatalf("%+v, %v", u, err)
			}
		}
		for range 3 {
			for _, g := range all {
				if _, err := g.Unspent(newKey(t).MiningKey()); err != nil {
					t.Fatal(err)
				}
			}
		}
		time.Sleep(3*time.Minute + time.Second)
		if looks, most := d.counted(); most != 1 || looks < 2 || looks > 4 {
			t.Errorf("%d looks in 3 minutes, %d at once", looks, most)
		}
		time.Sleep(20 * time.Minute)
		if looks, most := d.counted(); looks != 7 || most != 1 {
			t.Errorf("%d looks, %d at once", looks, most)
		}
	})
}

// Anybody may ask for any key, those with the most coins one after the other.
func TestAnswersTakeNoMoreMemoryThanSoMuch(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		d := &daemon{coins: 9_000}
		g := gateway.New(gateway.Config{Network: cointest.Network(t, "litecoin", "regtest"), Daemon: d, Remember: 24 * time.Hour})
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		defer running.Wait()
		defer cancel()
		running.Go(func() { _ = g.Run(ctx) })
		held := 0
		for range 40 {
			if _, err := g.Unspent(newKey(t).MiningKey()); err != nil {
				break
			}
			held += d.coins
			time.Sleep(5 * time.Minute)
		}
		if held < 100_000 || held > 300_000 {
			t.Errorf("%d outputs are remembered", held)
		}
		time.Sleep(48 * time.Hour)
		if _, err := g.Unspent(newKey(t).MiningKey()); err != nil {
			t.Errorf("a day later: %v", err)
		}
	})
}

func TestTheQueueIsShortAndAnswersAreRemembered(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		d := &daemon{}
		g := gateway.New(gateway.Config{Network: cointest.Network(t, "litecoin", "regtest"), Daemon: d})
		key := newKey(t).MiningKey()
		if _, err := g.Unspent(key); err != nil {
			t.Fatal(err)
		}
		busy := 0
		for range 40 {
			var p *gateway.Problem
			if _, err := g.Unspent(newKey(t).MiningKey()); errors.As(err, &p) && p.Status == http.StatusServiceUnavailable {
				busy++
			}
		}
		if busy != 40-15 {
			t.Errorf("%d of 40 were sent away", busy)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); _ = g.Run(ctx) }()
		time.Sleep(61 * time.Second)
		u, err := g.Unspent(key)
		if err != nil || u.State != poolapi.UnspentDone || len(u.Outputs) != 1 || u.Height != 7 || u.Outputs[0].Amount != "0.00000005" || !g.Known(key) {
			t.Errorf("%+v, %v", u, err)
		}
		cancel()
		<-done
		time.Sleep(2 * time.Minute)
		if g.Known(key) {
			t.Error("an answer of minutes ago is told again")
		}
	})
}

func TestTroubleOfTheDaemonIsToldWithoutItsInsides(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		d := &daemon{err: fmt.Errorf("scan at 10.0.0.7:9332: %w", node.ErrAuth)}
		g := gateway.New(gateway.Config{Network: cointest.Network(t, "litecoin", "regtest"), Daemon: d})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); _ = g.Run(ctx) }()
		key := newKey(t).MiningKey()
		_, _ = g.Unspent(key)
		time.Sleep(61 * time.Second)
		_, err := g.Unspent(key)
		_, feeErr := g.Fee(t.Context())
		_, txErr := g.Transaction(t.Context(), strings.Repeat("ab", 32), 0)
		for _, err := range []error{err, feeErr, txErr} {
			var p *gateway.Problem
			if !errors.As(err, &p) || p.Status < 500 || strings.Contains(p.Text, "10.0.0.7") {
				t.Errorf("%v", err)
			}
		}
		cancel()
		<-done
	})
}

func TestWhatIsNoKeyOrNoTransactionIsRefused(t *testing.T) {
	d := &daemon{}
	g := gateway.New(gateway.Config{Network: cointest.Network(t, "litecoin", "regtest"), Daemon: d})
	for _, key := range []string{"", "xyz", strings.Repeat("ab", 32), strings.Repeat("00", 33), "AB" + strings.Repeat("ab", 19)} {
		var p *gateway.Problem
		if _, err := g.Unspent(key); !errors.As(err, &p) || p.Status != http.StatusBadRequest {
			t.Errorf("%q: %v", key, err)
		}
	}
	for _, raw := range []string{"", "zz", "00", strings.Repeat("00", 1000), strings.Repeat("00", 500_000)} {
		if _, err := g.Send(t.Context(), raw); err == nil {
			t.Errorf("%.10s… was handed on", raw)
		}
	}
	if len(d.relayed) != 0 {
		t.Errorf("the daemon was given %d times what is no transaction", len(d.relayed))
	}
	for _, txid := range []string{"", "zz", strings.Repeat("ab", 31)} {
		if _, err := g.Transaction(t.Context(), txid, 0); err == nil {
			t.Errorf("transaction %q", txid)
		}
	}
}

// TestAKeysHolderSweepsThroughThePoolsAPI is the whole way on real parts: litecoind,
// the gateway, the website, the app's client, and back.
func TestAKeysHolderSweepsThroughThePoolsAPI(t *testing.T) {
	n, k := cointest.Network(t, "litecoin", "regtest"), newKey(t)
	daemon := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{NoPeer: true})
	daemon.Generate(110)
	client, err := node.New(node.Config{URL: daemon.URL, User: daemon.User, Password: node.Secret(daemon.Password)})
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	g := gateway.New(gateway.Config{Network: n, Daemon: client, Log: logger})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = g.Run(ctx) })
	stop := sync.OnceFunc(func() { cancel(); running.Wait() })
	defer stop()
	server := httptest.NewServer(newSite(t, n, g))
	defer server.Close()

	scripts, err := sweep.Scripts(n, k.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	to := map[string]any{}
	for _, s := range scripts {
		to[s.Address] = "0.8"
	}
	for range 3 {
		pooltest.Must[string](t, daemon.RPC, "sendmany", "", to)
	}
	daemon.Generate(1)
	src, err := sweep.NewPool(n, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	target := daemon.NewAddress()
	p, err := sweep.Prepare(t.Context(), k.PublicKey(), n, target, src, sweep.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Inputs()) != 12 {
		t.Fatalf("%d inputs, want all four forms three times", len(p.Inputs()))
	}
	sent, err := sweep.Move(t.Context(), t.TempDir(), src, p, k)
	if err != nil {
		t.Fatal(err)
	}
	if st, err := sweep.Send(t.Context(), src, sent[0].Signed); err != nil || !st.Known {
		t.Errorf("sent twice: %+v, %v", st, err)
	}
	daemon.Generate(1)
	if got := pooltest.Must[float64](t, daemon.RPC, "getreceivedbyaddress", target); coin.Amount(got*1e8+0.5) != p.Amount {
		t.Errorf("%v arrived, planned %v", got, p.Amount)
	}
	// What it spent is not told again from memory, and what the network refuses is told
	// in its words.
	if _, err := sweep.Prepare(t.Context(), k.PublicKey(), n, target, src, sweep.Options{}); !errors.Is(err, sweep.ErrNothing) {
		t.Errorf("after the sweep: %v", err)
	}
	bad := sent[0].Signed
	bad.Raw = append([]byte(nil), bad.Raw...)
	bad.Raw[len(bad.Raw)-1]++ // the lock time: all signatures are wrong
	if _, err := src.Send(t.Context(), bad.Raw); !errors.Is(err, sweep.ErrRefused) {
		t.Errorf("a spoiled transaction: %v", err)
	}
	stop()
	secret := k.Bytes()
	for _, hidden := range []string{k.WIF(n), fmt.Sprintf("%x", secret), daemon.Password} {
		if strings.Contains(log.String(), hidden) {
			t.Error("a secret is in the pool's log")
		}
	}
}

func newSite(t testing.TB, n *coin.Network, g website.Gateway) http.Handler {
	t.Helper()
	book, err := ledger.Open(t.Context(), t.TempDir()+"/ledger.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { book.Close() })
	info := poolapi.CoinInfo{ID: n.Coin.ID, Network: n.Name}
	site, err := website.New(website.Config{
		Info:  func() poolapi.PoolInfo { return poolapi.PoolInfo{Version: 1, Coins: []poolapi.CoinInfo{info}} },
		Pools: func() []website.Pool { return []website.Pool{{ID: "ltc", Network: n, Info: info, Gateway: g}} },
		Book:  book, Owners: book, Stats: stats.New(stats.Options{}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return site
}

func TestStrangersAreLimited(t *testing.T) {
	d := &daemon{}
	n := cointest.Network(t, "litecoin", "regtest")
	g := gateway.New(gateway.Config{Network: n, Daemon: d})
	site := newSite(t, n, g)
	get := func(method, path, body string) int {
		w := httptest.NewRecorder()
		site.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
		return w.Code
	}
	codes := map[int]int{}
	for range 12 {
		codes[get("GET", "/api/v1/coins/litecoin/unspent/"+newKey(t).MiningKey(), "")]++
	}
	if codes[http.StatusAccepted] != 6 || codes[http.StatusTooManyRequests] != 6 {
		t.Errorf("new keys: %v", codes)
	}
	for path, want := range map[string]int{
		"/api/v1/coins/dogecoin/fee": http.StatusNotFound, "/api/v1/coins/litecoin/fee": http.StatusOK, "/api/v1/coins/ltc/fee": http.StatusOK,
		"/api/v1/coins/litecoin/transactions/zz": http.StatusBadRequest, "/api/v1/coins/litecoin/transactions/" + strings.Repeat("ab", 32): http.StatusNotFound,
		"/api/v1/coins/litecoin/transactions/" + strings.Repeat("ab", 32) + "?height=x": http.StatusBadRequest,
	} {
		if got := get("GET", path, ""); got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
	if got := get("POST", "/api/v1/coins/litecoin/transactions/", "nonsense"); got != http.StatusBadRequest {
		t.Errorf("nonsense: %d", got)
	}
	codes = map[int]int{}
	for range 700 {
		codes[get("GET", "/api/v1/coins/litecoin/fee", "")]++
	}
	if codes[http.StatusTooManyRequests] == 0 || codes[http.StatusOK] < 500 {
		t.Errorf("fee: %v", codes)
	}
	off := newSite(t, n, nil)
	w := httptest.NewRecorder()
	off.ServeHTTP(w, httptest.NewRequest("GET", "/api/v1/coins/litecoin/fee", nil))
	if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "does not offer") {
		t.Errorf("switched off: %d %s", w.Code, w.Body)
	}
}
