package node_test

import (
	"context"
	"encoding/json"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/pool-server/work"
	"github.com/adit-mining/adit/wallet/coin"
)

// firstJob is for pooltest's daemons, whose blocks are double SHA-256.
func firstJob() *node.FirstJob {
	return &node.FirstJob{Algorithm: pow.SHA256d, Steady: &coin.Steady{Window: 10_000, Halving: 10_000}}
}

// withHistory gives each daemon the blocks that the time of the next one depends on.
func withHistory(w *world) {
	for range work.MedianSpan {
		hash, header := w.daemons[0].MineBlock()
		for _, d := range w.daemons[1:] {
			d.TellBlock(hash, header)
		}
	}
}

// withSlowTemplates makes a daemon need a second for the template of a new block, as
// a busy chain's does.
func withSlowTemplates(d *pooltest.Daemon) {
	original := d.Handler("getblocktemplate")
	var last atomic.Int64
	d.Handle("getblocktemplate", func(ctx context.Context, params []json.RawMessage) (any, error) {
		result, err := original(ctx, params)
		if h := d.Height(); last.Swap(h) != h {
			time.Sleep(time.Second)
		}
		return result, err
	})
}

func slowWorld(t *testing.T, o node.GroupOptions) *world {
	if o.FirstJob == nil {
		o.FirstJob = firstJob()
	}
	w := newWorld(t, 1, o, func(w *world) {
		withHistory(w)
		withSlowTemplates(w.daemons[0])
	})
	w.next(3 * time.Second)
	return w
}

func TestNewBlockBeginsWithAnEmptyTemplate(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := slowWorld(t, node.GroupOptions{})
		defer w.stop()
		for range 3 {
			hash, _ := w.daemons[0].MineBlock()
			w.group.NotifyBlock(parse(t, hash))
			got := w.next(0)
			w.wantBlock(slices.Clone(got), hash)
			if e := got[0].template; !e.Provisional || len(e.Transactions) != 0 || e.Height != w.daemons[0].Height()+1 {
				t.Fatalf("template = %+v, want an empty one", e)
			}
			got = w.next(2 * time.Second)
			if len(got) != 1 || got[0].newBlock || got[0].template.Provisional || got[0].template.PreviousHash.String() != hash {
				t.Fatalf("told %+v, want the daemon's template", got)
			}
			if n := len(w.daemons[0].Calls("getblocktemplate")); n > 12 {
				t.Fatalf("%d templates asked for: the long poll brings them", n)
			}
		}
	})
}

func TestTwoBlocksInARow(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := slowWorld(t, node.GroupOptions{})
		defer w.stop()
		for range 2 { // the second on top of a provisional template
			hash, _ := w.daemons[0].MineBlock()
			w.group.NotifyBlock(parse(t, hash))
			w.wantBlock(w.next(10*time.Millisecond), hash)
		}
		if got := w.next(5 * time.Second); len(got) != 1 || got[0].template.Provisional {
			t.Fatalf("told %+v, want the daemon's template", got)
		}
	})
}

func TestNoEmptyTemplateWithoutReason(t *testing.T) {
	tests := []struct {
		name    string
		first   *node.FirstJob
		prepare func(w *world)
		tell    func(t *testing.T, w *world)
	}{
		{"a coin that is not steady", &node.FirstJob{Algorithm: pow.SHA256d}, nil, nil},
		{"a daemon that does not know the times", nil, func(w *world) {
			original := w.daemons[0].Handler("getblockheader")
			var calls atomic.Int64
			w.daemons[0].Handle("getblockheader", func(ctx context.Context, params []json.RawMessage) (any, error) {
				if n := calls.Add(1); n > 5 && n < 20 {
					return nil, &pooltest.RPCError{Code: -5, Message: "Block not found"}
				}
				return original(ctx, params)
			})
		}, nil},
		{"a hash that is no block's", nil, nil, func(t *testing.T, w *world) { w.group.NotifyBlock(pow.Hash{1}) }},
		{"a block on an old one", nil, nil, func(t *testing.T, w *world) {
			w.daemons[0].DropBlocks(1)
			hash, header := w.daemons[0].PrepareBlock()
			w.daemons[0].TellBlock(hash, header)
			w.group.NotifyBlock(parse(t, hash))
		}},
		{"a header of another block", nil, func(w *world) {
			w.daemons[0].Handle("getblockheader", func(context.Context, []json.RawMessage) (any, error) {
				_, header := w.daemons[0].PrepareBlock()
				return pooltest.Hex(header), nil
			})
		}, func(t *testing.T, w *world) { w.group.NotifyBlock(pow.Hash{2}) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble.Test(t, func(t *testing.T) {
				first := tt.first
				if first == nil {
					first = firstJob()
				}
				w := newWorld(t, 1, node.GroupOptions{FirstJob: first}, func(w *world) {
					withHistory(w)
					withSlowTemplates(w.daemons[0])
					if tt.prepare != nil {
						tt.prepare(w)
					}
				})
				defer w.stop()
				w.next(1500 * time.Millisecond)
				if tt.tell == nil {
					hash, _ := w.daemons[0].MineBlock()
					w.group.NotifyBlock(parse(t, hash))
				} else {
					tt.tell(t, w)
				}
				for _, s := range w.next(5 * time.Second) {
					if s.template != nil && s.template.Provisional {
						t.Errorf("told %+v", s.template)
					}
				}
			})
		})
	}
}

// TestABlockThatNoDaemonConfirmsIsLeft: a block may have the work and yet be refused
// by the chain.
func TestABlockThatNoDaemonConfirmsIsLeft(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := slowWorld(t, node.GroupOptions{})
		defer w.stop()
		before := w.group.Status()[0].Tip.String()
		hash, header := w.daemons[0].PrepareBlock()
		original := w.daemons[0].Handler("getblockheader")
		w.daemons[0].Handle("getblockheader", func(context.Context, []json.RawMessage) (any, error) {
			return pooltest.Hex(header), nil
		})
		w.group.NotifyBlock(parse(t, hash))
		w.wantBlock(w.next(time.Second), hash)
		w.daemons[0].Handle("getblockheader", original)
		w.wantBlock(w.next(20*time.Second), before)
		w.wantNothing(w.next(time.Minute))
	})
}

func TestAPoolsOwnBlockNeedsNoNews(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := slowWorld(t, node.GroupOptions{})
		defer w.stop()
		hash, header := w.daemons[0].PrepareBlock()
		if v, err := w.group.SubmitBlock(t.Context(), append(header, 0), parse(t, hash)); err != nil || !v.Accepted {
			t.Fatalf("SubmitBlock = %+v, %v", v, err)
		}
		got := w.next(0)
		w.wantBlock(slices.Clone(got), hash)
		if !got[0].template.Provisional {
			t.Error("the daemon's template came first")
		}
		// The other one is the tip that the daemon had at the start.
		if byHeader, byTemplate := w.group.NewBlocks(); byHeader != 1 || byTemplate != 1 {
			t.Errorf("%d blocks are counted by header and %d by template, want 1 and 1", byHeader, byTemplate)
		}
	})
}

// TestMadNotificationsCostLittle: whoever calls blocknotify with nonsense, or talks on
// the publisher's port, must not make the pool flood its daemon.
func TestMadNotificationsCostLittle(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := slowWorld(t, node.GroupOptions{})
		defer w.stop()
		before := len(w.daemons[0].Calls(""))
		for i := range 10_000 {
			w.group.NotifyBlock(pow.Hash{byte(i), byte(i >> 8), 1})
			if i%100 == 0 {
				synctest.Wait()
			}
		}
		w.wantNothing(w.next(time.Second))
		if n := len(w.daemons[0].Calls("")) - before; n > 150 {
			t.Errorf("%d calls for 10,000 hashes of no block", n)
		}
	})
}

// TestPublisherTellsFirst: over a real connection, with a daemon that is slow in
// everything else.
func TestPublisherTellsFirst(t *testing.T) {
	for _, topic := range []string{"both", "hashblock only"} {
		t.Run(topic, func(t *testing.T) {
			t.Parallel()
			d := pooltest.NewDaemon(t, pooltest.Recorded(t, template))
			d.SetTemplate(map[string]any{"height": 20})
			if topic != "both" {
				d.PublishOnly("hashblock")
			}
			for range work.MedianSpan {
				d.MineBlock()
			}
			zmq := d.Publish(t)
			g := node.NewGroup([]*node.Client{client(t, d.URL, func(c *node.Config) { c.ZMQ = zmq })}, node.GroupOptions{FirstJob: firstJob()})
			templates, _ := watch(t, g)
			receive(t, templates, "the first template")
			d.Handle("getbestblockhash", func(ctx context.Context, _ []json.RawMessage) (any, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			})
			withStuckTemplates(d)
			hash := ""
			until := time.After(time.Minute)
			for { // until the subscription has arrived
				next, header := d.PrepareBlock()
				if hash == "" {
					d.TellBlock(next, header)
					hash = next
				} else {
					d.PublishAgain(hash)
				}
				select {
				case tmpl := <-templates:
					if !tmpl.Provisional || tmpl.PreviousHash.String() != hash {
						t.Errorf("template = %+v, want an empty one on %s", tmpl, hash)
					}
					return
				case <-time.After(20 * time.Millisecond):
				case <-until:
					t.Fatal("no template within a minute")
				}
			}
		})
	}
}

// withStuckTemplates makes every further template hang.
func withStuckTemplates(d *pooltest.Daemon) {
	d.Handle("getblocktemplate", func(ctx context.Context, _ []json.RawMessage) (any, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
}

// TestAWrongPublisherHarmsNothing: what stands at the address is a web server, or
// nothing.
func TestAWrongPublisherHarmsNothing(t *testing.T) {
	other := pooltest.NewDaemon(t, pooltest.Recorded(t, template))
	for _, address := range []string{"tcp://" + other.URL[len("http://"):], "tcp://127.0.0.1:1"} {
		d := pooltest.NewDaemon(t, pooltest.Recorded(t, template))
		g := node.NewGroup([]*node.Client{client(t, d.URL, func(c *node.Config) { c.ZMQ = address })}, node.GroupOptions{FirstJob: firstJob()})
		templates, _ := watch(t, g)
		receive(t, templates, "the first template")
		hash, _ := d.MineBlock()
		if tmpl := receive(t, templates, "the next template"); tmpl.PreviousHash.String() != hash {
			t.Errorf("template on %v, want %s", tmpl.PreviousHash, hash)
		}
	}
}
