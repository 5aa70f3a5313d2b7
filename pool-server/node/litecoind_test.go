package node_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/pool-server/work"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

var litecoinRules = []string{"mweb", "segwit"}

// real is a client of a running daemon.
func real(t testing.TB, r pooltest.RPC, wallet string) *node.Client {
	t.Helper()
	return client(t, r.URL, func(c *node.Config) {
		c.User, c.Password, c.Wallet, c.Timeout = r.User, node.Secret(r.Password), wallet, time.Minute
	})
}

// watch runs a group until the test ends; what it tells comes by the channels.
func watch(t *testing.T, g *node.Group) (templates chan *work.Template, stale chan error) {
	templates, stale = make(chan *work.Template, 100), make(chan error, 100)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		done <- g.Run(ctx, func(tmpl *work.Template, newBlock bool) {
			if newBlock {
				templates <- tmpl
			}
		}, func(err error) { stale <- err })
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
	return templates, stale
}

// receive waits for one thing that a daemon has to do first.
func receive[T any](t testing.TB, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(time.Minute):
		t.Fatalf("%s: not within a minute", what)
		panic("unreachable")
	}
}

// waitForOneTip waits until both daemons have the same chain.
func waitForOneTip(t testing.TB, a, b *node.Client) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		one, err := a.BestBlock(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if other, err := b.BestBlock(t.Context()); err == nil && one == other {
			return
		}
	}
	t.Fatal("the daemons do not agree within a minute")
}

func TestGroupMinesOnTwoLitecoinds(t *testing.T) {
	t.Parallel()
	n := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{})
	n.Generate(1)
	a, b := real(t, n.RPC, ""), real(t, n.Peer.RPC, "")
	waitForOneTip(t, a, b) // otherwise the first template may be on b's old tip
	g := node.NewGroup([]*node.Client{a, b}, node.GroupOptions{Rules: litecoinRules, PollInterval: 100 * time.Millisecond})
	templates, _ := watch(t, g)

	var last *work.Candidate
	for range 5 {
		tmpl := receive(t, templates, "a template")
		if last != nil && tmpl.PreviousHash != last.Hash {
			t.Fatalf("template on %v, want it on our block %v", tmpl.PreviousHash, last.Hash)
		}
		last = mine(t, tmpl, pow.Scrypt)
		v, err := g.SubmitBlock(t.Context(), last.Raw, last.Hash)
		if err != nil || !v.Accepted || len(v.PerNode) != 2 || !v.PerNode[0].Accepted || !v.PerNode[1].Accepted {
			t.Fatalf("verdict = %+v, %v", v, err)
		}
	}
	if v, err := g.SubmitBlock(t.Context(), last.Raw, last.Hash); err != nil || !v.Accepted {
		t.Errorf("the same block again = %+v, %v, want it accepted", v, err)
	}
	if s, err := g.BlockStatus(t.Context(), last.Hash); err != nil || s.Confirmations != 1 || s.Height != last.Height {
		t.Errorf("status = %+v, %v", s, err)
	}
	bad := append([]byte(nil), last.Raw...)
	bad[40] ^= 1 // the merkle root
	v, err := g.SubmitBlock(t.Context(), bad, last.Hash)
	if v.PerNode[0].Reason != "high-hash" && v.PerNode[0].Reason != "bad-txnmrklroot" {
		t.Errorf("a broken block = %+v, %v", v, err)
	}

	// The chain drops our block: only both together say so.
	invalidate := func(n *pooltest.Litecoind) { pooltest.Must[any](t, n.RPC, "invalidateblock", last.Hash.String()) }
	invalidate(n)
	if s, err := g.BlockStatus(t.Context(), last.Hash); !errors.Is(err, node.ErrDisagree) && !errors.Is(err, node.ErrSyncing) && !s.OnMainChain() {
		t.Errorf("status while they differ = %+v, %v", s, err)
	}
	invalidate(n.Peer)
	n.Generate(1)
	if s, err := g.BlockStatus(t.Context(), last.Hash); err == nil && s.OnMainChain() {
		t.Errorf("status of an orphan = %+v", s)
	}
}

func TestLitecoindsTroublesHaveNames(t *testing.T) {
	t.Parallel()
	n := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{NoPeer: true, NoWallet: true})
	c := real(t, n.RPC, "")
	if _, err := c.Template(t.Context(), litecoinRules, ""); !errors.Is(err, node.ErrNotConnected) {
		t.Errorf("without a peer: %v", err)
	}
	wrong := client(t, n.URL, func(c *node.Config) { c.User, c.Password = n.User, "wrong" })
	if _, err := wrong.ChainInfo(t.Context()); !errors.Is(err, node.ErrAuth) {
		t.Errorf("wrong password: %v", err)
	}
	if _, err := c.Balance(t.Context()); err == nil || !strings.Contains(err.Error(), "getbalance") {
		t.Errorf("without a wallet: %v", err)
	}
	var rpc *node.RPCError
	if _, err := c.Template(t.Context(), nil, ""); !errors.As(err, &rpc) || rpc.Code != -8 && rpc.Code != -9 {
		t.Errorf("without rules: %v", err)
	}
	if _, err := c.SubmitBlock(t.Context(), make([]byte, 100)); !errors.As(err, &rpc) || rpc.Code != -22 {
		t.Errorf("a block of zeroes: %v", err)
	}
	n.Kill()
	if _, err := c.ChainInfo(t.Context()); !errors.Is(err, node.ErrUnreachable) {
		t.Errorf("dead: %v", err)
	}
}

func TestGroupSurvivesAKilledLitecoind(t *testing.T) {
	t.Parallel()
	n := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{NoWallet: true})
	n.GenerateTo(1, burn(t))
	g := node.NewGroup([]*node.Client{real(t, n.RPC, ""), real(t, n.Peer.RPC, "")}, node.GroupOptions{
		Rules: litecoinRules, PollInterval: 100 * time.Millisecond, MaxTemplateAge: 5 * time.Second, RefreshInterval: time.Second,
	})
	templates, stale := watch(t, g)
	receive(t, templates, "the first template")
	n.Peer.Kill() // both are without a peer now
	if err := receive(t, stale, "word that all is stale"); !errors.Is(err, node.ErrNotConnected) || !errors.Is(err, node.ErrUnreachable) {
		t.Errorf("stale: %v", err)
	}
	n.Peer.Start()
	tmpl := receive(t, templates, "a template after the restart")
	block := mine(t, tmpl, pow.Scrypt)
	if v, err := g.SubmitBlock(t.Context(), block.Raw, block.Hash); err != nil || !v.Accepted {
		t.Errorf("verdict = %+v, %v", v, err)
	}
}

// burn is a regtest address that nobody has the key of.
func burn(t testing.TB) string {
	t.Helper()
	regtest := cointest.Network(t, "litecoin", "regtest")
	return regtest.P2WPKH(coin.PubKeyHash{}).String()
}

func TestBtcdsAnswersAreUnderstood(t *testing.T) {
	t.Parallel()
	n := pooltest.StartBtcd(t, pooltest.BtcdOptions{})
	c := real(t, n.RPC, "")
	g := node.NewGroup([]*node.Client{c}, node.GroupOptions{Rules: []string{"segwit"}, PollInterval: 100 * time.Millisecond})
	templates, _ := watch(t, g)
	var blocks []*work.Candidate
	for range 3 {
		block := mine(t, receive(t, templates, "a template"), pow.SHA256d)
		if v, err := g.SubmitBlock(t.Context(), block.Raw, block.Hash); err != nil || !v.Accepted || v.PerNode[0].Reason != "" {
			t.Fatalf("verdict = %+v, %v", v, err)
		}
		blocks = append(blocks, block)
	}
	last := blocks[2]
	if verdict, err := c.SubmitBlock(t.Context(), last.Raw); verdict != "duplicate" || err != nil {
		t.Errorf("the same block again = %q, %v, want duplicate", verdict, err)
	}
	if info, err := c.ChainInfo(t.Context()); err != nil || info.Blocks != 3 || info.BestHash != last.Hash || !info.Synced() {
		t.Errorf("info = %+v, %v", info, err)
	}
	if s, err := c.BlockStatus(t.Context(), blocks[0].Hash); err != nil || s.Confirmations != 3 || s.Height != 1 {
		t.Errorf("status = %+v, %v", s, err)
	}
	if s, err := c.BlockStatus(t.Context(), parse(t, strings.Repeat("7", 64))); err != nil || s.Known {
		t.Errorf("status of no block = %+v, %v", s, err)
	}
	t.Run("reorganisation", func(t *testing.T) {
		pooltest.Must[any](t, n.RPC, "invalidateblock", last.Hash.String())
		if s, err := c.BlockStatus(t.Context(), last.Hash); err != nil || s.OnMainChain() || s.Confirmations != -1 {
			t.Errorf("status of an orphan = %+v, %v", s, err)
		}
	})
	t.Run("unknown parent", func(t *testing.T) {
		tmpl, err := c.Template(t.Context(), []string{"segwit"}, "")
		if err != nil {
			t.Fatal(err)
		}
		tmpl.PreviousHash[31] ^= 1
		block := mine(t, tmpl, pow.SHA256d)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if v, err := g.SubmitBlock(ctx, block.Raw, block.Hash); v.Accepted || !errors.Is(err, node.ErrUnanswered) {
			t.Errorf("verdict = %+v, %v, want none", v, err)
		}
	})
}
