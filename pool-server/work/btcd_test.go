package work_test

import (
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/pool-server/work"
)

func TestBtcdAcceptsBlocks(t *testing.T) {
	t.Parallel()
	n := pooltest.StartBtcd(t, pooltest.BtcdOptions{})
	for height := int64(1); height <= 20; height++ { // OP_1 to OP_16 and then numbers
		tmpl := getTemplate(t, n.RPC, "btcd.json")
		c := mine(t, job(t, tmpl, params(pow.SHA256d)))
		if verdict := submit(t, n.RPC, c.Raw); verdict != "" {
			t.Fatalf("block %d refused: %s", c.Height, verdict)
		}
		if tip := pooltest.Must[string](t, n.RPC, "getbestblockhash"); tip != c.Hash.String() || n.Height() != height {
			t.Fatalf("tip = %s at %d, want our block %v at %d", tip, n.Height(), c.Hash, height)
		}
		if verdict := submit(t, n.RPC, c.Raw); !strings.HasPrefix(verdict, "rejected: already have block") {
			t.Errorf("the same block again = %q", verdict)
		}
	}
	tests := []struct {
		name, want string
		change     func(*work.Template)
	}{
		{"wrong height", "coinbase signature script serialized block height", func(m *work.Template) { m.Height++ }},
		{"a unit too much", "coinbase transaction", func(m *work.Template) { m.CoinbaseValue++ }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := *getTemplate(t, n.RPC, "")
			tt.change(&m)
			verdict := submit(t, n.RPC, mine(t, job(t, &m, params(pow.SHA256d))).Raw)
			if !strings.HasPrefix(verdict, "rejected: ") || !strings.Contains(verdict, tt.want) {
				t.Errorf("verdict = %q, want a rejection with %q", verdict, tt.want)
			}
		})
	}
}
