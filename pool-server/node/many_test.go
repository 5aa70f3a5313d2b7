package node_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/wallet/coin"
)

// scatter makes small coins of one of the wallet's at an address.
func scatter(t *testing.T, c *node.Client, n *pooltest.Litecoind, from unspent, address string, count int, each coin.Amount) {
	t.Helper()
	info, err := c.ValidateAddress(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := chainhash.NewHashFromStr(from.TxID)
	if err != nil {
		t.Fatal(err)
	}
	tx := wire.NewMsgTx(2)
	tx.AddTxIn(wire.NewTxIn(wire.NewOutPoint(hash, uint32(from.Vout)), nil, nil))
	for range count {
		tx.AddTxOut(wire.NewTxOut(int64(each), info.Script))
	}
	var b bytes.Buffer
	if err := tx.SerializeNoWitness(&b); err != nil {
		t.Fatal(err)
	}
	funded := pooltest.Must[struct{ Hex string }](t, n.RPC, "fundrawtransaction", hex.EncodeToString(b.Bytes()), map[string]any{"feeRate": 0.0001})
	signed := pooltest.Must[struct{ Hex string }](t, n.RPC, "signrawtransactionwithwallet", funded.Hex)
	pooltest.Must[string](t, n.RPC, "sendrawtransaction", signed.Hex)
}

// TestAWalletOfThousandsOfSmallCoinsPays puts more than 1,500 coins into a few
// transactions of a size that daemons pass on, and leaves few. With ADIT_WALLET_LONG
// there are 3,000.
func TestAWalletOfThousandsOfSmallCoinsPays(t *testing.T) {
	t.Parallel()
	n := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{NoPeer: true})
	home := n.NewAddress()
	n.GenerateTo(104, n.NewAddress())
	c := client(t, n.URL, func(c *node.Config) {
		c.User, c.Password, c.Wallet, c.WalletAddress = n.User, node.Secret(n.Password), pooltest.Wallet, home
	})
	const each = 400_0000
	scatters, size := 2, 800
	if os.Getenv("ADIT_WALLET_LONG") != "" {
		scatters, size = 3, 1000
	}
	for _, u := range pooltest.Must[[]unspent](t, n.RPC, "listunspent")[:scatters] {
		scatter(t, c, n, u, home, size, each)
	}
	n.GenerateTo(1, burn(t))
	// What else is there goes away, so that only small coins are left.
	for _, u := range pooltest.Must[[]unspent](t, n.RPC, "listunspent") {
		if u.Amount > 0.04 {
			pooltest.Must[bool](t, n.RPC, "lockunspent", false, []any{map[string]any{"txid": u.TxID, "vout": u.Vout}})
		}
	}
	coins := scatters * size
	owed := receivers(t, coins/50-1, 50*each)
	batches, inputs := 0, 0
	for len(owed) > 0 {
		batch := owed
		tx, err := c.BuildAndSign(t.Context(), batch, node.SignOptions{MaxFee: 1000_0000})
		var large *node.TooLargeError
		if errors.As(err, &large) && large.Receivers > 0 {
			batch = owed[:large.Receivers]
			tx, err = c.BuildAndSign(t.Context(), batch, node.SignOptions{MaxFee: 1000_0000})
		}
		if err != nil {
			t.Fatalf("batch %d of %d: %v", batches+1, len(batch), err)
		}
		if err := c.Broadcast(t.Context(), tx.Raw); err != nil {
			t.Fatalf("send: %v", err)
		}
		n.GenerateTo(1, burn(t))
		if s, err := c.TxStatus(t.Context(), tx.TxID); err != nil || s.Confirmations != 1 {
			t.Fatalf("not mined: %+v, %v", s, err)
		}
		checkNets(t, batch, tx)
		owed, batches, inputs = owed[len(batch):], batches+1, inputs+tx.Inputs
	}
	left := 0
	for _, u := range pooltest.Must[[]unspent](t, n.RPC, "listunspent") {
		if u.Address == home {
			left++
		}
	}
	if batches < 2 || inputs != coins-50 || left != 50 {
		t.Errorf("%d batches with %d inputs, %d coins left; want several, %d and 50", batches, inputs, left, coins-50)
	}
}

// unspent is an element of listunspent as a test needs it.
type unspent struct {
	TxID    string
	Vout    int
	Address string
	Amount  float64
}
