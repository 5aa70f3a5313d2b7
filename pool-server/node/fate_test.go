package node_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/pooltest"
)

// A chainView is what one daemon knows of our block, which others build on.
type chainView struct {
	unaware  bool  // it never had the block
	dropped  bool  // another branch took its place
	on       int   // blocks on ours, or on its rival's place with it
	behind   int64 // headers ahead of its blocks
	download bool  // it is in its initial download
	fault    pooltest.Fault
}

// daemon makes a fake of it.
func (v chainView) daemon(t *testing.T) (*pooltest.Daemon, pow.Hash) {
	d := pooltest.NewDaemonWithoutPort(t, pooltest.Recorded(t, template))
	ours := pow.Hash{}
	if !v.unaware {
		ours = parse(t, d.NextBlock("ours"))
	}
	branch := "ours"
	if v.dropped || v.unaware {
		branch = "others"
	}
	if v.dropped {
		d.DropBlocks(1)
	}
	for range v.on {
		d.NextBlock(branch)
	}
	d.SetBehind(v.behind, v.download)
	d.Always("", v.fault)
	return d, ours
}

func TestABlockIsGivenUpOnlyWhenAllThatKnowSaySo(t *testing.T) {
	dead := pooltest.Fault{Drop: true}
	tests := []struct {
		name     string
		views    []chainView
		confirms int64
		known    bool
		err      error
		on, off  []int // of a ContestedError
	}{
		{name: "both have it", views: []chainView{{on: 2}, {on: 2}}, confirms: 3, known: true},
		{name: "the fewest confirmations count", views: []chainView{{on: 2}, {on: 1}}, confirms: 2, known: true},
		{name: "one has not heard of it yet", views: []chainView{{on: 0}, {unaware: true, on: 0}}, confirms: 1, known: true},
		{name: "one is in its first download", views: []chainView{{dropped: true, on: 1, download: true}, {on: 2}}, confirms: 3, known: true},
		{name: "one is behind", views: []chainView{{on: 2}, {dropped: true, on: 1, behind: 3}}, confirms: 3, known: true},
		{name: "one is stuck with fewer confirmations", views: []chainView{{on: 9}, {on: 1}}, confirms: 10, known: true},
		{name: "one is dead", views: []chainView{{fault: dead}, {on: 2}}, confirms: 3, known: true},
		{name: "nobody ever saw it", views: []chainView{{unaware: true, on: 3}, {unaware: true, on: 3}}, confirms: -1},
		{name: "alone and sure", views: []chainView{{dropped: true, on: 2}}, confirms: -1, known: true},
		{name: "both gave it up", views: []chainView{{dropped: true, on: 2}, {dropped: true, on: 3}}, confirms: -1, known: true},
		{name: "one gave it up, the other never saw it", views: []chainView{{dropped: true, on: 3}, {unaware: true, on: 3}}, confirms: -1, known: true},
		{name: "a third is dead", views: []chainView{{dropped: true, on: 2}, {fault: dead}, {dropped: true, on: 2}}, confirms: -1, known: true},

		{name: "they differ", views: []chainView{{dropped: true, on: 2}, {on: 2}}, err: node.ErrContested, on: []int{1}, off: []int{0}},
		{name: "they differ, and one never saw it", views: []chainView{{unaware: true, on: 3}, {on: 2}}, err: node.ErrContested, on: []int{1}, off: []int{0}},
		{name: "two against one", views: []chainView{{dropped: true, on: 2}, {on: 2}, {dropped: true, on: 2}}, err: node.ErrContested, on: []int{1}, off: []int{0, 2}},
		{name: "cut off with a shorter chain", views: []chainView{{dropped: true, on: 9}, {on: 2}}, err: node.ErrContested, on: []int{1}, off: []int{0}},
		{name: "a rival as high", views: []chainView{{dropped: true, on: 1}, {dropped: true, on: 1}}, err: node.ErrContested, off: []int{0, 1}},
		{name: "a rival is missing", views: []chainView{{dropped: true, on: 0}}, err: node.ErrContested, off: []int{0}},
		{name: "one is sure, the other still looks for a rival", views: []chainView{{dropped: true, on: 2}, {dropped: true, on: 0}}, err: node.ErrContested, off: []int{0, 1}},
		{name: "the witness is dead", views: []chainView{{dropped: true, on: 2}, {fault: dead}}, err: node.ErrUnanswered},
		{name: "the witness has to catch up", views: []chainView{{dropped: true, on: 2}, {on: 1, download: true}}, err: node.ErrSyncing},
		{name: "unaware, but one that has to catch up has it", views: []chainView{{unaware: true, on: 3}, {on: 2, download: true}}, err: node.ErrSyncing},
		{name: "none has caught up", views: []chainView{{dropped: true, on: 2, download: true}, {dropped: true, on: 2, behind: 4}}, err: node.ErrSyncing},
		{name: "one is dead, the other behind", views: []chainView{{fault: dead}, {on: 2, behind: 5}}, err: node.ErrSyncing},
		{name: "none answers", views: []chainView{{fault: dead}, {fault: dead}}, err: node.ErrUnanswered},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var clients []*node.Client
			var hash pow.Hash
			name := func(i int) string { return string(rune('a'+i)) + ":1" }
			for i, v := range tt.views {
				d, ours := v.daemon(t)
				if !v.unaware {
					hash = ours
				}
				clients = append(clients, client(t, "http://"+name(i), func(c *node.Config) { c.Transport = d.Transport() }))
			}
			s, err := node.NewGroup(clients, node.GroupOptions{}).BlockStatus(t.Context(), hash)
			if !errors.Is(err, tt.err) || err == nil && (s.Confirmations != tt.confirms || s.Known != tt.known) {
				t.Fatalf("status = %+v, %v, want %d confirmations, %v", s, err, tt.confirms, tt.err)
			}
			var contested *node.ContestedError
			if !errors.As(err, &contested) {
				return
			}
			names := func(of []int) (all []string) {
				for _, i := range of {
					all = append(all, name(i))
				}
				return all
			}
			if !errors.Is(err, node.ErrDisagree) || !slices.Equal(contested.On, names(tt.on)) || !slices.Equal(contested.Off, names(tt.off)) || contested.Early != (tt.on == nil) {
				t.Errorf("contested: %+v, want on %v and off %v", contested, names(tt.on), names(tt.off))
			}
		})
	}
}

// TestTwoBranchesOfRealDaemons parts two litecoinds, lets each mine, and joins them
// again: the block of the shorter branch is contested first, then given up.
func TestTwoBranchesOfRealDaemons(t *testing.T) {
	t.Parallel()
	n := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{NoWallet: true})
	n.GenerateTo(2, burn(t))
	a, b := real(t, n.RPC, ""), real(t, n.Peer.RPC, "")
	waitForOneTip(t, a, b)
	both := []*pooltest.Litecoind{n, n.Peer}
	for _, d := range both {
		pooltest.Must[any](t, d.RPC, "setnetworkactive", false)
	}
	for _, d := range both {
		for pooltest.Must[int](t, d.RPC, "getconnectioncount") > 0 {
			time.Sleep(10 * time.Millisecond)
		}
	}
	ours := parse(t, n.GenerateTo(1, burn(t))[0])
	g := node.NewGroup([]*node.Client{a, b}, node.GroupOptions{})
	if s, err := g.BlockStatus(t.Context(), ours); err != nil || s.Confirmations != 1 {
		t.Errorf("the other has not heard of it: %+v, %v", s, err)
	}
	elsewhere := addressOf(t, "p2wpkh", 1) // or the same block might come of it
	theirs := parse(t, n.Peer.GenerateTo(1, elsewhere)[0])
	var contested *node.ContestedError
	for _, hash := range []pow.Hash{ours, theirs} {
		if s, err := g.BlockStatus(t.Context(), hash); !errors.As(err, &contested) || len(contested.On) != 1 || len(contested.Off) != 1 {
			t.Errorf("two branches: %+v, %v", s, err)
		}
	}
	n.Peer.GenerateTo(4, elsewhere) // a is behind, and does not know it
	if s, err := g.BlockStatus(t.Context(), ours); !errors.As(err, &contested) || contested.On[0] != a.Name() {
		t.Errorf("a shorter branch: %+v, %v", s, err)
	}
	for _, d := range both {
		pooltest.Must[any](t, d.RPC, "setnetworkactive", true)
	}
	pooltest.Must[any](t, n.Peer.RPC, "addnode", n.PeerAddress(), "onetry")
	waitForOneTip(t, a, b)
	if s, err := g.BlockStatus(t.Context(), ours); err != nil || s.OnMainChain() || !s.Known {
		t.Errorf("joined: ours is %+v, %v; want it given up", s, err)
	}
	if s, err := g.BlockStatus(t.Context(), theirs); err != nil || s.Confirmations != 5 {
		t.Errorf("joined: theirs is %+v, %v; want 5 confirmations", s, err)
	}
}
