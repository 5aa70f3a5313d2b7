package node_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/wallet/coin"
)

// outputs pays these amounts to new addresses of several kinds.
func outputs(t testing.TB, n *pooltest.Litecoind, amounts ...coin.Amount) (all []node.Output) {
	t.Helper()
	kinds := []string{"legacy", "p2sh-segwit", "bech32"}
	for i, a := range amounts {
		address := pooltest.Must[string](t, n.RPC, "getnewaddress", "", kinds[i%len(kinds)])
		all = append(all, node.Output{Address: address, Amount: a})
	}
	return all
}

// locked is how many of the wallet's coins are locked.
func locked(t testing.TB, n *pooltest.Litecoind) int {
	t.Helper()
	return len(pooltest.Must[[]any](t, n.RPC, "listlockunspent"))
}

// inMempool reports whether the daemon is about to mine anything.
func inMempool(t testing.TB, n *pooltest.Litecoind) int {
	t.Helper()
	return len(pooltest.Must[[]string](t, n.RPC, "getrawmempool"))
}

func TestWalletPaysWithoutSendingFirst(t *testing.T) {
	for name, mweb := range map[string]bool{"before MWEB": false, "with MWEB": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{MWEB: mweb, Args: []string{"-fallbackfee=0.001"}})
			if mweb {
				n.ActivateMWEB()
			}
			n.Generate(110)
			if h, err := real(t, n.RPC, pooltest.Wallet).Holdings(t.Context()); err != nil || (h.Aside > 0) != mweb {
				t.Errorf("holdings %+v, %v; want coins of the extension block set aside: %v", h, err, mweb)
			}
			pays(t, n)
		})
	}
}

func pays(t *testing.T, n *pooltest.Litecoind) {
	c := real(t, n.RPC, pooltest.Wallet)
	before, err := c.Balance(t.Context())
	if err != nil || before <= 0 {
		t.Fatalf("balance = %v, %v", before, err)
	}
	want := outputs(t, n, 1_50000000, 2_00000001, 33333333)
	again := want[0]
	again.Amount = 5 // another account with the same address
	tx, err := c.BuildAndSign(t.Context(), append(want, again), node.SignOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if inMempool(t, n) != 0 || locked(t, n) == 0 {
		t.Errorf("%d transactions were sent, %d coins are locked; want none and some", inMempool(t, n), locked(t, n))
	}
	want[0].Amount += 5
	checkNets(t, want, tx)
	if s, err := c.TxStatus(t.Context(), tx.TxID); err != nil || s.Known {
		t.Errorf("before it is sent = %+v, %v", s, err)
	}
	if err := c.Broadcast(t.Context(), tx.Raw); err != nil {
		t.Fatal(err)
	}
	if err := c.Broadcast(t.Context(), tx.Raw); err != nil && !errors.Is(err, node.ErrKnown) {
		t.Errorf("sent again: %v", err)
	}
	if s, err := c.TxStatus(t.Context(), tx.TxID); err != nil || !s.Known || s.Confirmations != 0 {
		t.Errorf("after it is sent = %+v, %v", s, err)
	}
	block := n.Generate(1)[0]
	if s, err := c.TxStatus(t.Context(), tx.TxID); err != nil || s.Confirmations != 1 || s.BlockHash != block {
		t.Errorf("mined = %+v, %v", s, err)
	}
	if err := c.Broadcast(t.Context(), tx.Raw); !errors.Is(err, node.ErrKnown) {
		t.Errorf("sent after it was mined: %v, want ErrKnown", err)
	}
	if locked(t, n) != 0 {
		t.Errorf("%d coins are still locked", locked(t, n))
	}
}

// checkNets checks that the receivers bear the fee, and nothing else.
func checkNets(t *testing.T, want []node.Output, tx node.SignedTx) {
	t.Helper()
	if len(tx.Outputs) != len(want) || tx.Fee <= 0 {
		t.Fatalf("outputs = %+v, fee %v", tx.Outputs, tx.Fee)
	}
	sum := tx.Fee
	for i, out := range tx.Outputs {
		if out.Address != want[i].Address || out.Amount >= want[i].Amount {
			t.Errorf("output %d = %+v, want a little less than %+v", i, out, want[i])
		}
		sum += out.Amount - want[i].Amount
	}
	if sum != 0 {
		t.Errorf("the fee and what the receivers miss differ by %v", sum)
	}
}

func TestAnAbandonedPayoutGivesItsCoinsBack(t *testing.T) {
	t.Parallel()
	n := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{NoPeer: true})
	n.Generate(102) // two mature rewards of 50
	c := real(t, n.RPC, pooltest.Wallet)
	build := func(amount coin.Amount) (node.SignedTx, error) {
		return c.BuildAndSign(t.Context(), outputs(t, n, amount), node.SignOptions{FeeRate: 100000})
	}
	first, err := build(60_00000000)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := build(45_00000000); err == nil {
		t.Error("locked coins were used twice")
	}
	if err := c.Release(t.Context(), first.Raw); err != nil || locked(t, n) != 0 {
		t.Fatalf("release: %v, %d coins locked", err, locked(t, n))
	}
	if err := c.Release(t.Context(), first.Raw); err != nil {
		t.Errorf("released again: %v", err)
	}
	t.Run("on failure", func(t *testing.T) {
		if _, err := c.BuildAndSign(t.Context(), outputs(t, n, 1_00000000), node.SignOptions{MaxFee: 1}); !errors.Is(err, node.ErrFee) {
			t.Errorf("fee above the limit: %v", err)
		}
		if locked(t, n) != 0 {
			t.Errorf("%d coins stay locked", locked(t, n))
		}
	})
	t.Run("at start", func(t *testing.T) {
		kept, err := build(10_00000000)
		if err != nil {
			t.Fatal(err)
		}
		lost, err := build(20_00000000)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.ReleaseExcept(t.Context(), []string{kept.Raw}); err != nil || locked(t, n) != 1 {
			t.Errorf("after a crash: %v, %d coins locked, want those of one payout", err, locked(t, n))
		}
		n.Stop()
		n.Start() // no wallet is loaded, and the locks are forgotten
		if err := c.ReleaseExcept(t.Context(), []string{kept.Raw}); err != nil || locked(t, n) != 1 {
			t.Errorf("after the daemon's restart: %v, %d coins locked", err, locked(t, n))
		}
		if err := c.Broadcast(t.Context(), lost.Raw); err != nil {
			t.Errorf("a released transaction is still good: %v", err)
		}
	})
}

func TestAConflictIsToldFromARepetition(t *testing.T) {
	t.Parallel()
	n := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{NoPeer: true})
	n.Generate(101) // one mature reward: both transactions spend it
	c := real(t, n.RPC, pooltest.Wallet)
	var txs []node.SignedTx
	for range 2 {
		tx, err := c.BuildAndSign(t.Context(), outputs(t, n, 10_00000000), node.SignOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Release(t.Context(), tx.Raw); err != nil {
			t.Fatal(err)
		}
		txs = append(txs, tx)
	}
	if err := c.Broadcast(t.Context(), txs[0].Raw); err != nil {
		t.Fatal(err)
	}
	if err := c.Broadcast(t.Context(), txs[1].Raw); !errors.Is(err, node.ErrConflict) {
		t.Errorf("a double spend: %v, want ErrConflict", err)
	}
	gone := func(want ...bool) {
		t.Helper()
		for i, tx := range txs {
			if got, err := c.InputsGone(t.Context(), tx.Raw); err != nil || got != want[i] {
				t.Errorf("are the inputs of transaction %d gone: %v, %v; want %v", i, got, err, want[i])
			}
		}
	}
	gone(false, false) // as long as the other one is not mined
	n.Generate(1)
	gone(false, true)
	if err := c.Broadcast(t.Context(), txs[1].Raw); !errors.Is(err, node.ErrConflict) {
		t.Errorf("a double spend of a mined transaction: %v, want ErrConflict", err)
	}
	// All outputs of the first one are spent: the daemon has no trace of it in its
	// set of coins, and says "missing inputs" to it too.
	balance, err := c.Balance(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pooltest.Must[string](t, n.RPC, "sendtoaddress", n.NewAddress(), balance.String(), "", "", true)
	n.Generate(1)
	if err := c.Broadcast(t.Context(), txs[0].Raw); !errors.Is(err, node.ErrKnown) {
		t.Errorf("a mined and spent transaction: %v, want ErrKnown", err)
	}
}

func TestWalletRefusesClearly(t *testing.T) {
	t.Parallel()
	n := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{NoPeer: true})
	c := real(t, n.RPC, pooltest.Wallet)
	build := func(o ...node.Output) error {
		_, err := c.BuildAndSign(t.Context(), o, node.SignOptions{})
		return err
	}
	mine := n.NewAddress()
	if err := build(node.Output{Address: mine, Amount: 1_00000000}); !errors.Is(err, node.ErrFunds) {
		t.Errorf("an empty wallet: %v", err)
	}
	n.Generate(101)
	var rpc *node.RPCError
	if err := build(node.Output{Address: "DcRrKez", Amount: 1_00000000}); !errors.As(err, &rpc) || rpc.Code != -5 {
		t.Errorf("a bad address: %v", err)
	}
	confidential := pooltest.Must[string](t, n.RPC, "getnewaddress", "", "mweb")
	if err := build(node.Output{Address: mine, Amount: 1_00000000}, node.Output{Address: confidential, Amount: 1_00000000}); !errors.Is(err, node.ErrAddress) {
		t.Errorf("a confidential address: %v", err) // the daemon would make an output that anybody can take
	}
	if err := build(); err == nil {
		t.Error("a transaction to nobody")
	}
	if err := build(node.Output{Address: mine, Amount: 0}); err == nil || !strings.Contains(err.Error(), "not positive") {
		t.Errorf("nothing for somebody: %v", err)
	}
	if err := build(node.Output{Address: mine, Amount: 100}); err == nil {
		t.Error("an output that the fee eats up")
	}
	if locked(t, n) != 0 {
		t.Errorf("%d coins are locked after refusals", locked(t, n))
	}
	t.Run("addresses", func(t *testing.T) {
		for address, want := range map[string]node.AddressInfo{
			mine:      {Valid: true, IsMine: true},
			burn(t):   {Valid: true},
			"DcRrKez": {},
			pooltest.Must[string](t, n.RPC, "getnewaddress", "", "mweb"): {Valid: true, IsMine: true, MWEB: true},
		} {
			got, err := c.ValidateAddress(t.Context(), address)
			if hasScript := len(got.Script) > 0; hasScript != (want.Valid && !want.MWEB) {
				t.Errorf("%s: script %x", address, got.Script)
			}
			if got.Script = nil; err != nil || got.Valid != want.Valid || got.IsMine != want.IsMine || got.MWEB != want.MWEB {
				t.Errorf("%s: %+v, %v, want %+v", address, got, err, want)
			}
		}
	})
	t.Run("encrypted", func(t *testing.T) {
		if err := c.Unlock(t.Context(), "unused", 60); err != nil {
			t.Errorf("a wallet without encryption: %v", err)
		}
		if err := c.Lock(t.Context()); err != nil {
			t.Errorf("a wallet without encryption: %v", err)
		}
		pooltest.Must[any](t, n.RPC, "encryptwallet", "hush")
		if err := build(node.Output{Address: mine, Amount: 1_00000000}); !errors.Is(err, node.ErrLocked) || locked(t, n) != 0 {
			t.Errorf("a locked wallet: %v, %d coins locked", err, locked(t, n))
		}
		if err := c.Unlock(t.Context(), "wrong", 60); err == nil || strings.Contains(err.Error(), "wrong") {
			t.Errorf("wrong passphrase: %v", err)
		}
		if err := c.Unlock(t.Context(), "hush", 60); err != nil {
			t.Fatal(err)
		}
		if err := build(node.Output{Address: mine, Amount: 1_00000000}); err != nil {
			t.Errorf("an unlocked wallet: %v", err)
		}
		if err := c.Lock(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := build(node.Output{Address: mine, Amount: 1_00000000}); !errors.Is(err, node.ErrLocked) {
			t.Errorf("locked again: %v", err)
		}
	})
}

func TestTheWalletWithThePoolsAddressIsFoundAmongSeveral(t *testing.T) {
	t.Parallel()
	n := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{NoPeer: true})
	address := n.NewAddress()
	unnamed := client(t, n.URL, func(c *node.Config) {
		c.User, c.Password, c.WalletAddress = n.User, node.Secret(n.Password), address
	})
	pooltest.Must[any](t, n.RPC, "createwallet", "another")
	if info, err := unnamed.ValidateAddress(t.Context(), address); err != nil || !info.IsMine {
		t.Errorf("beside another wallet: got %+v, %v; want the address known as the wallet's", info, err)
	}
	pooltest.Must[any](t, n.RPC, "unloadwallet", pooltest.Wallet)
	pooltest.Must[any](t, n.RPC, "createwallet", "third")
	if _, err := unnamed.Balance(t.Context()); err != nil {
		t.Errorf("after the wallet was unloaded: %v; want it loaded again, for its name is known", err)
	}
	stranger := client(t, n.URL, func(c *node.Config) {
		c.User, c.Password, c.WalletAddress = n.User, node.Secret(n.Password), "rltc1qqyqszqgpqyqszqgpqyqszqgpqyqszqgpvxat98"
	})
	if _, err := stranger.Balance(t.Context()); !errors.Is(err, node.ErrNoWallet) {
		t.Errorf("an address of no wallet: got %v, want ErrNoWallet", err)
	}
}
