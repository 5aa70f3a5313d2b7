package sweep_test

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/sweep"
)

// fake is a source with coins that a test makes up. Its own transactions are real.
type fake struct {
	t       testing.TB
	scripts []sweep.Script
	outputs []sweep.Output
	tip     int64
	rates   sweep.Rates
	made    map[string][]byte

	mu       sync.Mutex
	network  map[string][]byte // transactions that the network has
	sends    int
	onSend   func(raw []byte) (txid string, err error) // nil: takes it
	blind    bool                                      // Status fails
	unspent  func() ([]sweep.Output, int64, error)
	showsFor func(o sweep.Output) ([]byte, error)
}

func newFake(t testing.TB, scripts []sweep.Script) *fake {
	return &fake{t: t, scripts: scripts, tip: 1000, rates: sweep.Rates{Estimate: 10_000, Floor: 1000}, made: map[string][]byte{}, network: map[string][]byte{}}
}

// pay makes a transaction with an output for each amount, all with the script.
func (f *fake) pay(s sweep.Script, height int64, amounts ...coin.Amount) {
	f.payAs(s, height, false, amounts...)
}

func (f *fake) payAs(s sweep.Script, height int64, coinbase bool, amounts ...coin.Amount) {
	f.t.Helper()
	tx := wire.NewMsgTx(1)
	previous := wire.NewOutPoint(&chainhash.Hash{byte(len(f.made)), byte(len(f.made) >> 8), 1}, 7)
	if coinbase {
		previous = wire.NewOutPoint(&chainhash.Hash{}, ^uint32(0))
	}
	in := wire.NewTxIn(previous, []byte{2, byte(len(f.made)), byte(len(f.made) >> 8)}, nil)
	if len(f.made)%2 == 0 && !coinbase {
		in.Witness = wire.TxWitness{{1, 2, 3}}
	}
	tx.AddTxIn(in)
	for _, a := range amounts {
		tx.AddTxOut(wire.NewTxOut(int64(a), s.Bytes))
	}
	var raw bytes.Buffer
	if err := tx.Serialize(&raw); err != nil {
		f.t.Fatal(err)
	}
	id := tx.TxHash().String()
	f.made[id] = raw.Bytes()
	for i, a := range amounts {
		f.outputs = append(f.outputs, sweep.Output{TxID: id, Index: uint32(i), Amount: a, Script: s.Bytes, Height: height})
	}
}

func (f *fake) Name() string { return "the fake" }

func (f *fake) Unspent(context.Context, []sweep.Script) ([]sweep.Output, int64, error) {
	if f.unspent != nil {
		return f.unspent()
	}
	return append([]sweep.Output(nil), f.outputs...), f.tip, nil
}

func (f *fake) FeeRate(context.Context) (sweep.Rates, error) { return f.rates, nil }

func (f *fake) Transaction(_ context.Context, o sweep.Output) ([]byte, error) {
	if f.showsFor != nil {
		return f.showsFor(o)
	}
	raw, ok := f.made[o.TxID]
	if !ok {
		return nil, sweep.ErrNotFound
	}
	return raw, nil
}

func idOf(raw []byte) string {
	var tx wire.MsgTx
	if err := tx.Deserialize(bytes.NewReader(raw)); err != nil {
		return err.Error()
	}
	return tx.TxHash().String()
}

func (f *fake) Send(_ context.Context, raw []byte) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sends++
	if f.onSend != nil {
		return f.onSend(raw)
	}
	f.network[idOf(raw)] = raw
	return idOf(raw), nil
}

func (f *fake) Status(_ context.Context, s sweep.Signed) (sweep.Status, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.blind {
		return sweep.Status{}, fmt.Errorf("no answer")
	}
	return sweep.Status{Known: f.network[s.TxID] != nil}, nil
}

// verify runs the script engine on a signed transaction, with what the coins are
// really worth.
func (f *fake) verify(t testing.TB, p sweep.Plan, signed []sweep.Signed) {
	t.Helper()
	for i, s := range signed {
		var tx wire.MsgTx
		if err := tx.Deserialize(bytes.NewReader(s.Raw)); err != nil {
			t.Fatal(err)
		}
		fetch := txscript.NewMultiPrevOutFetcher(nil)
		for j, o := range p.Transactions[i].Inputs {
			fetch.AddPrevOut(tx.TxIn[j].PreviousOutPoint, wire.NewTxOut(int64(o.Amount), o.Script))
		}
		hashes := txscript.NewTxSigHashes(&tx, fetch)
		for j, o := range p.Transactions[i].Inputs {
			e, err := txscript.NewEngine(o.Script, &tx, j, txscript.StandardVerifyFlags, nil, hashes, int64(o.Amount), fetch)
			if err == nil {
				err = e.Execute()
			}
			if err != nil {
				t.Errorf("transaction %d input %d: %v", i, j, err)
			}
		}
		if len(tx.TxOut) != 1 || tx.TxOut[0].Value != int64(p.Transactions[i].Amount) || !bytes.Equal(tx.TxOut[0].PkScript, p.To.Script()) {
			t.Errorf("transaction %d pays something else than planned", i)
		}
	}
}

func scriptsOf(t testing.TB, n *coin.Network, public [33]byte) []sweep.Script {
	t.Helper()
	all, err := sweep.Scripts(n, public)
	if err != nil {
		t.Fatal(err)
	}
	return all
}
