package electrumwallet_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/wallet/electrumwallet"
	"github.com/adit-mining/adit/wallet/program"
)

// server speaks as much of Electrum's protocol, version 1.4, as a wallet needs, over the
// RPC of a btcd: https://electrumx.readthedocs.io/en/latest/protocol.html
type server struct {
	t    testing.TB
	node *pooltest.Btcd
	l    net.Listener

	mu      sync.Mutex
	blocks  []*wire.MsgBlock // from the genesis block on
	mempool []*wire.MsgTx
}

func startServer(t testing.TB, node *pooltest.Btcd) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, node: node, l: l}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() { l.Close(); all.Wait() })
	return s
}

// read takes in what the node has by now. The server must be locked.
func (s *server) read() error {
	var tip int
	if err := s.node.Call(&tip, "getblockcount"); err != nil {
		return err
	}
	for len(s.blocks) <= tip {
		var hash, text string
		if err := s.node.Call(&hash, "getblockhash", len(s.blocks)); err != nil {
			return err
		}
		if err := s.node.Call(&text, "getblock", hash, 0); err != nil {
			return err
		}
		raw, err := hex.DecodeString(text)
		if err != nil {
			return err
		}
		var block wire.MsgBlock
		if err := block.Deserialize(bytes.NewReader(raw)); err != nil {
			return err
		}
		s.blocks = append(s.blocks, &block)
	}
	var ids []string
	if err := s.node.Call(&ids, "getrawmempool"); err != nil {
		return err
	}
	s.mempool = nil
	for _, id := range ids {
		var text string
		if err := s.node.Call(&text, "getrawtransaction", id, 0); err != nil {
			return err
		}
		raw, err := hex.DecodeString(text)
		if err != nil {
			return err
		}
		var tx wire.MsgTx
		if err := tx.Deserialize(bytes.NewReader(raw)); err != nil {
			return err
		}
		s.mempool = append(s.mempool, &tx)
	}
	return nil
}

// each calls visit for every transaction with its block's height, 0 in the mempool.
func (s *server) each(visit func(tx *wire.MsgTx, height, at int)) {
	for height, block := range s.blocks {
		for at, tx := range block.Transactions {
			visit(tx, height, at)
		}
	}
	for at, tx := range s.mempool {
		visit(tx, 0, at)
	}
}

type entry struct {
	TxID   string `json:"tx_hash"`
	Height int    `json:"height"`
	Fee    int    `json:"fee,omitempty"`
}

// history are the transactions that pay to a script, or spend what did.
func (s *server) history(scripthash string) (all []entry) {
	mine := map[wire.OutPoint]bool{}
	s.each(func(tx *wire.MsgTx, height, _ int) {
		touched := false
		for _, in := range tx.TxIn {
			touched = touched || mine[in.PreviousOutPoint]
		}
		for i, out := range tx.TxOut {
			sum := sha256.Sum256(out.PkScript)
			slices.Reverse(sum[:])
			if hex.EncodeToString(sum[:]) == scripthash {
				touched = true
				mine[wire.OutPoint{Hash: tx.TxHash(), Index: uint32(i)}] = true
			}
		}
		if touched {
			e := entry{TxID: tx.TxHash().String(), Height: height}
			if height == 0 {
				e.Fee = 1000
			}
			all = append(all, e)
		}
	})
	return all
}

func (s *server) status(scripthash string) any {
	var text strings.Builder
	for _, e := range s.history(scripthash) {
		fmt.Fprintf(&text, "%s:%d:", e.TxID, e.Height)
	}
	if text.Len() == 0 {
		return nil
	}
	sum := sha256.Sum256([]byte(text.String()))
	return hex.EncodeToString(sum[:])
}

func (s *server) header(height int) string {
	var b bytes.Buffer
	_ = s.blocks[height].Header.Serialize(&b)
	return hex.EncodeToString(b.Bytes())
}

func (s *server) tip() any {
	return map[string]any{"hex": s.header(len(s.blocks) - 1), "height": len(s.blocks) - 1}
}

func (s *server) transaction(id string) string {
	var found bytes.Buffer
	s.each(func(tx *wire.MsgTx, _, _ int) {
		if tx.TxHash().String() == id && found.Len() == 0 {
			_ = tx.Serialize(&found)
		}
	})
	return hex.EncodeToString(found.Bytes())
}

func (s *server) merkle(id string) any {
	var answer any
	s.each(func(tx *wire.MsgTx, height, at int) {
		if tx.TxHash().String() != id || answer != nil {
			return
		}
		var level []chainhash.Hash
		for _, tx := range s.blocks[height].Transactions {
			level = append(level, tx.TxHash())
		}
		branch := []string{}
		for i := at; len(level) > 1; i /= 2 {
			if len(level)%2 == 1 {
				level = append(level, level[len(level)-1])
			}
			branch = append(branch, level[i^1].String())
			var next []chainhash.Hash
			for j := 0; j < len(level); j += 2 {
				next = append(next, chainhash.DoubleHashH(append(level[j][:], level[j+1][:]...)))
			}
			level = next
		}
		answer = map[string]any{"block_height": height, "merkle": branch, "pos": at}
	})
	return answer
}

// answer answers one call.
func (s *server) answer(method string, params []any) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.read(); err != nil {
		return nil, err
	}
	text := func(i int) string { t, _ := params[i].(string); return t }
	number := func(i int) int { n, _ := params[i].(float64); return int(n) }
	switch method {
	case "server.version":
		return []string{"Adit's test", "1.4"}, nil
	case "server.banner", "server.donation_address":
		return "", nil
	case "server.peers.subscribe", "mempool.get_fee_histogram":
		return []any{}, nil
	case "server.features":
		return map[string]any{"genesis_hash": s.blocks[0].BlockHash().String(), "hash_function": "sha256", "protocol_min": "1.4", "protocol_max": "1.4", "hosts": map[string]any{}, "pruning": nil, "server_version": "Adit's test"}, nil
	case "server.ping":
		return nil, nil
	case "blockchain.headers.subscribe":
		return s.tip(), nil
	case "blockchain.block.header":
		return s.header(number(0)), nil
	case "blockchain.block.headers":
		var all strings.Builder
		count := 0
		for h := number(0); h < min(number(0)+number(1), len(s.blocks)); h++ {
			all.WriteString(s.header(h))
			count++
		}
		return map[string]any{"hex": all.String(), "count": count, "max": 2016}, nil
	case "blockchain.estimatefee", "blockchain.relayfee":
		return 0.00001, nil
	case "blockchain.scripthash.subscribe":
		return s.status(text(0)), nil
	case "blockchain.scripthash.get_history":
		return append([]entry{}, s.history(text(0))...), nil
	case "blockchain.transaction.get":
		return s.transaction(text(0)), nil
	case "blockchain.transaction.get_merkle":
		return s.merkle(text(0)), nil
	case "blockchain.transaction.broadcast":
		var id string
		err := s.node.Call(&id, "sendrawtransaction", text(0))
		return id, err
	}
	return nil, fmt.Errorf("unknown method %s", method)
}

// serve answers one connection, and tells it of what changes.
func (s *server) serve(conn net.Conn) {
	var writing sync.Mutex
	write := func(v map[string]any) {
		v["jsonrpc"] = "2.0"
		line, _ := json.Marshal(v)
		writing.Lock()
		defer writing.Unlock()
		_, _ = conn.Write(append(line, '\n'))
	}
	ctx, stop := context.WithCancel(context.Background())
	var told sync.Map // what was subscribed, and what was told last
	var telling sync.WaitGroup
	telling.Go(func() {
		for program.Pause(ctx, 200*time.Millisecond) == nil {
			told.Range(func(key, last any) bool {
				method, params := "blockchain.headers.subscribe", []any{}
				if key != "" {
					method, params = "blockchain.scripthash.subscribe", []any{key}
				}
				now, err := s.answer(method, params)
				if line := fmt.Sprint(now); err == nil && line != last {
					told.Store(key, line)
					if key == "" {
						write(map[string]any{"method": method, "params": []any{now}})
					} else {
						write(map[string]any{"method": method, "params": []any{key, now}})
					}
				}
				return true
			})
		}
	})
	defer telling.Wait()
	defer stop()
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, 10<<20)
	for lines.Scan() {
		var call struct {
			ID     any    `json:"id"`
			Method string `json:"method"`
			Params []any  `json:"params"`
		}
		if json.Unmarshal(lines.Bytes(), &call) != nil {
			return
		}
		result, err := s.answer(call.Method, call.Params)
		if err != nil {
			write(map[string]any{"id": call.ID, "error": map[string]any{"code": 1, "message": err.Error()}})
			continue
		}
		switch call.Method {
		case "blockchain.headers.subscribe":
			told.Store("", fmt.Sprint(result))
		case "blockchain.scripthash.subscribe":
			told.Store(call.Params[0], fmt.Sprint(result))
		}
		write(map[string]any{"id": call.ID, "result": result})
	}
}

// address is where the server listens, as the program wants it: t stands for no TLS.
func (s *server) address() string { return s.l.Addr().String() + ":t" }

func TestCoinsAreSeenAndSpentWithAServer(t *testing.T) {
	t.Parallel()
	p := electrum(t)
	k := key(t, 7)
	paid := p.Network.P2PKH(k.PubKeyHash()).String()
	node := pooltest.StartBtcd(t, pooltest.BtcdOptions{Address: paid})
	node.Generate(110)
	p.Server = startServer(t, node).address()
	var to string
	fresh := p
	run(t, fresh, func(ctx context.Context, w *electrumwallet.Wallet) {
		var err error
		if to, err = w.NewAddress(ctx); err != nil {
			t.Fatal(err)
		}
		if err := w.Sync(ctx, nil); err != nil {
			t.Fatal(err)
		}
	})
	p.Imported, p.Dir = true, p.Dir+"-key"
	run(t, p, func(ctx context.Context, w *electrumwallet.Wallet) {
		var last program.Sync
		if err := w.Sync(ctx, func(s program.Sync) { last = s }); err != nil || !last.Synced || last.Blocks != 110 {
			t.Fatalf("Sync = %v, told %+v at last", err, last)
		}
		done, err := w.Import(ctx, k, time.Time{}, nil)
		if err != nil || len(done.Addresses) != 3 {
			t.Fatalf("Import = %+v, %v", done, err)
		}
		b, err := w.Balance(ctx)
		if err != nil || b.Total() != 110*50e8 || b.Spendable == 0 || b.Immature == 0 || done.Received != b.Total() {
			t.Errorf("Balance = %+v, %v, want 5500, a part of it not mature", b, err)
		}
		changeComesBack(ctx, t, w, to, p.Network.P2PKH(k.PubKeyHash()).Script())
		node.Generate(1)
	})
	run(t, fresh, func(ctx context.Context, w *electrumwallet.Wallet) {
		if err := w.Sync(ctx, nil); err != nil {
			t.Fatal(err)
		}
		if b, err := w.Balance(ctx); err != nil || b.Spendable != 7e8 {
			t.Errorf("the other wallet has %+v, %v, want 7", b, err)
		}
	})
}

// changeComesBack pays 7 to an address: the rest returns to the key's.
func changeComesBack(ctx context.Context, t *testing.T, w *electrumwallet.Wallet, to string, script []byte) {
	t.Helper()
	var text, id string
	if err := w.Call(ctx, "payto", map[string]any{"destination": to, "amount": "7", "fee": "0.0001"}, &text); err != nil {
		t.Fatal(err)
	}
	raw, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	var tx wire.MsgTx
	if err := tx.Deserialize(bytes.NewReader(raw)); err != nil {
		t.Fatal(err)
	}
	back := slices.ContainsFunc(tx.TxOut, func(o *wire.TxOut) bool { return bytes.Equal(o.PkScript, script) })
	if len(tx.TxOut) != 2 || !back {
		t.Error("the change does not come back to the key's address: what is explained of it is wrong")
	}
	if err := w.Call(ctx, "broadcast", map[string]any{"tx": text}, &id); err != nil || id != tx.TxHash().String() {
		t.Fatalf("broadcast = %q, %v", id, err)
	}
}
