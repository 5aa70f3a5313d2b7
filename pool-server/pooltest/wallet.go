package pooltest

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

// FakeWallet is a wallet in a Daemon, with Litecoin's regtest addresses. Its
// transactions are real ones but for the signatures, which only have the right length.
// It answers in the dialect of Core 0.21; Daemon.Handle replaces what a test wants
// said in another.
type FakeWallet struct {
	t   testing.TB
	d   *Daemon
	net *coin.Network

	mu     sync.Mutex // guards what follows
	coins  map[wire.OutPoint]*FakeCoin
	locked map[wire.OutPoint]bool
	mine   map[string]bool
	names  map[string]string // addresses by script
	sent   []string
}

// FakeCoin is an unspent output of a FakeWallet.
type FakeCoin struct {
	Address       string
	Amount        string // in coins
	Confirmations int
	// Unlocking is how many bytes sign it, in its script and in a witness; empty: as
	// its address has it.
	Unlocking [2]int
	Fields    map[string]any // more of listunspent's, or others; nil deletes one
}

// GiveWallet makes d a wallet, empty and with the key of these addresses.
func GiveWallet(t testing.TB, d *Daemon, addresses ...string) *FakeWallet {
	w := &FakeWallet{
		t: t, d: d, net: cointest.Network(t, "litecoin", "regtest"),
		coins: map[wire.OutPoint]*FakeCoin{}, locked: map[wire.OutPoint]bool{}, mine: map[string]bool{}, names: map[string]string{},
	}
	for _, a := range addresses {
		w.mine[a] = true
	}
	for method, answer := range map[string]func([]json.RawMessage) (any, error){
		"listunspent": w.listUnspent, "lockunspent": w.lockUnspent, "listlockunspent": w.listLocked,
		"createrawtransaction": w.create, "decoderawtransaction": w.decode, "signrawtransactionwithwallet": w.sign,
		"sendrawtransaction": w.send, "validateaddress": w.validate, "getaddressinfo": w.validate,
		"getwalletinfo":    constant(map[string]any{"walletname": "", "descriptors": false}),
		"getnetworkinfo":   constant(map[string]any{"relayfee": json.Number("0.00001000")}),
		"getmempoolinfo":   constant(map[string]any{"mempoolminfee": json.Number("0.00001000")}),
		"estimatesmartfee": constant(map[string]any{"errors": []string{"Insufficient data or no feerate found"}}),
	} {
		d.Handle(method, func(_ context.Context, params []json.RawMessage) (any, error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			return answer(params)
		})
	}
	return w
}

func constant(v any) func([]json.RawMessage) (any, error) {
	return func([]json.RawMessage) (any, error) { return v, nil }
}

// Add gives the wallet a coin.
func (w *FakeWallet) Add(c FakeCoin) {
	w.mu.Lock()
	defer w.mu.Unlock()
	at := wire.OutPoint{Hash: chainhash.HashH(fmt.Append(nil, "made up", len(w.coins))), Index: uint32(len(w.coins) % 3)}
	w.coins[at] = &c
	w.mine[c.Address] = true
}

// Locked is how many coins are locked.
func (w *FakeWallet) Locked() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.locked)
}

// Sent is what was sent, in hex.
func (w *FakeWallet) Sent() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.sent)
}

// Spends returns the amounts of the coins that a transaction spends, in coins.
func (w *FakeWallet) Spends(raw string) (amounts []string) {
	tx := w.read(raw)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, in := range tx.TxIn {
		amounts = append(amounts, w.coins[in.PreviousOutPoint].Amount)
	}
	return amounts
}

func (w *FakeWallet) read(raw string) *wire.MsgTx {
	w.t.Helper()
	tx := new(wire.MsgTx)
	b, err := hex.DecodeString(raw)
	if err == nil {
		err = tx.Deserialize(bytes.NewReader(b))
	}
	if err != nil {
		w.t.Errorf("pooltest: transaction %q: %v", raw, err)
	}
	return tx
}

func write(tx *wire.MsgTx) string {
	var b bytes.Buffer
	tx.Serialize(&b)
	return hex.EncodeToString(b.Bytes())
}

func (w *FakeWallet) script(address string) []byte {
	a, err := w.net.ParseAddress(address)
	if err != nil {
		return nil
	}
	w.names[string(a.Script())] = address
	return a.Script()
}

func (w *FakeWallet) listUnspent(params []json.RawMessage) (any, error) {
	least, most := 1, 9999999
	for i, into := range []*int{&least, &most} {
		if len(params) > i {
			json.Unmarshal(params[i], into)
		}
	}
	all := []map[string]any{}
	for at, c := range w.coins {
		if w.locked[at] || c.Confirmations < least || c.Confirmations > most {
			continue
		}
		entry := map[string]any{
			"txid": at.Hash.String(), "vout": at.Index, "address": c.Address, "scriptPubKey": hex.EncodeToString(w.script(c.Address)),
			"amount": json.Number(c.Amount), "confirmations": c.Confirmations, "spendable": true, "solvable": true, "safe": true,
		}
		maps.Copy(entry, c.Fields)
		maps.DeleteFunc(entry, func(_ string, v any) bool { return v == nil })
		all = append(all, entry)
	}
	return all, nil
}

type fakeOutpoint struct {
	TxID string `json:"txid"`
	Vout uint32 `json:"vout"`
}

func (o fakeOutpoint) at() wire.OutPoint {
	hash, _ := chainhash.NewHashFromStr(o.TxID)
	if hash == nil {
		hash = new(chainhash.Hash)
	}
	return wire.OutPoint{Hash: *hash, Index: o.Vout}
}

func (w *FakeWallet) lockUnspent(params []json.RawMessage) (any, error) {
	var unlock bool
	var list []fakeOutpoint
	json.Unmarshal(params[0], &unlock)
	json.Unmarshal(params[1], &list)
	for _, o := range list {
		if w.coins[o.at()] == nil || w.locked[o.at()] != unlock {
			return nil, &RPCError{-8, "Invalid parameter, output already locked"}
		}
	}
	for _, o := range list {
		if w.locked[o.at()] = true; unlock {
			delete(w.locked, o.at())
		}
	}
	return true, nil
}

func (w *FakeWallet) listLocked([]json.RawMessage) (any, error) {
	all := []fakeOutpoint{}
	for at := range w.locked {
		all = append(all, fakeOutpoint{at.Hash.String(), at.Index})
	}
	return all, nil
}

func (w *FakeWallet) create(params []json.RawMessage) (any, error) {
	var inputs []struct {
		fakeOutpoint
		Sequence *uint32 `json:"sequence"`
	}
	if err := json.Unmarshal(params[0], &inputs); err != nil {
		return nil, &RPCError{-3, err.Error()}
	}
	tx := wire.NewMsgTx(2)
	for _, in := range inputs {
		tx.AddTxIn(&wire.TxIn{PreviousOutPoint: in.at(), Sequence: 0xfffffffd})
		if in.Sequence != nil {
			tx.TxIn[len(tx.TxIn)-1].Sequence = *in.Sequence
		}
	}
	d := json.NewDecoder(bytes.NewReader(params[1])) // in the order given
	d.UseNumber()
	d.Token()
	for d.More() {
		name, _ := d.Token()
		value, _ := d.Token()
		amount, err := coin.ParseAmount(fmt.Sprint(value))
		script := w.script(fmt.Sprint(name))
		if err != nil || script == nil {
			return nil, &RPCError{-5, fmt.Sprintf("Invalid Litecoin address: %v", name)}
		}
		tx.AddTxOut(wire.NewTxOut(int64(amount), script))
	}
	return write(tx), nil
}

func (w *FakeWallet) decode(params []json.RawMessage) (any, error) {
	var raw string
	json.Unmarshal(params[0], &raw)
	tx := w.read(raw)
	var in, out []any
	for _, i := range tx.TxIn {
		in = append(in, map[string]any{"txid": i.PreviousOutPoint.Hash.String(), "vout": i.PreviousOutPoint.Index, "sequence": i.Sequence})
	}
	for i, o := range tx.TxOut {
		out = append(out, map[string]any{"n": i, "value": json.Number(coin.Amount(o.Value).String()), "scriptPubKey": map[string]any{
			"hex": hex.EncodeToString(o.PkScript), "addresses": []string{w.names[string(o.PkScript)]},
		}})
	}
	return map[string]any{"txid": tx.TxHash().String(), "locktime": tx.LockTime, "vin": in, "vout": out}, nil
}

func (w *FakeWallet) sign(params []json.RawMessage) (any, error) {
	var raw string
	json.Unmarshal(params[0], &raw)
	tx := w.read(raw)
	complete := true
	for _, in := range tx.TxIn {
		c := w.coins[in.PreviousOutPoint]
		if c == nil {
			complete = false
			continue
		}
		c.unlock(in)
	}
	return map[string]any{"hex": write(tx), "complete": complete}, nil
}

// unlock puts signatures of the greatest length in.
func (c *FakeCoin) unlock(in *wire.TxIn) {
	of := func(n int) []byte { return bytes.Repeat([]byte{0x30}, n) }
	switch {
	case c.Unlocking != [2]int{}:
		in.SignatureScript = of(c.Unlocking[0])
		if c.Unlocking[1] > 0 {
			in.Witness = wire.TxWitness{of(c.Unlocking[1])}
		}
	case strings.HasPrefix(c.Address, "rltc1p"):
		in.Witness = wire.TxWitness{of(64)}
	case strings.HasPrefix(c.Address, "rltc1q"):
		in.Witness = wire.TxWitness{of(72), of(33)}
	case strings.HasPrefix(c.Address, "Q"):
		in.SignatureScript, in.Witness = of(23), wire.TxWitness{of(72), of(33)}
	default:
		in.SignatureScript = of(1 + 72 + 1 + 33)
	}
}

func (w *FakeWallet) send(params []json.RawMessage) (any, error) {
	var raw string
	json.Unmarshal(params[0], &raw)
	tx := w.read(raw)
	if slices.Contains(w.sent, raw) {
		return nil, &RPCError{-27, "Transaction already in block chain"}
	}
	for _, in := range tx.TxIn {
		if w.coins[in.PreviousOutPoint] == nil {
			return nil, &RPCError{-25, "bad-txns-inputs-missingorspent"}
		}
	}
	for _, in := range tx.TxIn {
		delete(w.coins, in.PreviousOutPoint)
		delete(w.locked, in.PreviousOutPoint)
	}
	w.sent = append(w.sent, raw)
	return tx.TxHash().String(), nil
}

func (w *FakeWallet) validate(params []json.RawMessage) (any, error) {
	var address string
	json.Unmarshal(params[0], &address)
	script := w.script(address)
	return map[string]any{"isvalid": script != nil, "ismine": w.mine[address], "scriptPubKey": hex.EncodeToString(script)}, nil
}
