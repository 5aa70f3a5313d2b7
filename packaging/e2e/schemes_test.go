package e2e_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

const schemesPool = "litecoin-regtest"

// digits is the mining key whose hash is made of one digit.
func digits(digit string) string { return strings.Repeat(digit, 40) }

// TestSharedAndSoloBlocksOnOnePool runs a PPLNS pool on a real Litecoin daemon, with a
// solo port, a worker that asks for solo by its password, a recipient in the coinbase and
// one in the ledger: what the chain's blocks pay, and what the ledger credits for them, is
// what the configuration says.
func TestSharedAndSoloBlocksOnOnePool(t *testing.T) {
	t.Parallel()
	node := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{})
	dir := t.TempDir()
	pool := startSchemesPool(t, node, dir)
	shared, solo := dialPort(t, pool, false, digits("a")), dialPort(t, pool, true, digits("c"))
	defer shared.Close()
	defer solo.Close()
	asked := dialPort(t, pool, false, digits("b"))
	defer asked.Close()
	if _, err := asked.Call("mining.authorize", digits("b"), "m=solo"); err != nil {
		t.Fatal(err)
	}
	for _, m := range []*pooltest.Miner{shared, solo, asked} {
		for m.Acknowledged < 12 {
			if _, err := m.Mine(); err != nil {
				t.Fatal(err)
			}
		}
	}
	eventually(t, time.Minute, "three finders' blocks are credited", func() bool {
		node.Generate(1)
		credited := map[string]bool{}
		var blocks []poolapi.Block
		getJSON(t, pool.Site+poolapi.BlocksPath, &blocks)
		for _, b := range blocks {
			credited[b.Finder] = credited[b.Finder] || b.Status == "matured"
		}
		return credited[digits("a")] && credited[digits("b")] && credited[digits("c")]
	})
	pool.stop(t)
	book, err := ledger.Open(t.Context(), filepath.Join(dir, "data", "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	if err := book.Check(t.Context()); err != nil {
		t.Error(err)
	}
	blocks, err := book.RecentBlocks(t.Context(), schemesPool, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range blocks {
		if b.Status == ledger.Matured {
			checkSchemesBlock(t, node, book, b)
		}
	}
}

func startSchemesPool(t *testing.T, node *pooltest.Litecoind, dir string) *poolProcess {
	t.Helper()
	cause := cointest.Network(t, "litecoin", "regtest").P2PKH([20]byte{1, 2, 3}).String()
	initPool(t, dir, "litecoin", node.RPC, node.NewAddress(), "--difficulty", "1e-9", "--vardiff=off", "--confirmations", "2",
		"--scheme", "pplns", "--window", "1.5", "--fee", "2", "--solo-fee", "0.5", "--payouts=off")
	file := filepath.Join(dir, "pools", schemesPool+".json")
	replaceIn(t, file, `"recipients": [],`, `"recipients": [
		{"address": "`+cause+`", "percent": 1.25, "in": "coinbase"},
		{"address": "`+digits("d")+`", "percent": 0.75, "in": "ledger"},
	],`)
	replaceIn(t, file, `"ports": [`, `"ports": [{"listen": "127.0.0.1:0", "solo": true, "difficulty": 1e-9, "varDiff": {"enabled": false}},`)
	if out := must(t, "adit-pool", "check", "--dir", dir); !strings.Contains(out, "PPLNS over 1.5 network difficulties") || !strings.Contains(out, "solo") {
		t.Errorf("check does not tell the scheme:\n%s", out)
	}
	return startPool(t, "serve", "--dir", dir)
}

// dialPort connects to the pool's port for solo or shared mining, as its own description names it.
func dialPort(t *testing.T, pool *poolProcess, solo bool, account string) *pooltest.Miner {
	t.Helper()
	var info poolapi.PoolInfo
	getJSON(t, pool.Site+poolapi.InfoPath, &info)
	for _, p := range info.Coins[0].Ports {
		if p.Solo == solo {
			return dialWhenReady(t, strings.TrimPrefix(p.URL, "stratum+tcp://"), account, pow.Scrypt)
		}
	}
	t.Fatalf("no port with solo %v in %+v", solo, info.Coins[0])
	return nil
}

// checkSchemesBlock compares a block's terms and weights with who found it, and its
// reward and its recipient with the chain's own copy.
func checkSchemesBlock(t *testing.T, node *pooltest.Litecoind, book *ledger.Ledger, b ledger.Block) {
	t.Helper()
	weights, err := book.BlockWeights(t.Context(), b.ID)
	if err != nil {
		t.Fatal(err)
	}
	scheme, fee := ledger.SOLO, int64(5_000)
	if b.Finder == digits("a") {
		scheme, fee = ledger.PPLNS, 20_000
	}
	if b.Scheme != scheme || b.FeePPM != fee || len(weights) != 1 || weights[0].Account != b.Finder {
		t.Errorf("block %d of %.4s: %s with a fee of %d ppm, paid for %+v", b.ID, b.Finder, b.Scheme, b.FeePPM, weights)
	}
	recipients, err := book.BlockRecipients(t.Context(), b.ID)
	if err != nil || len(recipients) != 1 || recipients[0] != (ledger.Recipient{Account: digits("d"), PPM: 7_500}) {
		t.Errorf("block %d: recipients %+v, %v", b.ID, recipients, err)
	}
	block := pooltest.Must[struct {
		Tx []struct {
			Vout []struct{ Value float64 }
		}
	}](t, node.RPC, "getblock", b.Hash, 2)
	outs := block.Tx[0].Vout
	own, theirs := int64(outs[0].Value*1e8+0.5), int64(outs[1].Value*1e8+0.5)
	if whole := own + theirs; int64(b.Reward) != own || theirs != whole/80 {
		t.Errorf("block %d: the coinbase pays %d and %d, the ledger has %d; want a recipient's 1.25 %%", b.ID, own, theirs, b.Reward)
	}
}

// TestBoughtSharesAreOwedBeforeAnyBlock runs a PPS pool on a coin whose blocks are out of
// reach: shares are owed for as they come, and when the reserve is used up they are not.
func TestBoughtSharesAreOwedBeforeAnyBlock(t *testing.T) {
	t.Parallel()
	rpc, address := embeddedCoinOf(t, 0x1c00ffff) // difficulty 256: no block within this test
	dir := t.TempDir()
	initPool(t, dir, "bitcoin", rpc, address, "--difficulty", "1e-6", "--vardiff=off", "--scheme", "PPS", "--reserve-limit", "0.00002", "--fee", "0", "--payouts=off")
	pool := startPool(t, "serve", "--dir", dir)
	m := dialWhenReady(t, pool.Stratum, digits("a"), pow.SHA256d)
	defer m.Close()
	var owed float64
	mineUntil := func(what string, done func() bool) {
		t.Helper()
		eventually(t, time.Minute, what, func() bool {
			for range 20 {
				if _, err := m.Mine(); err != nil {
					t.Fatal(err)
				}
			}
			_, c := minerStats(t, pool.Site, digits("a"))
			owed = amount(t, c.Immature)
			return done()
		})
	}
	mineUntil("something is owed", func() bool { return owed > 0 })
	// A share is worth reward * 1e-6 / 256 = 0.195 millionths of a coin. Shares that come
	// together are bought together or not at all, so that a little may be left.
	each := 50 * 1e-6 / 256
	mineUntil("the reserve is used up", func() bool { return owed > 0.00002/2 && m.Acknowledged > 3*int64(0.00002/each) })
	if owed > 0.00002 {
		t.Errorf("%v coins are owed, the limit is 0.00002", owed)
	}
	pool.stop(t)
	book, err := ledger.Open(t.Context(), filepath.Join(dir, "data", "ledger.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	open, err := book.OpenShares(t.Context(), "bitcoin-regtest")
	if err != nil || len(open) != 2 || open[0].Account != ledger.ReserveAccount || open[1].Difficulty <= 0 {
		t.Errorf("the round holds %+v, %v: want the reserve's part and the miner's own", open, err)
	}
	if err := book.Check(t.Context()); err != nil {
		t.Error(err)
	}
}
