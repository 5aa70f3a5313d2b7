package devnet_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"github.com/adit-mining/adit/pool-server/devnet"
)

func TestMinedBlockIsAccepted(t *testing.T) {
	d := start(t, t.TempDir())
	to := d.address("bech32")
	for height := int64(1); height <= 20; height++ { // across the small numbers of BIP 34
		g := d.template()
		if g.Height != height || g.CoinbaseValue != 50_0000_0000 {
			t.Fatalf("template: height %d value %d", g.Height, g.CoinbaseValue)
		}
		b := g.assemble(t, d.script(to), "/test/")
		if verdict := d.submit(b); verdict != "" {
			t.Fatalf("block %d refused: %s", height, verdict)
		}
		var header struct {
			Confirmations, Height int64
			PreviousBlockHash     string
		}
		d.call("getblockheader", &header, b.BlockHash().String())
		if header.Confirmations != 1 || header.Height != height || header.PreviousBlockHash != g.PreviousBlockHash {
			t.Errorf("header = %+v", header)
		}
	}
	var best string
	d.call("getbestblockhash", &best)
	var info struct {
		Chain                string
		Blocks, Headers      int64
		BestBlockHash        string
		InitialBlockDownload bool
	}
	d.call("getblockchaininfo", &info)
	if info.Chain != "regtest" || info.Blocks != 20 || info.Headers != 20 || info.BestBlockHash != best || info.InitialBlockDownload {
		t.Errorf("getblockchaininfo = %+v", info)
	}
	if got := d.balance(); got != "750.00000000" { // depth 6 and more: 15 of 20
		t.Errorf("balance = %s, want 750", got)
	}
}

func TestWrongBlocksAreRefusedInCoresWords(t *testing.T) {
	d := start(t, t.TempDir())
	to := d.address("bech32")
	script := d.script(to)
	d.generate(20, to)
	cases := []struct {
		name, want string
		change     func(b *wire.MsgBlock)
	}{
		{"too much reward", "bad-cb-amount", func(b *wire.MsgBlock) { b.Transactions[0].TxOut[0].Value++; seal(b) }},
		{"merkle root", "bad-txnmrklroot", func(b *wire.MsgBlock) { b.Header.MerkleRoot[3] ^= 1; prove(b, true) }},
		{"too little work", "high-hash", func(b *wire.MsgBlock) { prove(b, false) }},
		{"too new", "time-too-new", func(b *wire.MsgBlock) { b.Header.Timestamp = b.Header.Timestamp.Add(3 * time.Hour); prove(b, true) }},
		{"too old", "time-too-old", func(b *wire.MsgBlock) { b.Header.Timestamp = time.Unix(1_600_000_000, 0); prove(b, true) }},
		{"old version", "bad-version(0x00000001)", func(b *wire.MsgBlock) { b.Header.Version = 1; prove(b, true) }},
		{"other bits", "bad-diffbits", func(b *wire.MsgBlock) { b.Header.Bits = 0x207ffffe; prove(b, true) }},
		{"wrong height", "bad-cb-height", func(b *wire.MsgBlock) { b.Transactions[0].TxIn[0].SignatureScript[1]++; seal(b) }},
		{"commitment", "bad-witness-merkle-match", func(b *wire.MsgBlock) { b.Transactions[0].TxOut[1].PkScript[10] ^= 1; seal(b) }},
		{"no witness nonce", "bad-witness-nonce-size", func(b *wire.MsgBlock) { b.Transactions[0].TxIn[0].Witness = nil; seal(b) }},
		{"unknown parent", "prev-blk-not-found", func(b *wire.MsgBlock) { b.Header.PrevBlock = chainhash.Hash{1}; prove(b, true) }},
		{"no coins behind a payment", "bad-txns-inputs-missingorspent", func(b *wire.MsgBlock) {
			tx := wire.NewMsgTx(2)
			tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Hash: chainhash.Hash{9}}, nil, nil))
			tx.AddTxOut(wire.NewTxOut(1000, script))
			b.Transactions = append(b.Transactions, tx)
			// Without any witness no commitment is needed.
			b.Transactions[0].TxOut = b.Transactions[0].TxOut[:1]
			b.Transactions[0].TxIn[0].Witness = nil
			seal(b)
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := d.template().assemble(t, script, c.name)
			c.change(b)
			if got := d.submit(b); got != c.want {
				t.Errorf("verdict = %q, want %q", got, c.want)
			}
			if got := d.chain.Height(); got != 20 {
				t.Errorf("height = %d after a refused block", got)
			}
		})
	}
	b := d.template().assemble(t, script, "good")
	if got := d.submit(b); got != "" {
		t.Fatalf("the good block: %q", got)
	}
	if got := d.submit(b); got != "duplicate" {
		t.Errorf("the same again: %q", got)
	}
}

func TestBytesThatAreNoBlockAreCode22(t *testing.T) {
	d := start(t, t.TempDir())
	for _, hex := range []string{"", "zz", "00", strings.Repeat("00", 81)} {
		if got := d.refused("submitblock", hex); got != -22 {
			t.Errorf("submitblock %q = %d, want -22", hex, got)
		}
	}
}

func TestInvalidBlockStaysInvalid(t *testing.T) {
	d := start(t, t.TempDir())
	script := d.script(d.address("bech32"))
	b := d.template().assemble(t, script, "greedy")
	b.Transactions[0].TxOut[0].Value++
	seal(b)
	for _, want := range []string{"bad-cb-amount", "duplicate-invalid"} {
		if got := d.submit(b); got != want {
			t.Errorf("verdict = %q, want %q", got, want)
		}
	}
	g := d.template()
	g.PreviousBlockHash, g.Height = b.BlockHash().String(), g.Height+1
	if got := d.submit(g.assemble(t, script, "child")); got != "bad-prevblk" {
		t.Errorf("child's verdict = %q", got)
	}
}

func TestShorterBranchIsInconclusiveAndLongerOneWins(t *testing.T) {
	d := start(t, t.TempDir())
	script := d.script(d.address("bech32"))
	g := d.template()
	main, rival := g.assemble(t, script, "main"), g.assemble(t, script, "rival")
	if got := d.submit(main); got != "" {
		t.Fatal(got)
	}
	if got := d.submit(rival); got != "inconclusive" {
		t.Errorf("rival: %q, want inconclusive", got)
	}
	var header struct{ Confirmations, Height int64 }
	d.call("getblockheader", &header, rival.BlockHash().String())
	if header.Confirmations != -1 || header.Height != 1 {
		t.Errorf("rival's header = %+v", header)
	}
	g = d.template()
	g.PreviousBlockHash = rival.BlockHash().String()
	if got := d.submit(g.assemble(t, script, "rival's child")); got != "" {
		t.Errorf("longer branch: %q", got)
	}
	d.call("getblockheader", &header, main.BlockHash().String())
	if header.Confirmations != -1 {
		t.Errorf("dropped block has %d confirmations", header.Confirmations)
	}
}

func TestTemplateWantsSegwit(t *testing.T) {
	d := start(t, t.TempDir())
	if got := d.refused("getblocktemplate"); got != -8 {
		t.Errorf("without rules: %d, want -8", got)
	}
	if got := d.refused("getblocktemplate", map[string]any{"mode": "x"}); got != -8 {
		t.Errorf("unknown mode: %d, want -8", got)
	}
	if g := d.template(); !slices.Contains(g.Rules, "!segwit") || len(g.Commitment) != 76 {
		t.Errorf("rules %v, commitment %q", g.Rules, g.Commitment)
	}
	d.chain.SetSyncing(true)
	if got := d.refused("getblocktemplate", segwitRules); got != -10 {
		t.Errorf("while syncing: %d, want -10", got)
	}
}

func TestProposalIsCheckedButForItsWork(t *testing.T) {
	d := start(t, t.TempDir())
	b := d.template().assemble(t, d.script(d.address("legacy")), "proposal")
	prove(b, false)
	if got := d.propose(b); got != "" {
		t.Errorf("good proposal: %q", got)
	}
	b.Transactions[0].TxOut[0].Value++
	seal(b)
	if got := d.propose(b); got != "bad-cb-amount" {
		t.Errorf("greedy proposal: %q", got)
	}
	b.Header.PrevBlock = chainhash.Hash{1}
	if got := d.propose(b); got != "inconclusive-not-best-prevblk" {
		t.Errorf("stray proposal: %q", got)
	}
	if d.chain.Height() != 0 {
		t.Error("a proposal was connected")
	}
}

func TestOpenRefusesOtherRulesAndASecondUser(t *testing.T) {
	dir := t.TempDir()
	d := start(t, dir)
	if _, err := devnet.Open(devnet.Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), devnet.ErrInUse.Error()) {
		t.Errorf("second Open = %v, want %v", err, devnet.ErrInUse)
	}
	d.stop()
	if _, err := devnet.Open(devnet.Options{Dir: dir, Bits: 0x1f00ffff}); err == nil {
		t.Error("other bits were accepted")
	}
	if _, err := devnet.Open(devnet.Options{Dir: dir, Maturity: 6}); err == nil {
		t.Error("other maturity was accepted")
	}
	for _, o := range []devnet.Options{{Bits: 0x21000001}, {Bits: 1}, {Bits: 0x1e800001}, {Maturity: -1}, {Maturity: 70_000}} {
		o.Dir = t.TempDir()
		if c, err := devnet.Open(o); err == nil {
			t.Errorf("Open(%+v) succeeded", o)
			_ = c.Close()
		}
	}
}

func TestBitsForTakesThatManyHashes(t *testing.T) {
	for hashes, want := range map[float64]uint32{0: devnet.EasiestBits, 2: devnet.EasiestBits, 1 << 22: 0x1e040000, 1 << 32: 0x1d010000} {
		if got := devnet.BitsFor(hashes); got != want {
			t.Errorf("BitsFor(%v) = %08x, want %08x", hashes, got, want)
		}
	}
}
