package node_test

import (
	"errors"
	"testing"

	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/wallet/coin"
)

// TestALockedWalletKeepsItsChangeAddresses asks a locked wallet for more payments
// than it has keys in reserve: once it is open it can still pay.
func TestALockedWalletKeepsItsChangeAddresses(t *testing.T) {
	t.Parallel()
	n := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{Args: []string{"-keypool=3"}})
	n.Generate(101)
	all := outputs(t, n, 1_00000000)
	pooltest.Must[any](t, n.RPC, "encryptwallet", "open sesame")
	c := real(t, n.RPC, pooltest.Wallet)
	for range 8 {
		if _, err := c.BuildAndSign(t.Context(), all, node.SignOptions{}); !errors.Is(err, node.ErrLocked) {
			t.Fatalf("a locked wallet: got %v, want ErrLocked", err)
		}
	}
	if err := c.Unlock(t.Context(), "open sesame", 60); err != nil {
		t.Fatal(err)
	}
	if _, err := c.BuildAndSign(t.Context(), all, node.SignOptions{}); err != nil {
		t.Error(err)
	}
}

func TestAnAmountBelowItsFeeHasAName(t *testing.T) {
	t.Parallel()
	n := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{})
	n.Generate(101)
	c := real(t, n.RPC, pooltest.Wallet)
	for _, small := range []coin.Amount{1, 100, 1000} {
		if _, err := c.BuildAndSign(t.Context(), outputs(t, n, 1_00000000, small), node.SignOptions{}); !errors.Is(err, node.ErrTooSmall) {
			t.Errorf("an output of %d units: got %v, want ErrTooSmall", int64(small), err)
		}
	}
	if got := locked(t, n); got != 0 {
		t.Errorf("%d coins stay locked", got)
	}
}

// TestATransactionIsNotUnknownForLackOfAWallet restarts the daemon, which leaves
// its wallet unloaded: then it knows nothing of what is mined.
func TestATransactionIsNotUnknownForLackOfAWallet(t *testing.T) {
	t.Parallel()
	n := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{})
	n.Generate(101)
	txid := n.Send(n.NewAddress(), 1)
	n.Generate(1)
	n.Stop()
	n.Start()
	c := real(t, n.RPC, "")
	if s, err := c.TxStatus(t.Context(), txid); !errors.Is(err, node.ErrNoWallet) {
		t.Errorf("without the wallet = %+v, %v; want ErrNoWallet", s, err)
	}
	n.LoadWallet()
	if s, err := c.TxStatus(t.Context(), txid); err != nil || s.Confirmations != 1 {
		t.Errorf("with the wallet = %+v, %v", s, err)
	}
}
