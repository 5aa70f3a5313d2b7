package matrix_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/pooltest"
)

// of is how the pool reaches a daemon that it asks for blocks only.
func of(n *pooltest.Litecoind) node.Config {
	return node.Config{URL: n.URL, User: n.User, Password: node.Secret(n.Password), Timeout: patience}
}

// Two daemons lose each other: one has the pool's block, the other a longer chain
// without it. While they disagree nothing is decided, credited, taken back or paid. Once
// they have met, what the chain says is done.
func disagree(t *testing.T, c *chains) {
	for _, before := range some(t, []int64{0, 2, maturity}) {
		t.Run(fmt.Sprintf("about a block that is %d deep", before), func(t *testing.T) {
			r := newRun(t, c.next(), &folder{path: t.TempDir()})
			r.config.PaymentsOff = true
			r.again()
			alice, bob := miner(t), miner(t)
			shares := []done{{alice, 1}, {bob, 2}}
			first := r.candidate()
			if before == 0 {
				r.chain.part()
			}
			r.bring(first, nil, shares)
			if before > 0 {
				r.deep(first, before)
				r.chain.part()
				pooltest.Must[any](t, r.chain.Peer.RPC, "invalidateblock", first.Hash.String())
			}
			r.config.PaymentsOff = false
			r.view = []node.Config{of(r.chain.Litecoind), of(r.chain.Peer)}
			r.again()
			was := r.block(first)
			r.chain.Peer.GenerateTo(int(before)+2, r.chain.bank)
			if before > 0 { // or it would not talk to who has the block
				pooltest.Must[any](t, r.chain.Peer.RPC, "reconsiderblock", first.Hash.String())
			}
			for range 3 {
				if err := r.impatient(); !errors.Is(err, node.ErrDisagree) {
					t.Fatalf("got %v, want word that the daemons disagree", err)
				}
				if is := r.block(first); is != was || r.payout().ID != 0 || r.halted() != "" {
					t.Fatalf("while they disagree: block %+v was %+v, payout %+v, halt %q", is, was, r.payout(), r.halted())
				}
				r.again()
			}
			r.chain.join() // the longer chain wins
			r.pass()
			if b := r.block(first); b.Status != ledger.Orphaned {
				t.Fatalf("got %+v, want an orphan", b)
			}
			r.audit.forget(first)
			r.findAfter(shares, done{bob, 1})
			r.rest()
		})
	}
}

// part makes both nodes lose each other.
func (c *chain) part() {
	c.t.Helper()
	c.caughtUp()
	for _, n := range []*pooltest.Litecoind{c.Litecoind, c.Peer} {
		pooltest.Must[any](c.t, n.RPC, "setnetworkactive", false)
	}
	eventually(c.t, "the nodes part", func() bool { return pooltest.Must[int](c.t, c.RPC, "getconnectioncount") == 0 })
}

// join makes both nodes find each other again.
func (c *chain) join() {
	c.t.Helper()
	for _, n := range []*pooltest.Litecoind{c.Litecoind, c.Peer} {
		pooltest.Must[any](c.t, n.RPC, "setnetworkactive", true)
	}
	pooltest.Must[any](c.t, c.Peer.RPC, "addnode", c.PeerAddress(), "onetry")
	c.caughtUp()
}

// A daemon that is not up to date knows nothing of the pool's blocks. That makes no
// orphan of them, and nobody is paid on its word; beside one that is up to date it
// counts for nothing.
func notUpToDate(t *testing.T, c *chains) {
	loading := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{NoPeer: true, NoWallet: true, Args: []string{"-maxtipage=60"}})
	lonely := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{NoPeer: true, NoWallet: true})
	behind := of(loading)
	behind.Transport = backward{&http.Transport{DisableKeepAlives: true}}
	views := []struct {
		name   string
		config node.Config
		says   error // what it is known by
	}{
		{"in its initial download", of(loading), node.ErrSyncing},
		{"without peers, and unaware of it", of(lonely), node.ErrUnanswered},
		{"that has heard of more blocks", behind, node.ErrSyncing},
	}
	for _, v := range some(t, views) {
		t.Run(v.name, func(t *testing.T) {
			r := newRun(t, c.next(), &folder{path: t.TempDir()})
			r.config.PaymentsOff = true
			r.again()
			first := r.find(done{miner(t), 1})
			r.deep(first, maturity)
			second := r.find(done{miner(t), 2})
			r.deep(second, 1)
			r.config.PaymentsOff = false
			was := [2]ledger.Block{r.block(first), r.block(second)}
			r.view = []node.Config{v.config}
			r.again()
			if err := r.impatient(); err == nil || v.says != node.ErrUnanswered && !errors.Is(err, v.says) {
				t.Errorf("got %v, want %v", err, v.says)
			}
			if is := [2]ledger.Block{r.block(first), r.block(second)}; is != was || r.payout().ID != 0 || r.halted() != "" {
				t.Errorf("blocks %+v were %+v, payout %+v, halt %q", is, was, r.payout(), r.halted())
			}
			r.view = []node.Config{v.config, of(r.chain.Litecoind)}
			r.again()
			r.rest()
		})
	}
}

// backward makes a daemon claim that its peers have told it of a hundred more blocks,
// and that its initial download is over.
type backward struct{ *http.Transport }

func (b backward) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := b.Transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	answer = bytes.Replace(answer, []byte(`"headers":0`), []byte(`"headers":100`), 1)
	answer = bytes.Replace(answer, []byte(`"initialblockdownload":true`), []byte(`"initialblockdownload":false`), 1)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(answer)), int64(len(answer))
	return resp, nil
}
