package node_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/pooltest"
)

// TestAWalletsHistoryAddsUpToTheUnit pays, moves coins within and has a person pay,
// on a real wallet: what it holds and what it sent agree after each step.
func TestAWalletsHistoryAddsUpToTheUnit(t *testing.T) {
	t.Parallel()
	n := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{NoPeer: true, Args: []string{"-fallbackfee=0.001"}})
	home := n.NewAddress()
	n.GenerateTo(105, home)
	n.GenerateTo(1, burn(t))
	c := client(t, n.URL, func(c *node.Config) {
		c.User, c.Password, c.Wallet, c.WalletAddress = n.User, node.Secret(n.Password), pooltest.Wallet, home
	})
	holdings := func() node.Holdings {
		t.Helper()
		h, err := c.Holdings(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		b := pooltest.Must[struct {
			Mine struct{ Trusted, Immature json.Number }
		}](t, n.RPC, "getbalances")
		if trusted := h.Spendable + h.Locked + h.Change; trusted != amount(t, b.Mine.Trusted.String()) || h.Immature != amount(t, b.Mine.Immature.String()) {
			t.Errorf("holdings %+v; the wallet says %+v", h, b)
		}
		return h
	}
	sends := func(since string, want int) []node.Send {
		t.Helper()
		all, err := c.Sends(t.Context(), since)
		if err != nil || len(all) != want {
			t.Fatalf("%d sends since %q: %+v, %v; want %d", len(all), since, all, err, want)
		}
		return all
	}
	sends("", 0)
	holdings()
	pay := func(outputs ...node.Output) node.SignedTx {
		t.Helper()
		before := holdings()
		tx, err := c.BuildAndSign(t.Context(), outputs, node.SignOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if h := holdings(); h.Locked == 0 || h.Total() != before.Total() {
			t.Errorf("signed: %+v, want some locked and the total of %+v", h, before)
		}
		if err := c.Broadcast(t.Context(), tx.Raw); err != nil {
			t.Fatal(err)
		}
		left := tx.Fee + tx.Dropped
		for _, o := range tx.Outputs {
			if o.Address != home {
				left += o.Amount
			}
		}
		if h := holdings(); h.Locked != 0 || h.Change == 0 || before.Total()-h.Total() != left {
			t.Errorf("sent: %+v, want %v less than %+v", h, left, before)
		}
		return tx
	}
	owed := receivers(t, 3, 7_0000_0001)
	tx := pay(owed...)
	first := n.GenerateTo(1, burn(t))[0]
	for _, s := range sends("", 1) {
		if s.TxID != tx.TxID || s.Fee != tx.Fee || s.Confirmations != 1 || s.Block != first || len(s.Outputs) != 3 || s.Time.IsZero() {
			t.Errorf("sent %+v; want %+v", s, tx)
		}
		for _, o := range tx.Outputs {
			if !slices.Contains(s.Outputs, o) {
				t.Errorf("%+v is not among %+v", o, s.Outputs)
			}
		}
	}
	merged := pay(node.Output{Address: home, Amount: 60_0000_0000})
	n.GenerateTo(1, burn(t))
	if s := sends(first, 1)[0]; s.TxID != merged.TxID || len(s.Outputs) != 0 || s.Fee != merged.Fee {
		t.Errorf("coins moved within: %+v", s)
	}
	byHand := n.Send(burn(t), 3)
	if s := sends(first, 2); s[0].TxID != byHand && s[1].TxID != byHand {
		t.Errorf("what a person sent is not among %+v", s)
	}
	pooltest.Must[any](t, n.RPC, "invalidateblock", first)
	for _, s := range sends("", 3) {
		if s.Confirmations > 0 || s.Block != "" {
			t.Errorf("after a reorganisation: %+v", s)
		}
	}
	if _, err := c.Sends(t.Context(), first[1:]+"0"); err == nil {
		t.Error("since a block that nobody knows")
	}
}
