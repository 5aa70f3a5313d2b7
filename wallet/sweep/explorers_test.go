package sweep_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/wallet/coin/cointest"
	"github.com/adit-mining/adit/wallet/sweep"
)

func TestExplorersOfLitecoin(t *testing.T) {
	w := newWorld(t)
	for name, source := range map[string]func(e *explorer) (sweep.Source, error){
		"esplora": func(e *explorer) (sweep.Source, error) { return sweep.NewEsplora(w.network, e.esplora()) },
		"electrum": func(e *explorer) (sweep.Source, error) {
			return sweep.NewElectrum(w.network, "tcp://"+e.electrum(false))
		},
		"electrum by TLS": func(e *explorer) (sweep.Source, error) { return sweep.NewElectrum(w.network, e.electrum(true)) },
	} {
		t.Run(name, func(t *testing.T) {
			e := &explorer{t: t, rpc: w.node.RPC, network: w.network, fee: 12.5}
			src, err := source(e)
			if err != nil {
				t.Fatal(err)
			}
			if c, ok := src.(io.Closer); ok {
				defer c.Close()
			}
			w.key = newKey(t)
			w.scripts = w.scriptsOf(t, w.key)
			w.fund(t, 1, 0.7)
			to := w.node.NewAddress()
			p := w.plan(t, src, to, sweep.Options{})
			if len(p.Inputs()) != 4 || p.FeeRate != 12_500 {
				t.Fatalf("%d inputs, rate %v", len(p.Inputs()), p.FeeRate)
			}
			e.dropAfter = 1 // the transaction is taken, and nobody says so
			sent, err := sweep.Move(t.Context(), t.TempDir(), src, p, w.key)
			if err != nil || !sent[0].Status.Known {
				t.Fatalf("move: %+v, %v", sent, err)
			}
			w.node.Generate(2)
			if got := w.received(t, to); got != p.Amount {
				t.Errorf("%v arrived, planned %v", got, p.Amount)
			}
			if st, err := src.Status(t.Context(), sent[0].Signed); err != nil || st.Confirmations != 2 {
				t.Errorf("status %+v, %v", st, err)
			}
			if st, err := sweep.Send(t.Context(), src, sent[0].Signed); err != nil || !st.Known {
				t.Errorf("sent again: %+v, %v", st, err)
			}
			if err := missing(t, src); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestServersOfAnotherCoinAreRefused asks litecoind, by every source, for the coins of
// a Bitcoin key: scripts are alike on both, and the wrong coins would be moved.
func TestServersOfAnotherCoinAreRefused(t *testing.T) {
	w := newWorld(t)
	w.fund(t, 1, 0.5)
	e := &explorer{t: t, rpc: w.node.RPC, network: w.network}
	bitcoin := cointest.Network(t, "bitcoin", "regtest")
	esplora, err := sweep.NewEsplora(bitcoin, e.esplora())
	if err != nil {
		t.Fatal(err)
	}
	electrum, err := sweep.NewElectrum(bitcoin, "tcp://"+e.electrum(false))
	if err != nil {
		t.Fatal(err)
	}
	defer electrum.Close()
	rpc, err := sweep.NewRPC(sweep.RPCConfig{Network: bitcoin, URL: w.node.URL, User: w.node.User, Password: w.node.Password})
	if err != nil {
		t.Fatal(err)
	}
	for _, src := range []sweep.Source{esplora, electrum, rpc} {
		_, err := sweep.Prepare(t.Context(), w.key.PublicKey(), bitcoin, someAddress(t, bitcoin), src, sweep.Options{})
		if err == nil || !strings.Contains(err.Error(), "not one of Bitcoin regtest") {
			t.Errorf("%s: %v", src.Name(), err)
		}
	}
	if _, err := sweep.NewElectrum(cointest.Network(t, "feathercoin", "main"), "host:1"); err == nil {
		t.Error("a server of a coin whose first block nobody knows")
	}
}

// missing asks for a transaction that there is not.
func missing(t *testing.T, src sweep.Source) error {
	o := sweep.Output{TxID: fmt.Sprintf("%064x", 5), Height: 1}
	if _, err := src.Transaction(t.Context(), o); err == nil {
		return fmt.Errorf("%s shows a transaction that there is not", src.Name())
	}
	st, err := src.Status(t.Context(), sweep.Signed{TxID: o.TxID, Raw: []byte(emptyTransaction)})
	if err != nil || st.Known {
		return fmt.Errorf("%s: status of a transaction that there is not: %+v, %v", src.Name(), st, err)
	}
	return nil
}

// emptyTransaction has one input and one output with an empty script.
var emptyTransaction = "\x01\x00\x00\x00\x01" + string(make([]byte, 36)) + "\x00\xff\xff\xff\xff\x01" + string(make([]byte, 8)) + "\x00\x00\x00\x00\x00"

// TestBtcdTakesASweep mines to a P2PKH of the key on btcd, where the only coins are
// rewards, and sweeps: the mature ones, then what was sent to every other form.
func TestBtcdTakesASweep(t *testing.T) {
	n, k := cointest.Network(t, "bitcoin", "regtest"), newKey(t)
	scripts := scriptsOf(t, n, k.PublicKey())
	var p2pkh sweep.Script
	for _, s := range scripts {
		if s.Form == sweep.FormP2PKH {
			p2pkh = s
		}
	}
	node := pooltest.StartBtcd(t, pooltest.BtcdOptions{Address: p2pkh.Address})
	node.Generate(101)
	e := &explorer{t: t, rpc: node.RPC, network: n, fee: 2}
	src, err := sweep.NewEsplora(n, e.esplora())
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range scripts { // the key's own forms are the destinations: the next sweep spends them
		p, err := sweep.Prepare(t.Context(), k.PublicKey(), n, s.Address, src, sweep.Options{})
		if err != nil {
			t.Fatalf("%s: %v", s.Form, err)
		}
		if len(p.Immature) == 0 || len(p.Warnings) == 0 {
			t.Errorf("%s: %d immature, warnings %v", s.Form, len(p.Immature), p.Warnings)
		}
		sent, err := sweep.Move(t.Context(), t.TempDir(), src, p, k)
		if err != nil {
			t.Fatalf("%s: %v", s.Form, err)
		}
		node.Generate(1)
		st, err := src.Status(t.Context(), sent[0].Signed)
		if err != nil || st.Confirmations != 1 {
			t.Errorf("sweep %d to %s: %+v, %v", i, s.Form, st, err)
		}
	}
}
