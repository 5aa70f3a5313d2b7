package work_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/wire/v2"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/work"
)

var extranonce1 = [4]byte{0xaa, 0xbb, 0xcc, 0xdd}

// notify is a mining.notify line as a miner reads it.
type notify struct {
	id, previous, coinbase1, coinbase2 string
	branch                             []string
	version, bits, time                string
	clean                              bool
}

func readNotify(t testing.TB, line []byte) (n notify) {
	t.Helper()
	if !bytes.HasSuffix(line, []byte("\n")) || bytes.Count(line, []byte("\n")) != 1 {
		t.Fatalf("%q is not one line", line)
	}
	var msg struct {
		ID     any
		Method string
		Params []json.RawMessage
	}
	if err := json.Unmarshal(line, &msg); err != nil {
		t.Fatal(err)
	}
	if msg.ID != nil || msg.Method != "mining.notify" || len(msg.Params) != 9 {
		t.Fatalf("line = %s", line)
	}
	for i, to := range []any{&n.id, &n.previous, &n.coinbase1, &n.coinbase2, &n.branch, &n.version, &n.bits, &n.time, &n.clean} {
		if err := json.Unmarshal(msg.Params[i], to); err != nil {
			t.Fatalf("parameter %d: %v", i, err)
		}
	}
	return n
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func twice(b []byte) []byte {
	first := sha256.Sum256(b)
	second := sha256.Sum256(first[:])
	return second[:]
}

// header is what a miner hashes, made from the notify line as the stratum
// protocol says and without any code of package work: every field but the merkle
// root in words of four bytes that are swapped.
func (n notify) header(t testing.TB, extranonce2 []byte, ntime, nonce uint32) (h [80]byte) {
	coinbase := append(unhex(t, n.coinbase1), extranonce1[:]...)
	coinbase = append(append(coinbase, extranonce2...), unhex(t, n.coinbase2)...)
	root := twice(coinbase)
	for _, b := range n.branch {
		root = twice(append(root, unhex(t, b)...))
	}
	text := n.version + n.previous + strings.Repeat("0", 64) + fmt.Sprintf("%08x", ntime) + n.bits + fmt.Sprintf("%08x", nonce)
	words := unhex(t, text)
	for i := 0; i < len(words); i += 4 {
		binary.LittleEndian.PutUint32(h[i:], binary.BigEndian.Uint32(words[i:]))
	}
	copy(h[36:], root)
	return h
}

func TestMinerAndPoolHashTheSameHeader(t *testing.T) {
	for _, name := range []string{"litecoin-plain.json", "litecoin-transactions.json", "litecoin-mweb.json", "btcd.json"} {
		j := job(t, template(t, name, nil), params(pow.SHA256d))
		n := readNotify(t, j.Notify(true))
		extranonce2 := []byte{0, 1, 0xfe, 0xff}
		want := n.header(t, extranonce2, j.CurTime+5, 0xdeadbeef)
		s, err := j.ParseSubmission("0001FEff", fmt.Sprintf("%08x", j.CurTime+5), "deadBEEF", "")
		if err != nil {
			t.Fatal(err)
		}
		r, err := j.Check(hasher(t, pow.SHA256d), extranonce1, s, easiest, 0)
		if err != nil || r.Header != want {
			t.Errorf("%s: header = %x, %v, want %x", name, r.Header, err, want)
		}
		if n.id != "1f" || !n.clean || readNotify(t, j.Notify(false)).clean {
			t.Errorf("%s: id %q, clean %v", name, n.id, n.clean)
		}
	}
}

// withTransactions is a template with n transactions that need not be valid.
func withTransactions(t testing.TB, n int) *work.Template {
	tmpl := template(t, "btcd.json", nil)
	for i := range n {
		data := bytes.Repeat([]byte{byte(i), byte(i >> 8)}, 100)
		id := pow.HashFromBytes([32]byte(twice(data)))
		tmpl.Transactions = append(tmpl.Transactions, work.Transaction{Hex: hex.AppendEncode(nil, data), TxID: id, Hash: id})
	}
	return tmpl
}

func decoded(t testing.TB, tx work.Transaction) []byte {
	t.Helper()
	data, err := hex.DecodeString(string(tx.Hex))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// naiveRoot computes a merkle root the long way.
func naiveRoot(level [][]byte) []byte {
	for len(level) > 1 {
		if len(level)%2 == 1 {
			level = append(level, level[len(level)-1])
		}
		var next [][]byte
		for i := 0; i < len(level); i += 2 {
			next = append(next, twice(append(append([]byte(nil), level[i]...), level[i+1]...)))
		}
		level = next
	}
	return level[0]
}

func TestMerkleRootIsThatOfAllTransactions(t *testing.T) {
	for n := range 40 {
		tmpl := withTransactions(t, n)
		c := mine(t, job(t, tmpl, params(pow.SHA256d)))
		coinbase, err := pow.ParseHash(c.Coinbase)
		if err != nil {
			t.Fatal(err)
		}
		id := coinbase.Bytes()
		level := [][]byte{id[:]}
		for _, tx := range tmpl.Transactions {
			level = append(level, twice(decoded(t, tx)))
		}
		if got, want := c.Raw[36:68], naiveRoot(level); !bytes.Equal(got, want) {
			t.Fatalf("%d transactions: merkle root = %x, want %x", n, got, want)
		}
	}
}

func TestHeightIsWrittenAsBitcoinCoreDoes(t *testing.T) {
	tests := map[int64]string{
		1: "51", 16: "60", 17: "0111", 127: "017f", 128: "028000", 255: "02ff00", 256: "020001",
		32767: "02ff7f", 32768: "03008000", 500000: "0320a107", 8388608: "0400008000", 1 << 31: "050000008000",
	}
	for height, want := range tests {
		tmpl := template(t, "litecoin-plain.json", map[string]any{"height": height})
		tx := decodeBlock(t, mine(t, job(t, tmpl, params(pow.SHA256d))).Raw).Transactions[0]
		if got := hex.EncodeToString(tx.TxIn[0].SignatureScript); !strings.HasPrefix(got, want) {
			t.Errorf("height %d: script = %s, want it to begin with %s", height, got, want)
		}
	}
}

// decodeBlock reads a block with btcd's code.
func decodeBlock(t testing.TB, raw []byte) *wire.MsgBlock {
	t.Helper()
	block := new(wire.MsgBlock)
	r := bytes.NewReader(raw)
	if err := block.Deserialize(r); err != nil {
		t.Fatal(err)
	}
	if r.Len() != 0 {
		t.Fatalf("%d bytes are left after the block", r.Len())
	}
	return block
}

func TestCoinbaseHoldsWhatItMust(t *testing.T) {
	flags := "0b2f503253482f627463642f" // as btcd gives them
	p := params(pow.Scrypt)
	p.PayTo = unhex(t, "a914"+strings.Repeat("11", 20)+"87")
	tmpl := template(t, "litecoin-transactions.json", map[string]any{"coinbaseaux": map[string]any{"flags": flags}})
	c := mine(t, job(t, tmpl, p))
	block := decodeBlock(t, c.Raw)
	if len(block.Transactions) != 4 || block.Header.BlockHash().String() != c.Hash.String() {
		t.Fatalf("block with %d transactions and hash %v, want 4 and %v", len(block.Transactions), block.Header.BlockHash(), c.Hash)
	}
	tx := block.Transactions[0]
	if tx.TxHash().String() != c.Coinbase {
		t.Errorf("coinbase's id = %v, want %v", tx.TxHash(), c.Coinbase)
	}
	script := string(tx.TxIn[0].SignatureScript)
	for _, part := range []string{"\x02\x85\x00" + string(unhex(t, flags)), "\x0atest run1f", "\x08\xaa\xbb\xcc\xdd\x01\x02\x03\x04", "\x06/Adit/"} {
		if !strings.Contains(script, part) {
			t.Errorf("script %q lacks %q", script, part)
		}
	}
	if w := tx.TxIn[0].Witness; len(w) != 1 || !bytes.Equal(w[0], make([]byte, 32)) {
		t.Errorf("witness = %x, want one item of 32 zeroes", w)
	}
	if len(tx.TxOut) != 2 || tx.TxOut[0].Value != int64(c.Reward) || !bytes.Equal(tx.TxOut[0].PkScript, p.PayTo) {
		t.Errorf("outputs = %v, want the reward first", tx.TxOut)
	}
	if out := tx.TxOut[1]; out.Value != 0 || !bytes.Equal(out.PkScript, tmpl.WitnessCommitment) {
		t.Errorf("second output = %v, want the commitment", out)
	}
}

func TestMWEBFollowsTheTransactions(t *testing.T) {
	tmpl := template(t, "litecoin-mweb.json", nil)
	c := mine(t, job(t, tmpl, params(pow.Scrypt)))
	last := decoded(t, tmpl.Transactions[len(tmpl.Transactions)-1])
	want := append(append(bytes.Clone(last), 1), tmpl.MWEB...)
	if !bytes.HasSuffix(c.Raw, want) {
		t.Error("the block does not end in HogEx, 01 and the extension block")
	}
}

func TestJobsOfOneTemplateShareNoHeader(t *testing.T) {
	tmpl := template(t, "litecoin-transactions.json", nil)
	seen := map[[80]byte]string{}
	for _, id := range []string{"1", "2", "1f"} {
		for _, run := range []string{"", "run A", "run B"} {
			p := params(pow.SHA256d)
			p.Unique = []byte(run)
			j, err := work.NewJob(id, tmpl, p)
			if err != nil {
				t.Fatal(err)
			}
			s := work.Submission{Extranonce2: make([]byte, 4), NTime: j.CurTime}
			r, _ := j.Check(hasher(t, pow.SHA256d), extranonce1, s, easiest, 0)
			if other, dup := seen[r.Header]; dup {
				t.Errorf("job %s of %q has the header of job %s", id, run, other)
			}
			seen[r.Header] = id + " of " + run
		}
	}
}

func TestNewJobRefusesWhatCannotBecomeABlock(t *testing.T) {
	tests := []struct {
		name, want string
		change     func(id *string, m *work.Template, p *work.Params)
	}{
		{"algorithm", "unknown algorithm", func(_ *string, _ *work.Template, p *work.Params) { p.Algorithm = "x99" }},
		{"no script", "no script", func(_ *string, _ *work.Template, p *work.Params) { p.PayTo = nil }},
		{"no id", "job id", func(id *string, _ *work.Template, _ *work.Params) { *id = "" }},
		{"quote in the id", "job id", func(id *string, _ *work.Template, _ *work.Params) { *id = `1"` }},
		{"extranonce2", "extranonce2", func(_ *string, _ *work.Template, p *work.Params) { p.Extranonce2Size = 1 }},
		{"tag", "tag", func(_ *string, _ *work.Template, p *work.Params) { p.Tag = strings.Repeat("a", 51) }},
		{"unique", "unique", func(_ *string, _ *work.Template, p *work.Params) { p.Unique = make([]byte, 17) }},
		{"flags", "shorten the tag", func(_ *string, m *work.Template, _ *work.Params) { m.CoinbaseFlags = make([]byte, 75) }},
	}
	for _, tt := range tests {
		id, tmpl, p := "1", *template(t, "litecoin-plain.json", nil), params(pow.Scrypt)
		tt.change(&id, &tmpl, &p)
		if _, err := work.NewJob(id, &tmpl, p); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error = %v, want one about %q", tt.name, err, tt.want)
		}
	}
}

func TestTransactionsAreListedForMiners(t *testing.T) {
	tmpl := template(t, "litecoin-mweb.json", nil)
	j := job(t, tmpl, params(pow.Scrypt))
	ids, data := j.TransactionIDs(), j.TransactionHex()
	if len(ids) != len(tmpl.Transactions) || len(data) != len(ids) {
		t.Fatalf("%d ids and %d transactions, want %d", len(ids), len(data), len(tmpl.Transactions))
	}
	for i, tx := range tmpl.Transactions {
		if ids[i] != tx.TxID.String() || data[i] != string(tx.Hex) {
			t.Errorf("transaction %d = %s", i, ids[i])
		}
	}
}

func TestTemplatesThatCannotBeMinedAreRefused(t *testing.T) {
	segwit := []any{map[string]any{"data": "00", "txid": strings.Repeat("1", 64), "hash": strings.Repeat("2", 64)}}
	tests := []struct {
		name, want string
		edits      map[string]any
	}{
		{"unknown rule demanded", `"magic"`, map[string]any{"rules": []any{"!magic"}}},
		{"no version", "version", map[string]any{"version": nil}},
		{"huge version", "version", map[string]any{"version": 1 << 33}},
		{"no height", "height", map[string]any{"height": nil}},
		{"height of the genesis", "height", map[string]any{"height": 0}},
		{"negative reward", "coinbasevalue", map[string]any{"coinbasevalue": -1}},
		{"only coinbasetxn", "coinbasevalue", map[string]any{"coinbasevalue": nil}},
		{"short previous hash", "previousblockhash", map[string]any{"previousblockhash": "00"}},
		{"no clock", "curtime", map[string]any{"curtime": nil}},
		{"mintime later", "mintime", map[string]any{"mintime": uint32(4e9)}},
		{"maxtime earlier", "maxtime", map[string]any{"maxtime": 1}},
		{"bits", "bits", map[string]any{"bits": "207fff"}},
		{"zero bits", "bits", map[string]any{"bits": "00000000"}},
		{"other target", "target", map[string]any{"target": strings.Repeat("0", 64)}},
		{"flags", "flags", map[string]any{"coinbaseaux": map[string]any{"flags": "zz"}}},
		{"commitment", "commitment", map[string]any{"default_witness_commitment": "6a24"}},
		{"mweb without transaction", "mweb", map[string]any{"mweb": "00"}},
		{"empty transaction", "transactions[0]: data", map[string]any{"transactions": []any{map[string]any{"data": "", "txid": strings.Repeat("1", 64)}}}},
		{"witness without commitment", "transactions[0]", map[string]any{"transactions": segwit, "default_witness_commitment": nil}},
		{"a string", "height", map[string]any{"height": "7"}},
	}
	for _, tt := range tests {
		raw := edited(t, "litecoin-plain.json", tt.edits)
		if _, err := work.ParseTemplate(raw); !errors.Is(err, work.ErrTemplate) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error = %v, want one about %q", tt.name, err, tt.want)
		}
	}
}
