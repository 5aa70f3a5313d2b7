package devnet_test

import (
	"crypto/rand"
	"errors"
	"testing"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/pool-server/work"
	"github.com/adit-mining/adit/wallet/coin"
)

// mineAsPool makes a job of the daemon's template, solves it and submits the block.
func mineAsPool(t *testing.T, c *node.Client, payTo []byte) *work.Candidate {
	t.Helper()
	template, err := c.Template(t.Context(), []string{"segwit"}, "")
	if err != nil {
		t.Fatal(err)
	}
	job, err := work.NewJob("1", template, work.Params{
		Algorithm: pow.SHA256d, PayTo: payTo, Tag: "/Adit/", Extranonce2Size: 4, Unique: []byte(rand.Text())[:8],
	})
	if err != nil {
		t.Fatal(err)
	}
	b := pooltest.Mine(t, job)
	if verdict, err := c.SubmitBlock(t.Context(), b.Raw); verdict != "" || err != nil {
		t.Fatalf("block %d: %q %v", b.Height, verdict, err)
	}
	return b
}

func TestThePoolsOwnClientMinesAndPays(t *testing.T) {
	d := start(t, t.TempDir())
	c, err := node.New(node.Config{URL: d.url, User: "u", Password: "p"})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	to, _ := foreign(t, d)
	poolAddress, err := c.NewAddress(ctx)
	if err != nil {
		t.Fatal(err)
	}
	info, err := c.ValidateAddress(ctx, poolAddress)
	if err != nil || !info.Valid || !info.IsMine {
		t.Fatalf("ValidateAddress = %+v, %v", info, err)
	}
	var first *work.Candidate
	for range 6 {
		if b := mineAsPool(t, c, info.Script); first == nil {
			first = b
		}
	}
	status, err := c.BlockStatus(ctx, first.Hash)
	if err != nil || !status.Known || status.Confirmations != 6 || status.Height != 1 {
		t.Errorf("BlockStatus = %+v, %v", status, err)
	}
	if balance, err := c.Balance(ctx); err != nil || balance.String() != "50.00000000" {
		t.Errorf("Balance = %v, %v", balance, err)
	}
	tx, err := c.BuildAndSign(ctx, []node.Output{{Address: to, Amount: 12_5000_0000}}, node.SignOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if tx.Outputs[0].Amount+tx.Fee != 12_5000_0000 || tx.Fee <= 0 || tx.Fee > coin.Amount(100_000) {
		t.Errorf("BuildAndSign = %+v", tx)
	}
	if err := c.Broadcast(ctx, tx.Raw); err != nil {
		t.Fatal(err)
	}
	if err := c.Broadcast(ctx, tx.Raw); err != nil && !errors.Is(err, node.ErrKnown) {
		t.Errorf("second Broadcast = %v", err)
	}
	mineAsPool(t, c, info.Script)
	if s, err := c.TxStatus(ctx, tx.TxID); err != nil || s.Confirmations != 1 {
		t.Errorf("TxStatus = %+v, %v", s, err)
	}
	if err := c.Broadcast(ctx, tx.Raw); !errors.Is(err, node.ErrKnown) {
		t.Errorf("Broadcast of a mined payment = %v, want ErrKnown", err)
	}
	if err := c.ReleaseExcept(ctx, nil); err != nil {
		t.Error(err)
	}
	if err := c.Unlock(ctx, "anything", 10); err != nil {
		t.Errorf("Unlock of a wallet without encryption = %v", err)
	}
}
