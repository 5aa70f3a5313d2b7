package sweep_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/pooltest"
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

// world is a regtest litecoind with mature coins in its wallet, and a key.
type world struct {
	node    *pooltest.Litecoind
	key     wallet.Key
	network *coin.Network
	scripts []sweep.Script
	dir     string
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{node: pooltest.StartLitecoind(t, pooltest.LitecoindOptions{NoPeer: true}), key: newKey(t), network: cointest.Network(t, "litecoin", "regtest"), dir: t.TempDir()}
	w.node.Generate(110)
	w.scripts = w.scriptsOf(t, w.key)
	return w
}

func (w *world) scriptsOf(t testing.TB, k wallet.Key) []sweep.Script {
	t.Helper()
	all, err := sweep.Scripts(w.network, k.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// fund pays coins to each of the key's forms, n outputs each, and confirms them.
func (w *world) fund(t testing.TB, n int, coins float64) {
	t.Helper()
	for range n {
		to := map[string]any{}
		for _, s := range w.scripts {
			to[s.Address] = fmt.Sprintf("%.8f", coins)
		}
		pooltest.Must[string](t, w.node.RPC, "sendmany", "", to)
	}
	w.node.Generate(1)
}

func (w *world) rpc(t testing.TB) *sweep.RPC {
	t.Helper()
	cookie := filepath.Join(t.TempDir(), "cookie")
	if err := os.WriteFile(cookie, []byte(w.node.User+":"+w.node.Password+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := sweep.NewRPC(sweep.RPCConfig{Network: w.network, URL: w.node.URL, CookieFile: cookie})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (w *world) plan(t testing.TB, src sweep.Source, to string, o sweep.Options) sweep.Plan {
	t.Helper()
	p, err := sweep.Prepare(t.Context(), w.key.PublicKey(), w.network, to, src, o)
	if err != nil {
		t.Fatalf("prepare: %v", err)
	}
	return p
}

// received is what an address got, confirmed, in units.
func (w *world) received(t testing.TB, address string) coin.Amount {
	t.Helper()
	text := pooltest.Must[float64](t, w.node.RPC, "getreceivedbyaddress", address, 1)
	a, err := coin.ParseAmount(fmt.Sprintf("%.8f", text))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestEveryFormIsSweptAndConfirmed(t *testing.T) {
	w := newWorld(t)
	w.fund(t, 2, 1.5)
	to := w.node.NewAddress()
	src := w.rpc(t)
	p := w.plan(t, src, to, sweep.Options{})
	if len(p.Inputs()) != 8 || len(p.Transactions) != 1 || p.Amount+p.Fee != 8*150_000_000 {
		t.Fatalf("plan: %d inputs, %d transactions, %v + %v", len(p.Inputs()), len(p.Transactions), p.Amount, p.Fee)
	}
	forms := map[string]int{}
	for _, o := range p.Inputs() {
		forms[fmt.Sprintf("%x", o.Script)]++
	}
	for _, s := range w.scripts {
		if forms[fmt.Sprintf("%x", s.Bytes)] != 2 {
			t.Errorf("%s: %d outputs in the plan, want 2", s.Form, forms[fmt.Sprintf("%x", s.Bytes)])
		}
	}
	sent, err := sweep.Move(t.Context(), w.dir, src, p, w.key)
	if err != nil {
		t.Fatal(err)
	}
	again, err := sweep.Sign(p, w.key)
	if err != nil || string(again[0].Raw) != string(sent[0].Raw) {
		t.Errorf("the same plan was signed to other bytes (%v)", err)
	}
	type entry struct {
		Vsize int `json:"vsize"`
		Fees  struct {
			Base float64 `json:"base"`
		} `json:"fees"`
	}
	e := pooltest.Must[entry](t, w.node.RPC, "getmempoolentry", sent[0].TxID)
	if got := coin.Amount(e.Fees.Base*1e8 + 0.5); got != p.Fee {
		t.Errorf("fee %v, planned %v", got, p.Fee)
	}
	if planned := p.Transactions[0].Size; e.Vsize > planned || e.Vsize < planned-2*8 {
		t.Errorf("size %d, planned %d", e.Vsize, planned)
	}
	w.node.Generate(1)
	if got := w.received(t, to); got != p.Amount {
		t.Errorf("%v arrived, planned %v", got, p.Amount)
	}
	st, err := src.Status(t.Context(), sent[0].Signed)
	if err != nil || !st.Known || st.Confirmations != 1 {
		t.Errorf("status %+v, %v", st, err)
	}
	// Sent once more it is the same transaction, in the chain already.
	if st, err := sweep.Send(t.Context(), src, sent[0].Signed); err != nil || !st.Known {
		t.Errorf("sent again: %+v, %v", st, err)
	}
	if _, err := sweep.Prepare(t.Context(), w.key.PublicKey(), w.network, to, src, sweep.Options{}); err == nil {
		t.Error("there is a second plan for nothing")
	}
}

func TestHundredsOfPayoutsAreMovedAtOnce(t *testing.T) {
	w := newWorld(t)
	w.fund(t, 90, 0.01) // 360 outputs of 90 transactions
	to := w.node.NewAddress()
	src := w.rpc(t)
	p := w.plan(t, src, to, sweep.Options{FeeRate: 2000})
	if len(p.Inputs()) != 360 {
		t.Fatalf("%d inputs", len(p.Inputs()))
	}
	sent, err := sweep.Move(t.Context(), w.dir, src, p, w.key)
	if err != nil {
		t.Fatal(err)
	}
	w.node.Generate(1)
	if got := w.received(t, to); got != p.Amount {
		t.Errorf("%v arrived, planned %v", got, p.Amount)
	}
	t.Logf("360 coins in %d transactions, the first of %d bytes", len(sent), sent[0].Size)
}

func TestRewardsOfFoundBlocksWaitForMaturity(t *testing.T) {
	w := newWorld(t)
	var p2wpkh string
	for _, s := range w.scripts {
		if s.Form == sweep.FormP2WPKH {
			p2wpkh = s.Address
		}
	}
	w.node.GenerateTo(3, p2wpkh)
	src := w.rpc(t)
	_, err := sweep.Prepare(t.Context(), w.key.PublicKey(), w.network, w.node.NewAddress(), src, sweep.Options{})
	if !errors.Is(err, sweep.ErrNothing) || !strings.Contains(err.Error(), "97 blocks") {
		t.Fatalf("all immature: %v", err)
	}
	w.node.Generate(97)
	p := w.plan(t, src, w.node.NewAddress(), sweep.Options{})
	if len(p.Inputs()) != 1 || len(p.Immature) != 2 {
		t.Fatalf("%d inputs, %d immature", len(p.Inputs()), len(p.Immature))
	}
	if blocks, _ := sweep.MatureIn(w.network, p.Immature[0], p.Tip); blocks < 1 || blocks > 2 {
		t.Errorf("matures in %d blocks", blocks)
	}
	if _, err := sweep.Move(t.Context(), w.dir, src, p, w.key); err != nil {
		t.Error(err)
	}
}

// without is a daemon that has not got some calls: an older one.
type without struct {
	http.RoundTripper
	methods []string
}

func (o without) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	for _, m := range o.methods {
		if strings.Contains(string(body), `"method":"`+m+`"`) {
			return &http.Response{StatusCode: http.StatusNotFound, Header: http.Header{}, Request: r,
				Body: io.NopCloser(strings.NewReader(`{"result":null,"error":{"code":-32601,"message":"Method not found"},"id":1}`))}, nil
		}
	}
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	return o.RoundTripper.RoundTrip(r)
}

func TestADaemonWithoutScanWatchesInAWalletOfItsOwn(t *testing.T) {
	w := newWorld(t)
	w.fund(t, 2, 0.3)
	to := w.node.NewAddress()
	src, err := sweep.NewRPC(sweep.RPCConfig{
		Network: w.network, URL: w.node.URL, User: w.node.User, Password: w.node.Password,
		Transport: without{http.DefaultTransport, []string{"scantxoutset"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	p := w.plan(t, src, to, sweep.Options{})
	if len(p.Inputs()) != 8 || len(p.Unproved) != 0 {
		t.Fatalf("%d inputs, %d unproved", len(p.Inputs()), len(p.Unproved))
	}
	if again := w.plan(t, src, to, sweep.Options{}); again.Amount != p.Amount {
		t.Errorf("a second look: %v, first %v", again.Amount, p.Amount)
	}
	if _, err := sweep.Move(t.Context(), w.dir, src, p, w.key); err != nil {
		t.Fatal(err)
	}
	for _, name := range pooltest.Must[[]string](t, w.node.RPC, "listwallets") {
		if name == pooltest.Wallet {
			continue
		}
		rpc := w.node.RPC
		rpc.URL += "/wallet/" + name
		info := pooltest.Must[struct {
			Keys bool `json:"private_keys_enabled"`
		}](t, rpc, "getwalletinfo")
		if info.Keys {
			t.Errorf("wallet %s can hold private keys", name)
		}
	}
}

// cut is a source whose answer to the first sends is lost, after the daemon has the
// transaction or before.
type cut struct {
	sweep.Source
	after bool
	times int
	blind bool
}

var errCut = errors.New("the connection was cut")

func (c *cut) Send(ctx context.Context, raw []byte) (string, error) {
	if c.times == 0 {
		return c.Source.Send(ctx, raw)
	}
	c.times--
	if c.after {
		if _, err := c.Source.Send(ctx, raw); err != nil {
			return "", err
		}
	}
	return "", errCut
}

func (c *cut) Status(ctx context.Context, s sweep.Signed) (sweep.Status, error) {
	if c.blind {
		return sweep.Status{}, errCut
	}
	return c.Source.Status(ctx, s)
}

func TestALostAnswerMakesNoSecondTransaction(t *testing.T) {
	w := newWorld(t)
	for _, after := range []bool{false, true} {
		for _, blind := range []bool{false, true} {
			t.Run(fmt.Sprintf("done=%v blind=%v", after, blind), func(t *testing.T) {
				w.key, w.dir = newKey(t), t.TempDir()
				w.scripts = w.scriptsOf(t, w.key)
				w.fund(t, 1, 0.2)
				src := w.rpc(t)
				to := w.node.NewAddress()
				p := w.plan(t, src, to, sweep.Options{})
				sent, err := sweep.Move(t.Context(), w.dir, &cut{src, after, 99, blind}, p, w.key)
				if found := after && !blind; found != (err == nil) || err != nil && !errors.Is(err, sweep.ErrUnknown) {
					t.Fatalf("move = %v", err)
				}
				if err != nil {
					pending, err := sweep.Pending(w.dir, w.network, w.key.PublicKey())
					if err != nil || len(pending) != 1 || pending[0].TxID != sent[0].TxID {
						t.Fatalf("pending: %v, %v", pending, err)
					}
					if other, err := sweep.Pending(w.dir, cointest.Network(t, "litecoin", "main"), w.key.PublicKey()); err != nil || len(other) != 0 {
						t.Errorf("pending on another network: %v, %v", other, err)
					}
					again, err := sweep.Resume(t.Context(), w.dir, src, w.network, w.key.PublicKey())
					if err != nil || len(again) != 1 || again[0].TxID != sent[0].TxID {
						t.Fatalf("resume: %+v, %v", again, err)
					}
				}
				w.node.Generate(1)
				if got := w.received(t, to); got != p.Amount {
					t.Errorf("%v arrived, planned %v", got, p.Amount)
				}
				if pending, err := sweep.Pending(w.dir, w.network, w.key.PublicKey()); err != nil || len(pending) != 0 {
					t.Errorf("still pending: %v, %v", pending, err)
				}
			})
		}
	}
}
