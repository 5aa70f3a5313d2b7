package node_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/pool-server/work"
)

// withoutLongPoll is d's getblocktemplate without long polling.
func withoutLongPoll(d *pooltest.Daemon) pooltest.Handler {
	original := d.Handler("getblocktemplate")
	return func(ctx context.Context, _ []json.RawMessage) (any, error) {
		result, err := original(ctx, nil)
		if t, ok := result.(map[string]any); ok {
			delete(t, "longpollid")
		}
		return result, err
	}
}

// candidate is a block for the daemon's template.
func candidate(t testing.TB, d *pooltest.Daemon) *work.Candidate {
	t.Helper()
	c := client(t, d.URL, func(c *node.Config) { c.Transport = d.Transport() })
	tmpl, err := c.Template(t.Context(), nil, "")
	if err != nil {
		t.Fatal(err)
	}
	return mine(t, tmpl, pow.SHA256d)
}

func mine(t testing.TB, tmpl *work.Template, a pow.Algorithm) *work.Candidate {
	t.Helper()
	j, err := work.NewJob("1", tmpl, work.Params{Algorithm: a, PayTo: pooltest.Somebody, Extranonce2Size: 4})
	if err != nil {
		t.Fatal(err)
	}
	return pooltest.Mine(t, j)
}

func TestABlockIsSubmittedUntilTheChainAnswers(t *testing.T) {
	drop, dropAfter := pooltest.Fault{Drop: true}, pooltest.Fault{DropAfter: true}
	refused := pooltest.Fault{Err: &pooltest.RPCError{Code: -22, Message: "Block decode failed"}}
	tests := []struct {
		name     string
		faults   [2][]pooltest.Fault // of two daemons
		verdicts [2]string
		accepted bool
		open     bool // no final answer
	}{
		{"both take it", [2][]pooltest.Fault{}, [2]string{}, true, false},
		{"one hangs up first", [2][]pooltest.Fault{{drop, drop, drop}}, [2]string{}, true, false},
		{"answers get lost", [2][]pooltest.Fault{{dropAfter}, {dropAfter, dropAfter}}, [2]string{}, true, false},
		{"all in trouble for a while", [2][]pooltest.Fault{{pooltest.WarmingUp, pooltest.QueueFull, drop}, {pooltest.Unsynced, pooltest.WrongPassword}}, [2]string{}, true, false},
		{"one refuses", [2][]pooltest.Fault{}, [2]string{"bad-cb-amount", ""}, true, false},
		{"one refuses, the other is slow", [2][]pooltest.Fault{nil, {drop, drop, drop, drop}}, [2]string{"bad-cb-amount", ""}, true, false},
		{"one cannot read it", [2][]pooltest.Fault{{refused}}, [2]string{}, true, false},
		{"both refuse", [2][]pooltest.Fault{}, [2]string{"high-hash", "high-hash"}, false, false},
		{"lost the race", [2][]pooltest.Fault{}, [2]string{"inconclusive", "inconclusive"}, false, true},
		{"parent unknown for ever", [2][]pooltest.Fault{}, [2]string{"prev-blk-not-found", "prev-blk-not-found"}, false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bubble.Test(t, func(t *testing.T) {
				var clients []*node.Client
				var block *work.Candidate
				for i := range 2 {
					d := pooltest.NewDaemonWithoutPort(t, pooltest.Recorded(t, template))
					if block == nil {
						block = candidate(t, d)
					}
					d.Once("submitblock", tt.faults[i]...)
					d.SetVerdict(tt.verdicts[i])
					clients = append(clients, client(t, d.URL, func(c *node.Config) { c.Transport = d.Transport() }))
				}
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				v, err := node.NewGroup(clients, node.GroupOptions{}).SubmitBlock(ctx, block.Raw, block.Hash)
				if v.Accepted != tt.accepted || (err != nil) != tt.open || len(v.PerNode) != 2 {
					t.Errorf("verdict = %+v, %v, want accepted %v, open %v", v, err, tt.accepted, tt.open)
				}
				if tt.open && !errors.Is(err, node.ErrUnanswered) {
					t.Errorf("error = %v, want ErrUnanswered", err)
				}
			})
		})
	}
}

func TestOneAcceptanceIsEnough(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		var clients []*node.Client
		var daemons []*pooltest.Daemon
		for range 2 {
			d := pooltest.NewDaemonWithoutPort(t, pooltest.Recorded(t, template))
			daemons = append(daemons, d)
			clients = append(clients, client(t, d.URL, func(c *node.Config) { c.Transport = d.Transport() }))
		}
		block := candidate(t, daemons[0])
		daemons[1].Always("", pooltest.Fault{Delay: time.Hour})
		begun := time.Now()
		v, err := node.NewGroup(clients, node.GroupOptions{}).SubmitBlock(t.Context(), block.Raw, block.Hash)
		if err != nil || !v.Accepted {
			t.Fatalf("verdict = %+v, %v", v, err)
		}
		if took := time.Since(begun); took > 10*time.Second {
			t.Errorf("waited %v for a dead daemon", took)
		}
	})
}
