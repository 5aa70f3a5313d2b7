package devnet_test

import (
	"slices"
	"testing"
)

func TestInvalidatedBlockIsAnOrphanUntilReconsidered(t *testing.T) {
	dir := t.TempDir()
	d := start(t, dir)
	miner := d.address("bech32")
	hashes := d.generate(8, miner)
	var txid string
	to, _ := foreign(t, d)
	d.call("sendtoaddress", &txid, to, 10)
	tip := d.generate(1, miner)[0]
	var content struct{ Tx []string }
	d.call("getblock", &content, tip)
	before := d.balance()

	d.call("invalidateblock", nil, tip)
	if got := d.chain.Height(); got != 8 {
		t.Fatalf("height %d after invalidateblock, want 8", got)
	}
	d.wantDepth(tip, -1)
	d.wantStatus(content.Tx[0], 0, "orphan")
	d.wantStatus(txid, 0, "send")
	if g := d.template(); len(g.Transactions) != 1 || g.Transactions[0].TxID != txid {
		t.Errorf("the payment did not return to the mempool: %+v", g.Transactions)
	}

	d.call("reconsiderblock", nil, tip)
	d.wantDepth(tip, 1)
	d.wantStatus(txid, 1, "send")
	d.wantStatus(content.Tx[0], 1, "immature")
	if got := d.balance(); got != before {
		t.Errorf("balance %s after the way there and back, want %s", got, before)
	}

	d.call("invalidateblock", nil, hashes[7])
	rival := d.generate(3, miner)
	d.stop()
	d = start(t, dir)
	d.wantDepth(rival[0], 3)
	d.wantDepth(tip, -1)
	d.wantStatus(txid, 3, "send")
	if code := d.refused("invalidateblock", "00"+hashes[0][2:62]+"ff"); code != -5 {
		t.Errorf("unknown block: %d, want -5", code)
	}
}

func (d *daemon) wantDepth(hash string, want int64) {
	d.t.Helper()
	var header struct{ Confirmations int64 }
	d.call("getblockheader", &header, hash)
	if header.Confirmations != want {
		d.t.Errorf("block has %d confirmations, want %d", header.Confirmations, want)
	}
}

func (d *daemon) wantStatus(txid string, depth int64, category string) {
	d.t.Helper()
	var status struct {
		Confirmations int64
		Details       []struct{ Category string }
	}
	d.call("gettransaction", &status, txid)
	if status.Confirmations != depth || status.Details[0].Category != category {
		d.t.Errorf("transaction: %+v, want %d confirmations, %s", status, depth, category)
	}
}

func TestPaymentOfADroppedRewardIsDropped(t *testing.T) {
	d := start(t, t.TempDir())
	hashes := d.generate(6, d.address("bech32"))
	to, _ := foreign(t, d)
	var txid string
	d.call("sendtoaddress", &txid, to, 10)
	d.generate(1, to)
	d.call("invalidateblock", nil, hashes[0])
	var left []string
	d.call("getrawmempool", &left)
	if len(left) != 0 {
		t.Errorf("mempool: %v", left)
	}
	d.generate(12, to) // the other branch lives on
	if got := d.balance(); got != "0.00000000" {
		t.Errorf("balance %s without a reward", got)
	}
}

func TestConflictingPaymentCountsBackwards(t *testing.T) {
	d := start(t, t.TempDir())
	to, _ := foreign(t, d)
	d.generate(6, d.address("bech32"))
	first, _ := d.payout(map[string]string{to: "10"}, nil)
	second, _ := d.payout(map[string]string{to: "11"}, nil)
	d.call("sendrawtransaction", nil, first)
	b := d.template()
	b.Transactions = nil
	b.CoinbaseValue = 50_0000_0000
	block := b.assemble(t, d.script(to), "prefers the second")
	block.Transactions = append(block.Transactions, parseTx(t, second))
	recommit(t, block)
	if got := d.submit(block); got != "" {
		t.Fatal(got)
	}
	d.generate(1, to)
	d.wantStatus(parseTx(t, first).TxHash().String(), -2, "send")
	d.wantStatus(parseTx(t, second).TxHash().String(), 2, "send")
	var mempool []string
	if d.call("getrawmempool", &mempool); slices.Contains(mempool, parseTx(t, first).TxHash().String()) {
		t.Error("the conflicting payment is still in the mempool")
	}
}
