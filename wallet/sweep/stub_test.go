package sweep_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/btcsuite/btcd/wire/v2"

	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/wallet/coin"
)

// explorer answers as Esplora and as an Electrum server do, from a daemon's RPC. It
// reads each block once: the chains of these tests never lose one.
type explorer struct {
	t       testing.TB
	rpc     pooltest.RPC
	network *coin.Network
	fee     float64 // units per virtual byte; 0: no estimate

	chain    []explored
	chainTip int64

	reading   sync.Mutex // guards chain and chainTip
	mu        sync.Mutex
	dropAfter int // so many broadcasts are carried out without an answer
}

type explored struct {
	tx     *wire.MsgTx
	height int64 // 0 in the mempool
}

// read returns all transactions in the order of the chain, and the tip's height.
func (e *explorer) read() (all []explored, tip int64) {
	e.t.Helper()
	e.reading.Lock()
	defer e.reading.Unlock()
	tip = pooltest.Must[int64](e.t, e.rpc, "getblockcount")
	for height := e.chainTip + 1; height <= tip; height++ {
		hash := pooltest.Must[string](e.t, e.rpc, "getblockhash", height)
		raw, err := hex.DecodeString(pooltest.Must[string](e.t, e.rpc, "getblock", hash, 0))
		var block wire.MsgBlock
		if err == nil {
			err = block.Deserialize(bytes.NewReader(raw))
		}
		if err != nil {
			e.t.Fatalf("block %d: %v", height, err)
		}
		for _, tx := range block.Transactions {
			e.chain = append(e.chain, explored{tx, height})
		}
	}
	e.chainTip, all = tip, slices.Clone(e.chain)
	for _, id := range pooltest.Must[[]string](e.t, e.rpc, "getrawmempool") {
		raw, err := hex.DecodeString(pooltest.Must[string](e.t, e.rpc, "getrawtransaction", id))
		var tx wire.MsgTx
		if err == nil {
			err = tx.Deserialize(bytes.NewReader(raw))
		}
		if err != nil {
			e.t.Fatal(err)
		}
		all = append(all, explored{&tx, 0})
	}
	return all, tip
}

type exploredCoin struct {
	txid   string
	index  int
	value  int64
	height int64
}

func (e *explorer) unspent(is func(script []byte) bool) (coins []exploredCoin, history []exploredCoin) {
	all, _ := e.read()
	spent := map[wire.OutPoint]bool{}
	for _, x := range all {
		for _, in := range x.tx.TxIn {
			spent[in.PreviousOutPoint] = true
		}
	}
	for _, x := range all {
		id := x.tx.TxHash()
		for i, out := range x.tx.TxOut {
			if !is(out.PkScript) {
				continue
			}
			c := exploredCoin{id.String(), i, out.Value, x.height}
			history = append(history, c)
			if !spent[wire.OutPoint{Hash: id, Index: uint32(i)}] {
				coins = append(coins, c)
			}
		}
	}
	return coins, history
}

func (e *explorer) raw(txid string) (string, int64, bool) {
	all, _ := e.read()
	for _, x := range all {
		if x.tx.TxHash().String() == txid {
			var raw bytes.Buffer
			_ = x.tx.Serialize(&raw)
			return hex.EncodeToString(raw.Bytes()), x.height, true
		}
	}
	return "", 0, false
}

// broadcast sends a transaction; lost says that the answer is to be kept.
func (e *explorer) broadcast(raw string) (txid string, lost bool, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	err = e.rpc.Call(&txid, "sendrawtransaction", raw)
	if e.dropAfter > 0 {
		e.dropAfter--
		return txid, true, err
	}
	return txid, false, err
}

// esplora serves the API of Esplora until the test ends and returns its address.
func (e *explorer) esplora() string {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /address/{address}/utxo", func(w http.ResponseWriter, r *http.Request) {
		a, err := e.network.ParseAddress(r.PathValue("address"))
		if err != nil {
			http.Error(w, "Invalid address", http.StatusBadRequest)
			return
		}
		coins, _ := e.unspent(func(s []byte) bool { return bytes.Equal(s, a.Script()) })
		list := []map[string]any{}
		for _, c := range coins {
			list = append(list, map[string]any{"txid": c.txid, "vout": c.index, "value": c.value, "status": map[string]any{"confirmed": c.height > 0, "block_height": c.height}})
		}
		_ = json.NewEncoder(w).Encode(list)
	})
	mux.HandleFunc("GET /blocks/tip/height", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, pooltest.Must[int64](e.t, e.rpc, "getblockcount"))
	})
	mux.HandleFunc("GET /block-height/0", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, pooltest.Must[string](e.t, e.rpc, "getblockhash", 0))
	})
	mux.HandleFunc("GET /fee-estimates", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"1": %g, "6": %g, "144": 1.0}`, 2*e.fee, e.fee)
	})
	mux.HandleFunc("GET /tx/{txid}/hex", func(w http.ResponseWriter, r *http.Request) {
		raw, _, ok := e.raw(r.PathValue("txid"))
		if !ok {
			http.Error(w, "Transaction not found", http.StatusNotFound)
			return
		}
		fmt.Fprint(w, raw)
	})
	mux.HandleFunc("GET /tx/{txid}/status", func(w http.ResponseWriter, r *http.Request) {
		_, height, ok := e.raw(r.PathValue("txid"))
		if !ok {
			http.Error(w, "Transaction not found", http.StatusNotFound)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"confirmed": height > 0, "block_height": height})
	})
	mux.HandleFunc("POST /tx", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		txid, lost, err := e.broadcast(string(body))
		switch {
		case lost:
			panic(http.ErrAbortHandler)
		case err != nil:
			http.Error(w, "sendrawtransaction RPC error: "+err.Error(), http.StatusBadRequest)
		default:
			fmt.Fprint(w, txid)
		}
	})
	server := httptest.NewServer(mux)
	e.t.Cleanup(server.Close)
	return server.URL
}

// electrum serves Electrum's protocol until the test ends and returns host:port.
func (e *explorer) electrum(secure bool) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		e.t.Fatal(err)
	}
	if secure {
		self := httptest.NewUnstartedServer(nil)
		self.StartTLS() // for its certificate, which nobody vouches for
		l = tls.NewListener(l, &tls.Config{Certificates: self.TLS.Certificates})
		self.Close()
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { e.serveElectrum(conn) })
		}
	})
	e.t.Cleanup(func() { l.Close(); wg.Wait() })
	return l.Addr().String()
}

func (e *explorer) serveElectrum(conn net.Conn) {
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		var q struct {
			ID     int    `json:"id"`
			Method string `json:"method"`
			Params []any  `json:"params"`
		}
		if json.Unmarshal(lines.Bytes(), &q) != nil {
			return
		}
		result, err := e.answerElectrum(q.Method, q.Params)
		if err == errLost {
			return
		}
		answer := map[string]any{"jsonrpc": "2.0", "id": q.ID, "result": result}
		if err != nil {
			answer["error"] = map[string]any{"code": 1, "message": err.Error()}
		}
		text, _ := json.Marshal(answer)
		fmt.Fprintf(conn, `{"jsonrpc":"2.0","method":"blockchain.headers.subscribe","params":[{"height":1}]}`+"\n%s\n", text)
	}
}

var errLost = fmt.Errorf("lost")

func (e *explorer) answerElectrum(method string, params []any) (any, error) {
	byHash := func(script []byte) bool {
		h := sha256.Sum256(script)
		slices.Reverse(h[:])
		return hex.EncodeToString(h[:]) == params[0]
	}
	list := func(coins []exploredCoin) []map[string]any {
		all := []map[string]any{}
		for _, c := range coins {
			all = append(all, map[string]any{"tx_hash": c.txid, "tx_pos": c.index, "value": c.value, "height": c.height})
		}
		return all
	}
	switch method {
	case "server.version":
		return []string{"stub", "1.4"}, nil
	case "server.features":
		return map[string]any{"genesis_hash": pooltest.Must[string](e.t, e.rpc, "getblockhash", 0)}, nil
	case "blockchain.headers.subscribe":
		return map[string]any{"height": pooltest.Must[int64](e.t, e.rpc, "getblockcount"), "hex": ""}, nil
	case "blockchain.scripthash.listunspent":
		coins, _ := e.unspent(byHash)
		return list(coins), nil
	case "blockchain.scripthash.get_history":
		_, history := e.unspent(byHash)
		return list(history), nil
	case "blockchain.transaction.get":
		raw, _, ok := e.raw(params[0].(string))
		if !ok {
			return nil, fmt.Errorf("no such transaction")
		}
		return raw, nil
	case "blockchain.estimatefee":
		if e.fee == 0 {
			return -1, nil
		}
		return e.fee * 1000 / 1e8, nil
	case "blockchain.relayfee":
		return 0.00001, nil
	case "blockchain.transaction.broadcast":
		txid, lost, err := e.broadcast(params[0].(string))
		if lost {
			return nil, errLost
		}
		return txid, err
	}
	return nil, fmt.Errorf("unknown method %s", strings.ToValidUTF8(method, "?"))
}
