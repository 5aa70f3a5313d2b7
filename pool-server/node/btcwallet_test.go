package node_test

import (
	"errors"
	"testing"
	"time"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/txscript/v2"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/pool-server/work"
)

// simnetAddress is btcd's address of somebody with a number.
func simnetAddress(t *testing.T, number byte) address.Address {
	t.Helper()
	a, err := address.NewAddressPubKeyHash(append(make([]byte, 19), number), &chaincfg.SimNetParams)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// mineTo mines n blocks that pay to a.
func mineTo(t *testing.T, c *node.Client, a address.Address, n int) {
	t.Helper()
	script, err := txscript.PayToAddrScript(a)
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		tmpl, err := c.Template(t.Context(), []string{"segwit"}, "")
		if err != nil {
			t.Fatal(err)
		}
		j, err := work.NewJob("1", tmpl, work.Params{Algorithm: pow.SHA256d, PayTo: script, Extranonce2Size: 4})
		if err != nil {
			t.Fatal(err)
		}
		if verdict, err := c.SubmitBlock(t.Context(), pooltest.Mine(t, j).Raw); verdict != "" || err != nil {
			t.Fatalf("block: %q, %v", verdict, err)
		}
	}
}

// TestBtcwalletPays on a chain of btcd: another program than Core's, with other calls.
func TestBtcwalletPays(t *testing.T) {
	t.Parallel()
	n := pooltest.StartBtcd(t, pooltest.BtcdOptions{Simnet: true})
	w := pooltest.StartBtcwallet(t, n)
	c := real(t, w.RPC, "")
	home, err := c.NewAddress(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c = client(t, w.URL, func(c *node.Config) { c.User, c.Password, c.WalletAddress = w.User, node.Secret(w.Password), home })
	pool, err := address.DecodeAddress(home, &chaincfg.SimNetParams)
	if err != nil {
		t.Fatal(err)
	}
	mineTo(t, c, pool, 103)
	holds := func(what string, ok func(node.Holdings) bool) node.Holdings {
		t.Helper()
		for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) { // it follows btcd by itself
			h, err := c.Holdings(t.Context())
			if err == nil && ok(h) {
				return h
			}
			if time.Now().After(end) {
				t.Fatalf("%s: %+v, %v", what, h, err)
			}
		}
	}
	start := holds("four rewards are mature", func(h node.Holdings) bool { return h.Spendable == 200_0000_0000 && h.Immature == 4950_0000_0000 })
	asked := []node.Output{
		{Address: simnetAddress(t, 1).String(), Amount: 60_0000_0001},
		{Address: simnetAddress(t, 2).String(), Amount: 30_0000_0000},
	}
	if _, err := c.BuildAndSign(t.Context(), asked, node.SignOptions{}); !errors.Is(err, node.ErrLocked) {
		t.Fatalf("a locked wallet: %v", err)
	}
	if h := holds("locked", func(node.Holdings) bool { return true }); h != start {
		t.Errorf("a locked wallet keeps coins locked: %+v", h)
	}
	if err := c.Unlock(t.Context(), pooltest.BtcwalletPassphrase, 600); err != nil {
		t.Fatal(err)
	}
	tx, err := c.BuildAndSign(t.Context(), asked, node.SignOptions{MaxFee: 10_0000})
	if err != nil {
		t.Fatal(err)
	}
	checkNets(t, asked, tx)
	if h := holds("signed", func(node.Holdings) bool { return true }); h.Locked != 100_0000_0000 || h.Total() != start.Total() {
		t.Errorf("signed: %+v", h)
	}
	if err := c.Broadcast(t.Context(), tx.Raw); err != nil {
		t.Fatal(err)
	}
	if err := c.Broadcast(t.Context(), tx.Raw); err != nil && !errors.Is(err, node.ErrKnown) {
		t.Errorf("sent again: %v", err)
	}
	mineTo(t, c, simnetAddress(t, 9), 1)
	holds("mined", func(h node.Holdings) bool {
		return h.Total() == start.Total()-60_0000_0001-30_0000_0000 && h.Change == 0 && h.Locked == 0
	})
	if s, err := c.TxStatus(t.Context(), tx.TxID); err != nil || s.Confirmations != 1 {
		t.Errorf("mined: %+v, %v", s, err)
	}
	if err := c.Broadcast(t.Context(), tx.Raw); !errors.Is(err, node.ErrKnown) {
		t.Errorf("sent after it was mined: %v, want ErrKnown", err)
	}
	all, err := c.Sends(t.Context(), "")
	if err != nil || len(all) != 1 || all[0].TxID != tx.TxID || all[0].Confirmations != 1 || len(all[0].Outputs) != 2 {
		t.Errorf("sends: %+v, %v", all, err)
	}
}
