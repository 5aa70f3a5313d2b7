package e2e_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/pool-server/work"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

// replaceIn changes a text in a file, which must be there.
func replaceIn(t testing.TB, file, old, replacement string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte(old)) {
		t.Fatalf("%q is not in %s:\n%s", old, file, text)
	}
	if err := os.WriteFile(file, bytes.ReplaceAll(text, []byte(old), []byte(replacement)), 0o644); err != nil {
		t.Fatal(err)
	}
}

// mute is a daemon behind a proxy that does not keep long polls and, once it is told
// so, hands out no template and does not tell its tip: only what it says by itself can
// bring news.
type mute struct {
	next    http.Handler
	on      atomic.Bool
	headers atomic.Int64 // asked for
}

func (d *mute) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	var call struct{ Method string }
	json.Unmarshal(body, &call)
	if d.on.Load() && (call.Method == "getblocktemplate" || call.Method == "getbestblockhash") || bytes.Contains(body, []byte("longpollid")) {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if call.Method == "getblockheader" {
		defer d.headers.Add(1)
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	d.next.ServeHTTP(w, r)
}

// behind puts a daemon behind a mute proxy and returns the way in.
func behind(t *testing.T, rpc pooltest.RPC) (pooltest.RPC, *mute) {
	t.Helper()
	to, err := url.Parse(rpc.URL)
	if err != nil {
		t.Fatal(err)
	}
	forward := httputil.NewSingleHostReverseProxy(to)
	forward.ErrorLog = log.New(io.Discard, "", 0) // calls that the pool gives up
	d := &mute{next: forward}
	server := httptest.NewServer(d)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	rpc.URL = server.URL
	return rpc, d
}

// TestBlockNotifyReachesTheRunningPool: what a daemon's -blocknotify calls, and its
// errors.
func TestBlockNotifyReachesTheRunningPool(t *testing.T) {
	t.Parallel()
	daemon := pooltest.NewDaemon(t, pooltest.Recorded(t, "btcd.json"))
	for range work.MedianSpan {
		daemon.MineBlock()
	}
	rpc, proxy := behind(t, daemonRPC(daemon))
	dir := t.TempDir()
	initPool(t, dir, "bitcoin", rpc, cointest.Network(t, "bitcoin", "regtest").P2WPKH(coin.PubKeyHash{5}).String(), "--payouts=off", "--difficulty", "1e-9")
	refused := func(want string, args ...string) {
		t.Helper()
		if _, stderr, err := command(t, "adit-pool", append([]string{"blocknotify", "--dir", dir}, args...)...); err == nil || !strings.Contains(stderr, want) {
			t.Errorf("blocknotify %v: %v, %q, want an error about %q", args, err, stderr, want)
		}
	}
	refused("no running server")
	pool := startPool(t, "serve", "--dir", dir)
	m := dialWhenReady(t, pool.Stratum, goodAccount, pow.SHA256d)
	refused("block hash", "123")
	refused("no such pool: dogecoin; there are "+crashPool, "--coin", "dogecoin")
	refused("unexpected argument", strings.Repeat("0", 64), "more")
	eventually(t, 30*time.Second, "the pool has learnt the times of the blocks", func() bool { return proxy.headers.Load() >= work.MedianSpan-1 })
	proxy.on.Store(true)
	for _, name := range []string{"", "BTC", "bitcoin", crashPool} {
		hash, _ := daemon.MineBlock()
		must(t, "adit-pool", "blocknotify", "--dir", dir, "--coin", name, hash)
		if _, err := m.AwaitTip(hash); err != nil {
			t.Fatalf("no job on block %s: %v", hash, err)
		}
	}
	proxy.on.Store(false)
	hash, _ := daemon.MineBlock()
	must(t, "adit-pool", "blocknotify", "--dir", dir) // without a hash it is a reason to look
	if _, err := m.AwaitTip(hash); err != nil {
		t.Fatal(err)
	}
	pool.stop(t)
	refused("no running server")
}

// TestZMQTellsThePool: --zmq as an operator writes it, with nothing else to go by.
func TestZMQTellsThePool(t *testing.T) {
	t.Parallel()
	daemon := pooltest.NewDaemon(t, pooltest.Recorded(t, "btcd.json"))
	for range work.MedianSpan {
		daemon.MineBlock()
	}
	daemon.SetTemplate(map[string]any{"transactions": pooltest.Transactions(3, 100)})
	rpc, proxy := behind(t, daemonRPC(daemon))
	dir := t.TempDir()
	initPool(t, dir, "bitcoin", rpc, cointest.Network(t, "bitcoin", "regtest").P2WPKH(coin.PubKeyHash{5}).String(),
		"--payouts=off", "--difficulty", "1e-9", "--zmq", daemon.Publish(t))
	pool := startPool(t, "serve", "--dir", dir)
	m := dialWhenReady(t, pool.Stratum, goodAccount, pow.SHA256d)
	// The first blocks may come before the subscription has arrived and the times of
	// the blocks before are known: polling finds them.
	for branches := -1; branches != 0; {
		hash, _ := daemon.MineBlock()
		var err error
		if branches, err = m.AwaitTip(hash); err != nil {
			t.Fatal(err)
		}
	}
	proxy.on.Store(true)
	for i := range 4 {
		hash, _ := daemon.MineBlock()
		// A template that was asked for before may come with the first of these.
		if branches, err := m.AwaitTip(hash); err != nil || branches != 0 && i > 0 {
			t.Fatalf("no empty job on block %s: %d branches, %v", hash, branches, err)
		}
	}
	pool.stop(t)
}

// TestLitecoindTakesABlockOfTheFirstJob: litecoind tells of a block by -blocknotify and
// nothing else; miners begin with an empty job, and a block of theirs is accepted.
func TestLitecoindTakesABlockOfTheFirstJob(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	node := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{
		Args: []string{"-blocknotify=" + program(t, "adit-pool") + " blocknotify --dir " + dir + " --coin litecoin %s"},
	})
	address := node.NewAddress()
	node.GenerateTo(12, address)
	rpc, proxy := behind(t, node.RPC)
	initPool(t, dir, "litecoin", rpc, address, "--difficulty", "1e-9", "--vardiff=off")
	replaceIn(t, filepath.Join(dir, "pools", "litecoin-regtest.json"), `"firstJob": "full"`, `"firstJob": "empty"`)
	pool := startPool(t, "serve", "--dir", dir)
	m := dialWhenReady(t, pool.Stratum, goodAccount, pow.Scrypt)
	eventually(t, 30*time.Second, "the pool has learnt the times of the blocks", func() bool { return proxy.headers.Load() >= work.MedianSpan-1 })
	proxy.on.Store(true)
	for range 3 {
		tip := node.GenerateTo(1, address)[0]
		if branches, err := m.AwaitTip(tip); err != nil || branches != 0 {
			t.Fatalf("no empty job on block %s: %d branches, %v", tip, branches, err)
		}
		before := node.Height()
		for node.Height() == before { // half of the shares are blocks
			if _, err := m.Mine(); err != nil {
				t.Fatal(err)
			}
		}
		best := pooltest.Must[string](t, node.RPC, "getbestblockhash")
		block := pooltest.Must[struct{ NTx int }](t, node.RPC, "getblock", best)
		if node.Height() != before+1 || block.NTx != 1 {
			t.Fatalf("height %d after %d, a block of %d transactions", node.Height(), before, block.NTx)
		}
		// The pool's own block needs no news at all.
		if branches, err := m.AwaitTip(best); err != nil || branches != 0 {
			t.Fatalf("no empty job on the pool's own block: %d branches, %v", branches, err)
		}
	}
	pool.stop(t)
}
