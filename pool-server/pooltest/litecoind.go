package pooltest

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// litecoindPath is Debian's program itself. The /usr/bin/litecoind beside it is a
// shell script that writes into the user's home.
const litecoindPath = "/usr/lib/litecoin/litecoind"

// LitecoindOptions say what kind of litecoind to run. The zero value is a regtest
// chain without MWEB, with a wallet and a peer.
type LitecoindOptions struct {
	MWEB     bool     // MWEB activates at height 432, see ActivateMWEB
	NoPeer   bool     // without a peer getblocktemplate answers -9
	NoWallet bool     // otherwise there is a wallet named Wallet, loaded
	Args     []string // more arguments, for instance "-blocknotify=..."
}

// Wallet is the name of the wallet that a harness makes.
const Wallet = "pool"

// Litecoind is a running litecoind on a private regtest chain.
type Litecoind struct {
	RPC
	Peer *Litecoind // the second node, which only keeps the first one connected; or nil
	Dir  string     // its data

	t        testing.TB
	args     []string
	peerPort string
	wallet   bool
	process  *process
}

// StartLitecoind runs a litecoind, and a second one as its peer, until the test
// ends.
func StartLitecoind(t testing.TB, o LitecoindOptions) *Litecoind {
	t.Helper()
	if _, err := os.Stat(litecoindPath); err != nil {
		lacking(t, "litecoind is not installed: apt-get install litecoind")
	}
	args := o.Args
	if !o.MWEB {
		args = append([]string{"-vbparams=mweb:-2:0"}, args...)
	}
	if o.NoWallet {
		args = append([]string{"-disablewallet=1"}, args...)
	}
	n := startLitecoind(t, args, "-listen=1", "-dnsseed=0")
	if n.wallet = !o.NoWallet; n.wallet {
		Must[any](t, n.RPC, "createwallet", Wallet)
	}
	if !o.NoPeer {
		n.Connect(args)
	}
	return n
}

// Connect starts the second node and waits until both see each other.
func (n *Litecoind) Connect(args []string) {
	n.t.Helper()
	n.Peer = startLitecoind(n.t, append([]string{"-disablewallet=1"}, args...), "-listen=0", "-connect=127.0.0.1:"+n.peerPort)
	eventually(n.t, "litecoind's peer", func() bool {
		return Must[int](n.t, n.RPC, "getconnectioncount") > 0
	})
}

// startLitecoind tries a few times, in case another process takes a port.
func startLitecoind(t testing.TB, args []string, more ...string) *Litecoind {
	t.Helper()
	var err error
	for range 3 {
		ports := freePorts(t, 2)
		n := &Litecoind{
			// A password of its own: another test's daemon that has got hold of the port
			// must not be taken for this one.
			RPC: RPC{URL: "http://127.0.0.1:" + ports[0], User: "user", Password: rand.Text()},
			Dir: t.TempDir(), t: t, peerPort: ports[1],
		}
		n.args = append([]string{
			"-regtest", "-datadir=" + n.Dir, "-server", "-rpcport=" + ports[0], "-rpcbind=127.0.0.1", "-rpcallowip=127.0.0.1", "-rpcuser=" + n.User, "-rpcpassword=" + n.Password,
			"-port=" + ports[1], "-listenonion=0", "-discover=0", "-printtoconsole=0", "-debuglogfile=debug.log",
			"-maxtipage=999999999", "-rpcworkqueue=64", "-dbcache=8", "-maxmempool=50",
		}, append(more, args...)...)
		if more[0] == "-listen=1" {
			n.args = append(n.args, "-bind=127.0.0.1:"+ports[1])
		}
		if err = n.run(); err == nil {
			t.Cleanup(n.Kill)
			return n
		}
	}
	t.Fatalf("pooltest: start litecoind: %v", err)
	return nil
}

func (n *Litecoind) run() (err error) {
	if n.process, err = startProcess(litecoindPath, n.args...); err != nil {
		return err
	}
	if err = n.process.awaitRPC(n.RPC); err != nil {
		n.process.kill()
	}
	return err
}

// PeerAddress is where another node connects to it.
func (n *Litecoind) PeerAddress() string { return "127.0.0.1:" + n.peerPort }

// Kill ends the daemon as a power cut would: what it has not written yet, which may
// be its last blocks, is lost.
func (n *Litecoind) Kill() { n.process.kill() }

// Stop ends the daemon in good order.
func (n *Litecoind) Stop() {
	n.t.Helper()
	Must[any](n.t, n.RPC, "stop")
	<-n.process.exited
}

// Start runs the daemon again after Kill or Stop, at the same port and with the
// same data. As in real life its wallet is not loaded.
func (n *Litecoind) Start() {
	n.t.Helper()
	if err := n.run(); err != nil {
		n.t.Fatalf("pooltest: start litecoind again: %v", err)
	}
}

// LoadWallet loads the wallet after Start.
func (n *Litecoind) LoadWallet() { Must[any](n.t, n.RPC, "loadwallet", Wallet) }

// Log returns the last part of the daemon's own log, for a failing test.
func (n *Litecoind) Log() string {
	text, err := os.ReadFile(filepath.Join(n.Dir, "regtest", "debug.log"))
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-4000):])
}

// NewAddress makes a bech32 address of the wallet.
func (n *Litecoind) NewAddress() string {
	n.t.Helper()
	return Must[string](n.t, n.RPC, "getnewaddress", "", "bech32")
}

// Generate mines blocks to a new address of the wallet and returns their hashes.
func (n *Litecoind) Generate(blocks int) []string {
	n.t.Helper()
	return n.GenerateTo(blocks, n.NewAddress())
}

// GenerateTo mines blocks to an address.
func (n *Litecoind) GenerateTo(blocks int, address string) []string {
	n.t.Helper()
	return Must[[]string](n.t, n.RPC, "generatetoaddress", blocks, address)
}

// Height is the height of the tip.
func (n *Litecoind) Height() int64 {
	n.t.Helper()
	return Must[int64](n.t, n.RPC, "getblockcount")
}

// Send pays from the wallet and returns the transaction's id.
func (n *Litecoind) Send(address string, coins float64) string {
	n.t.Helper()
	return Must[string](n.t, n.RPC, "sendtoaddress", address, fmt.Sprintf("%.8f", coins))
}

// MWEBHeight is the first block with MWEB on regtest.
const MWEBHeight = 432

// ActivateMWEB mines up to the block before MWEB and puts a peg-in into the
// mempool, without which litecoind 0.21 cannot make the first MWEB block.
func (n *Litecoind) ActivateMWEB() {
	n.t.Helper()
	if missing := MWEBHeight - 1 - n.Height(); missing > 0 {
		n.Generate(int(missing))
	}
	n.Send(Must[string](n.t, n.RPC, "getnewaddress", "", "mweb"), 5)
}
