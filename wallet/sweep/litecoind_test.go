package sweep_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/sweep"
)

func network(t testing.TB, id, name string) *coin.Network {
	t.Helper()
	c, err := coin.Lookup(id)
	if err != nil {
		t.Fatal(err)
	}
	n, err := c.Network(name)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

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
	w := &world{node: pooltest.StartLitecoind(t, pooltest.LitecoindOptions{NoPeer: true}), key: newKey(t), network: network(t, "litecoin", "regtest"), dir: t.TempDir()}
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
