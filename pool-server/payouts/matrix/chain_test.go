package matrix_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/pool-server/work"
	"github.com/adit-mining/adit/wallet/coin"
)

const (
	// bankBlocks are mined before the first run: the bank's coins, of which each run's
	// wallet gets some. A block brings 12.5 coins then; on regtest that halves each 150
	// blocks.
	bankBlocks = 310
	// lastBlock is the height at which a chain is given up for a new one.
	lastBlock = 1000
	// walletCoins is what a run's wallet is given, each coin enough for all its payouts:
	// so that a second payment would not fail for want of money.
	walletCoins = 3
)

// A chain is a litecoind's regtest chain on which runs take turns. The harness's own
// wallet is the bank, which mines all blocks that are not the pool's.
type chain struct {
	*pooltest.Litecoind
	t    testing.TB
	bank string // its address
	runs int

	dropped map[string]int // heights of blocks that were taken out of the main chain
}

func newChain(t testing.TB) *chain {
	t.Helper()
	c := &chain{t: t, dropped: map[string]int{}, Litecoind: pooltest.StartLitecoind(t, pooltest.LitecoindOptions{Args: []string{"-keypool=20", "-fallbackfee=0.001"}})}
	c.bank = c.wallet(pooltest.Wallet).address()
	c.GenerateTo(bankBlocks, c.bank)
	return c
}

// chains gives each run a chain that is not used up, until the test ends.
type chains struct {
	t       testing.TB
	current *chain
}

func (c *chains) next() *chain {
	c.t.Helper()
	if c.current == nil || c.current.Height() > lastBlock {
		if c.current != nil {
			c.current.Peer.Kill()
			c.current.Kill()
		}
		c.current = newChain(c.t)
	}
	return c.current
}

// mine makes n more blocks, which take in what is in the mempool.
func (c *chain) mine(n int) {
	c.t.Helper()
	pooltest.Must[any](c.t, c.RPC, "generatetoaddress", n, c.bank)
}

// both tells both nodes, so that the one does not teach the other what was just undone.
func (c *chain) both(method, hash string) {
	c.t.Helper()
	for _, n := range []*pooltest.Litecoind{c.Litecoind, c.Peer} {
		pooltest.Must[any](c.t, n.RPC, method, hash)
	}
}

// drop takes a block, and what was built on it, out of the main chain, and builds
// another chain that is longer.
func (c *chain) drop(hash string) {
	c.t.Helper()
	block := pooltest.Must[struct{ Height, Confirmations int }](c.t, c.RPC, "getblockheader", hash)
	c.caughtUp()
	c.both("invalidateblock", hash)
	c.mine(block.Confirmations + 1)
	c.dropped[hash] = block.Height
}

// restore brings a dropped block back, together with what was built on it.
func (c *chain) restore(hash string) {
	c.t.Helper()
	rival := pooltest.Must[string](c.t, c.RPC, "getblockhash", c.dropped[hash])
	c.caughtUp()
	c.both("invalidateblock", rival)
	c.both("reconsiderblock", hash)
	c.caughtUp()
}

// depth is how many confirmations a block has; less than 1: it is not on the main chain.
func (c *chain) depth(block *work.Candidate) int64 {
	c.t.Helper()
	return pooltest.Must[struct{ Confirmations int64 }](c.t, c.RPC, "getblockheader", block.Hash.String()).Confirmations
}

// caughtUp waits until both nodes have the same tip.
func (c *chain) caughtUp() {
	c.t.Helper()
	eventually(c.t, "both nodes have one tip", func() bool {
		return pooltest.Must[string](c.t, c.RPC, "getbestblockhash") == pooltest.Must[string](c.t, c.Peer.RPC, "getbestblockhash")
	})
}

// wallet is a wallet of the daemon, seen past any weather.
func (c *chain) wallet(name string) wallet {
	r := c.RPC
	r.URL += "/wallet/" + name
	return wallet{c.t, name, r}
}

// A wallet is one of the daemon's wallets.
type wallet struct {
	t    testing.TB
	name string
	pooltest.RPC
}

func (w wallet) address() string {
	w.t.Helper()
	return pooltest.Must[string](w.t, w.RPC, "getnewaddress", "", "bech32")
}

// holds is all that the wallet has, mature or not.
func (w wallet) holds() coin.Amount {
	w.t.Helper()
	b := pooltest.Must[struct{ Mine map[string]json.Number }](w.t, w.RPC, "getbalances")
	var sum coin.Amount
	for _, n := range b.Mine {
		sum += units(w.t, n)
	}
	return sum
}

// units reads an amount as the daemon writes it.
func units(t testing.TB, n json.Number) coin.Amount {
	t.Helper()
	a, err := coin.ParseAmount(n.String())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// restart starts the daemon again, after a power cut or in good order, with the wallet
// as it was when file was saved.
func (c *chain) restart(cut bool, name, file string) {
	c.t.Helper()
	// Writes its chain down: what a power cut costs is the mempool and the wallet's locks.
	pooltest.Must[any](c.t, c.RPC, "gettxoutsetinfo")
	if cut {
		c.Kill()
	} else {
		c.Stop()
	}
	folder := filepath.Join(c.Dir, "regtest", "wallets", name)
	text, err := os.ReadFile(file)
	for _, step := range []func() error{
		func() error { return err },
		func() error { return os.RemoveAll(folder) },
		func() error { return os.Mkdir(folder, 0o700) },
		func() error { return os.WriteFile(filepath.Join(folder, "wallet.dat"), text, 0o600) },
	} {
		if err := step(); err != nil {
			c.t.Fatal(err)
		}
	}
	c.Start()
	c.LoadWallet()
	c.caughtUp()
}

// A payment is a transaction on the chain, and what it pays to some addresses.
type payment struct {
	txid string
	to   map[string]coin.Amount
}

// payments finds every transaction since height that pays one of the addresses.
func (c *chain) payments(since int64, to map[string]bool) (all []payment) {
	c.t.Helper()
	for height := since; height <= c.Height(); height++ {
		hash := pooltest.Must[string](c.t, c.RPC, "getblockhash", height)
		block := pooltest.Must[struct {
			Tx []struct {
				TxID string
				Vout []struct {
					Value  json.Number
					Script struct{ Addresses []string } `json:"scriptPubKey"`
				}
			}
		}](c.t, c.RPC, "getblock", hash, 2)
		for _, tx := range block.Tx {
			p := payment{tx.TxID, map[string]coin.Amount{}}
			for _, out := range tx.Vout {
				for _, a := range out.Script.Addresses {
					if to[a] {
						p.to[a] += units(c.t, out.Value)
					}
				}
			}
			if len(p.to) > 0 {
				all = append(all, p)
			}
		}
	}
	return all
}
