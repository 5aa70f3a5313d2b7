package devnet_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"github.com/adit-mining/adit/pool-server/devnet"
)

// daemon is a served coin and a client of it that knows only JSON-RPC.
type daemon struct {
	t     *testing.T
	chain *devnet.Chain
	url   string
	stop  func() // ends serving and closes the chain
}

// start opens and serves the coin of a folder, with the easiest proof of work.
func start(t *testing.T, dir string) *daemon {
	t.Helper()
	chain, err := devnet.Open(devnet.Options{Dir: dir, Bits: devnet.EasiestBits, Maturity: 5, User: "u", Password: "p"})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- chain.Serve(ctx, listener) }()
	d := &daemon{t: t, chain: chain, url: "http://" + listener.Addr().String()}
	stopped := false
	d.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-served; err != nil {
			t.Errorf("Serve = %v", err)
		}
		if err := chain.Close(); err != nil {
			t.Errorf("Close = %v", err)
		}
	}
	t.Cleanup(d.stop)
	return d
}

type rpcAnswer struct {
	Result json.RawMessage  `json:"result"`
	Error  *devnet.RPCError `json:"error"`
	ID     json.RawMessage  `json:"id"`
}

// post sends a body and returns status and answer.
func (d *daemon) post(user, password, body string) (int, []byte, error) {
	r, err := http.NewRequest(http.MethodPost, d.url, bytes.NewReader([]byte(body)))
	if err != nil {
		return 0, nil, err
	}
	r.SetBasicAuth(user, password)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	return response.StatusCode, raw, err
}

// try calls a method and returns the daemon's error, if any.
func (d *daemon) try(method string, result any, params ...any) error {
	if params == nil {
		params = []any{}
	}
	body, err := json.Marshal(map[string]any{"jsonrpc": "1.0", "id": 7, "method": method, "params": params})
	if err != nil {
		return err
	}
	_, raw, err := d.post("u", "p", string(body))
	if err != nil {
		return err
	}
	var a rpcAnswer
	if err := json.Unmarshal(raw, &a); err != nil {
		return fmt.Errorf("answer %q: %w", raw, err)
	}
	if a.Error != nil {
		return a.Error
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(a.Result, result)
}

// call is try for what must succeed.
func (d *daemon) call(method string, result any, params ...any) {
	d.t.Helper()
	if err := d.try(method, result, params...); err != nil {
		d.t.Fatalf("%s: %v", method, err)
	}
}

// refused calls what must fail and returns the code.
func (d *daemon) refused(method string, params ...any) int {
	d.t.Helper()
	err := d.try(method, nil, params...)
	told, ok := err.(*devnet.RPCError)
	if !ok {
		d.t.Fatalf("%s = %v, want an RPC error", method, err)
	}
	return told.Code
}

func (d *daemon) address(kind string) (a string) {
	d.t.Helper()
	d.call("getnewaddress", &a, "", kind)
	return a
}

// generate mines blocks to an address.
func (d *daemon) generate(n int, to string) (hashes []string) {
	d.t.Helper()
	d.call("generatetoaddress", &hashes, n, to)
	if len(hashes) != n {
		d.t.Fatalf("generated %d blocks, want %d", len(hashes), n)
	}
	return hashes
}

func (d *daemon) balance() (b json.Number) {
	d.t.Helper()
	d.call("getbalance", &b)
	return b
}

// gbt is what the tests need of a template.
type gbt struct {
	Version           int32    `json:"version"`
	PreviousBlockHash string   `json:"previousblockhash"`
	CoinbaseValue     int64    `json:"coinbasevalue"`
	LongPollID        string   `json:"longpollid"`
	Target            string   `json:"target"`
	MinTime           int64    `json:"mintime"`
	CurTime           int64    `json:"curtime"`
	Bits              string   `json:"bits"`
	Height            int64    `json:"height"`
	Rules             []string `json:"rules"`
	Commitment        string   `json:"default_witness_commitment"`
	Transactions      []struct {
		Data    string `json:"data"`
		TxID    string `json:"txid"`
		Hash    string `json:"hash"`
		Depends []int  `json:"depends"`
		Fee     int64  `json:"fee"`
	} `json:"transactions"`
}

var segwitRules = map[string]any{"rules": []string{"segwit"}}

func (d *daemon) template() (g gbt) {
	d.t.Helper()
	d.call("getblocktemplate", &g, segwitRules)
	return g
}

// assemble builds a template's block as a pool does, with a coinbase of its own.
func (g gbt) assemble(t *testing.T, payTo []byte, tag string) *wire.MsgBlock {
	t.Helper()
	height, err := txscript.NewScriptBuilder().AddInt64(g.Height).AddData([]byte(tag)).Script()
	if err != nil {
		t.Fatal(err)
	}
	coinbase := wire.NewMsgTx(2)
	coinbase.AddTxIn(&wire.TxIn{
		PreviousOutPoint: wire.OutPoint{Index: wire.MaxPrevOutIndex},
		SignatureScript:  height, Sequence: wire.MaxTxInSequenceNum,
		Witness: wire.TxWitness{make([]byte, 32)},
	})
	coinbase.AddTxOut(wire.NewTxOut(g.CoinbaseValue, payTo))
	coinbase.AddTxOut(wire.NewTxOut(0, unhex(t, g.Commitment)))
	previous, err := chainhash.NewHashFromStr(g.PreviousBlockHash)
	if err != nil {
		t.Fatal(err)
	}
	var bits uint32
	if _, err := fmt.Sscanf(g.Bits, "%08x", &bits); err != nil {
		t.Fatal(err)
	}
	b := wire.NewMsgBlock(&wire.BlockHeader{
		Version: g.Version, PrevBlock: *previous, Timestamp: time.Unix(g.CurTime, 0), Bits: bits,
	})
	if err := b.AddTransaction(coinbase); err != nil {
		t.Fatal(err)
	}
	for _, x := range g.Transactions {
		var tx wire.MsgTx
		if err := tx.Deserialize(bytes.NewReader(unhex(t, x.Data))); err != nil {
			t.Fatal(err)
		}
		if err := b.AddTransaction(&tx); err != nil {
			t.Fatal(err)
		}
	}
	seal(b)
	return b
}

// seal computes the merkle root and the proof of work.
func seal(b *wire.MsgBlock) {
	layer := []chainhash.Hash{}
	for _, tx := range b.Transactions {
		layer = append(layer, tx.TxHash())
	}
	for len(layer) > 1 {
		var next []chainhash.Hash
		for i := 0; i < len(layer); i += 2 {
			right := layer[min(i+1, len(layer)-1)]
			next = append(next, chainhash.DoubleHashH(append(layer[i][:], right[:]...)))
		}
		layer = next
	}
	b.Header.MerkleRoot = layer[0]
	prove(b, true)
}

// prove looks for a nonce whose hash meets the target, or misses it.
func prove(b *wire.MsgBlock, meet bool) {
	target := blockchain.CompactToBig(b.Header.Bits)
	for {
		hash := b.BlockHash()
		if (blockchain.HashToBig(&hash).Cmp(target) <= 0) == meet {
			return
		}
		b.Header.Nonce++
	}
}

// submit returns the verdict, "" for an accepted block.
func (d *daemon) submit(b *wire.MsgBlock) string {
	d.t.Helper()
	var raw bytes.Buffer
	if err := b.Serialize(&raw); err != nil {
		d.t.Fatal(err)
	}
	var verdict *string
	d.call("submitblock", &verdict, hex.EncodeToString(raw.Bytes()))
	if verdict == nil {
		return ""
	}
	return *verdict
}

func (d *daemon) script(address string) []byte {
	d.t.Helper()
	var a struct {
		Script string `json:"scriptPubKey"`
	}
	d.call("validateaddress", &a, address)
	return unhex(d.t, a.Script)
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// propose returns the verdict of BIP 23's proposal mode.
func (d *daemon) propose(b *wire.MsgBlock) string {
	d.t.Helper()
	var raw bytes.Buffer
	if err := b.Serialize(&raw); err != nil {
		d.t.Fatal(err)
	}
	var verdict *string
	d.call("getblocktemplate", &verdict, map[string]any{"mode": "proposal", "data": hex.EncodeToString(raw.Bytes())})
	if verdict == nil {
		return ""
	}
	return *verdict
}

func parseTx(t *testing.T, text string) *wire.MsgTx {
	t.Helper()
	var tx wire.MsgTx
	if err := tx.Deserialize(bytes.NewReader(unhex(t, text))); err != nil {
		t.Fatal(err)
	}
	return &tx
}

func txHex(t *testing.T, tx *wire.MsgTx) string {
	t.Helper()
	var raw bytes.Buffer
	if err := tx.Serialize(&raw); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(raw.Bytes())
}

// recommit makes the witness commitment of a changed block right again.
func recommit(t *testing.T, b *wire.MsgBlock) {
	t.Helper()
	root := blockchain.CalcMerkleRoot(btcutil.NewBlock(b).Transactions(), true)
	commitment := chainhash.DoubleHashB(append(root[:], make([]byte, 32)...))
	script := b.Transactions[0].TxOut[1].PkScript
	b.Transactions[0].TxOut[1].PkScript = append(bytes.Clone(script[:6]), commitment...)
	seal(b)
}

// units is an amount of a JSON answer in base units.
func units(t *testing.T, n json.Number) int64 {
	t.Helper()
	whole, fraction, _ := strings.Cut(n.String(), ".")
	u, err := strconv.ParseInt(whole+fraction, 10, 64)
	if err != nil || len(fraction) != 8 {
		t.Fatalf("amount %q: %v", n, err)
	}
	return u
}

// addressOf is the P2PKH address of a key.
func (d *daemon) addressOf(t *testing.T, wif *btcutil.WIF) string {
	t.Helper()
	a, err := address.NewAddressPubKeyHash(address.Hash160(wif.SerializePubKey()), &chaincfg.RegressionNetParams)
	if err != nil {
		t.Fatal(err)
	}
	return a.EncodeAddress()
}
