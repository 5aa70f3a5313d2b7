package work_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/pool-server/work"
	"github.com/adit-mining/adit/wallet/coin"
)

var litecoinRules = map[string]any{"rules": []string{"mweb", "segwit"}}

// getTemplate asks the real daemon.
func getTemplate(t testing.TB, r pooltest.RPC, recordAs string) *work.Template {
	t.Helper()
	raw := pooltest.Must[json.RawMessage](t, r, "getblocktemplate", litecoinRules)
	if recordAs != "" {
		keep(t, recordAs, raw)
	}
	tmpl, err := work.ParseTemplate(raw)
	if err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	return tmpl
}

// submit returns the daemon's verdict, or its error answer.
func submit(t testing.TB, r pooltest.RPC, raw []byte) string {
	t.Helper()
	var verdict *string
	var refusal *pooltest.RPCError
	switch err := r.Call(&verdict, "submitblock", hex.EncodeToString(raw)); {
	case errors.As(err, &refusal):
		return refusal.Message
	case err != nil:
		t.Fatal(err)
	case verdict == nil:
		return ""
	}
	return *verdict
}

// acceptedBlock mines on the daemon's template, and insists that the daemon takes
// the block for its new tip and sees the reward where it was to go.
func acceptedBlock(t testing.TB, n *pooltest.Litecoind, recordAs string) *work.Candidate {
	t.Helper()
	p := params(pow.Scrypt)
	p.PayTo = scriptOf(t, n)
	tmpl := getTemplate(t, n.RPC, recordAs)
	j := job(t, tmpl, p)
	c := mine(t, j)
	if verdict := submit(t, n.RPC, c.Raw); verdict != "" {
		t.Fatalf("block %d refused: %s\n%s", c.Height, verdict, n.Log())
	}
	if tip := pooltest.Must[string](t, n.RPC, "getbestblockhash"); tip != c.Hash.String() {
		t.Fatalf("tip = %s, want our block %v", tip, c.Hash)
	}
	block := pooltest.Must[struct {
		Height int64
		Tx     []string
	}](t, n.RPC, "getblock", c.Hash.String())
	if block.Height != c.Height || block.Tx[0] != c.Coinbase || len(block.Tx) != 1+len(j.TransactionIDs()) {
		t.Fatalf("block = %+v, want height %d, coinbase %s and %d transactions", block, c.Height, c.Coinbase, len(j.TransactionIDs()))
	}
	if !slices.Equal(block.Tx[1:], j.TransactionIDs()) {
		t.Fatalf("transactions = %v, want %v", block.Tx[1:], j.TransactionIDs())
	}
	paid := pooltest.Must[struct {
		Details []struct {
			Amount   json.Number
			Category string
		}
	}](t, n.RPC, "gettransaction", c.Coinbase)
	if len(paid.Details) != 1 || paid.Details[0].Category != "immature" || amount(t, paid.Details[0].Amount) != c.Reward {
		t.Fatalf("the wallet sees %+v, want %v immature", paid.Details, c.Reward)
	}
	return c
}

// amount reads "50.00000000".
func amount(t testing.TB, n json.Number) coin.Amount {
	t.Helper()
	a, err := coin.ParseAmount(n.String())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func scriptOf(t testing.TB, n *pooltest.Litecoind) []byte {
	t.Helper()
	info := pooltest.Must[struct{ ScriptPubKey string }](t, n.RPC, "validateaddress", n.NewAddress())
	script, err := hex.DecodeString(info.ScriptPubKey)
	if err != nil {
		t.Fatal(err)
	}
	return script
}

// fill puts transactions of several kinds into the mempool: to old, wrapped and
// native segwit addresses, so that later ones spend each kind.
func fill(t testing.TB, n *pooltest.Litecoind) {
	t.Helper()
	for _, kind := range []string{"legacy", "p2sh-segwit", "bech32"} {
		n.Send(pooltest.Must[string](t, n.RPC, "getnewaddress", "", kind), 1)
	}
}

func TestLitecoindAcceptsBlocks(t *testing.T) {
	t.Parallel()
	n := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{Args: []string{"-fallbackfee=0.001"}})
	n.Generate(1)
	for height := int64(2); height <= 20; height++ { // OP_2 to OP_16 and then numbers
		if c := acceptedBlock(t, n, ""); c.Height != height {
			t.Fatalf("height = %d, want %d", c.Height, height)
		}
	}
	n.Generate(110)
	acceptedBlock(t, n, "litecoin-plain.json") // 131: the number needs a byte for its sign
	fill(t, n)
	acceptedBlock(t, n, "")
	fill(t, n)
	c := acceptedBlock(t, n, "litecoin-transactions.json")
	if verdict := submit(t, n.RPC, c.Raw); verdict != "duplicate" {
		t.Errorf("the same block again = %q, want duplicate", verdict)
	}
	n.Generate(500 - int(n.Height())) // BIP 34 counts from 500 on
	for range 3 {
		fill(t, n)
		acceptedBlock(t, n, "")
	}
	t.Run("refuses", func(t *testing.T) { refusals(t, n) })
}

// refusals hands the daemon blocks that are each wrong in one way. That they are
// refused for the expected reason shows that the good ones are good in each way.
func refusals(t *testing.T, n *pooltest.Litecoind) {
	fill(t, n)
	good := getTemplate(t, n.RPC, "")
	if len(good.Transactions) == 0 {
		t.Fatal("the template has no transactions")
	}
	withoutLast := slices.Clone(good.Transactions)[:len(good.Transactions)-1]
	tests := []struct {
		name, want string
		template   func(*work.Template) // before the job is made
		block      func([]byte)         // mined again afterwards
	}{
		{"a unit too much", "bad-cb-amount", func(m *work.Template) { m.CoinbaseValue++ }, nil},
		{"a transaction left out", "bad-witness-merkle-match", func(m *work.Template) { m.Transactions = withoutLast }, nil},
		{"no commitment", "unexpected-witness", func(m *work.Template) { m.WitnessCommitment = nil }, nil},
		{"wrong height", "bad-cb-height", func(m *work.Template) { m.Height++ }, nil},
		{"old version", "bad-version(0x00000001)", func(m *work.Template) { m.Version = 1 }, nil},
		{"wrong bits", "bad-diffbits", func(m *work.Template) { m.Bits = 0x207ffffe }, nil},
		{"before the median time", "time-too-old", func(m *work.Template) { m.CurTime = m.MinTime - 1; m.MinTime = 0 }, nil},
		{"three hours ahead", "time-too-new", func(m *work.Template) { m.CurTime += 3 * 3600; m.MaxTime = 0 }, nil},
		{"unknown previous block", "prev-blk-not-found", func(m *work.Template) { m.PreviousHash[31] ^= 1 }, nil},
		{"merkle root", "bad-txnmrklroot", nil, func(b []byte) { b[36] ^= 1 }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := *good
			if tt.template != nil {
				tt.template(&m)
			}
			raw := mine(t, job(t, &m, params(pow.Scrypt))).Raw
			if tt.block != nil {
				tt.block(raw)
				mineAgain(t, raw, m.Target)
			}
			if got := submit(t, n.RPC, raw); got != tt.want {
				t.Errorf("verdict = %q, want %q", got, tt.want)
			}
		})
	}
	t.Run("hash above the target", func(t *testing.T) {
		raw := mine(t, job(t, good, params(pow.Scrypt))).Raw
		spoil(t, raw, good.Target)
		if got := submit(t, n.RPC, raw); got != "high-hash" {
			t.Errorf("verdict = %q, want high-hash", got)
		}
	})
	acceptedBlock(t, n, "") // and the chain goes on
}

// mineAgain finds a nonce after the block was changed.
func mineAgain(t testing.TB, raw []byte, target pow.Target) { turn(t, raw, target, true) }

// spoil finds a nonce that does not meet the target.
func spoil(t testing.TB, raw []byte, target pow.Target) { turn(t, raw, target, false) }

func turn(t testing.TB, raw []byte, target pow.Target, met bool) {
	t.Helper()
	h := hasher(t, pow.Scrypt)
	header := (*[80]byte)(raw[:80])
	for range 1000 {
		header[76]++
		if header[76] == 0 {
			header[77]++
		}
		if target.MetBy(h.Sum(header)) == met {
			return
		}
	}
	t.Fatal("no such nonce in 1000 tries")
}

func TestLitecoindAcceptsBlocksWithMWEB(t *testing.T) {
	t.Parallel()
	n := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{MWEB: true, Args: []string{"-fallbackfee=0.001"}})
	n.ActivateMWEB()
	if c := acceptedBlock(t, n, ""); c.Height != pooltest.MWEBHeight {
		t.Fatalf("height = %d, want the first block with MWEB", c.Height)
	}
	acceptedBlock(t, n, "") // nothing in it but the HogEx
	fill(t, n)
	n.Send(pooltest.Must[string](t, n.RPC, "getnewaddress", "", "mweb"), 1) // a peg-in
	acceptedBlock(t, n, "litecoin-mweb.json")

	fill(t, n)
	good := getTemplate(t, n.RPC, "")
	if len(good.MWEB) == 0 || len(good.Transactions) < 2 {
		t.Fatalf("template with %d bytes of MWEB and %d transactions", len(good.MWEB), len(good.Transactions))
	}
	tests := []struct {
		name, want string
		change     func(*work.Template)
	}{
		{"no extension block", "Block decode failed", func(m *work.Template) { m.MWEB = nil }},
		{"no HogEx", "bad-witness-merkle-match", func(m *work.Template) { m.Transactions = m.Transactions[:len(m.Transactions)-1] }},
		{"HogEx not last", "bad-witness-merkle-match", func(m *work.Template) {
			m.Transactions = slices.Clone(m.Transactions)
			slices.Reverse(m.Transactions)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := *good
			tt.change(&m)
			if got := submit(t, n.RPC, mine(t, job(t, &m, params(pow.Scrypt))).Raw); got != tt.want {
				t.Errorf("verdict = %q, want %q", got, tt.want)
			}
		})
	}
	acceptedBlock(t, n, "")
}
