package node_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/pool-server/work"
	"github.com/adit-mining/adit/wallet/coin"
)

// withBlock is two daemons of which the first ones have the same block.
func withBlock(t *testing.T, having int) (daemons []*pooltest.Daemon, g *node.Group, block *work.Candidate) {
	t.Helper()
	var clients []*node.Client
	for i := range 2 {
		d := pooltest.NewDaemonWithoutPort(t, pooltest.Recorded(t, template))
		c := client(t, d.URL, func(c *node.Config) { c.Transport = d.Transport() })
		if block == nil {
			block = candidate(t, d)
		}
		if i < having {
			if verdict, err := c.SubmitBlock(t.Context(), block.Raw); verdict != "" || err != nil {
				t.Fatalf("submit: %q, %v", verdict, err)
			}
		}
		daemons, clients = append(daemons, d), append(clients, c)
	}
	return daemons, node.NewGroup(clients, node.GroupOptions{}), block
}

// coinbaseOf describes the coinbase as getrawtransaction does.
func coinbaseOf(value string) map[string]any {
	return map[string]any{
		"vin": []any{map[string]any{"coinbase": "03"}},
		"vout": []any{
			map[string]any{"value": json.Number(value), "scriptPubKey": map[string]any{"hex": hex.EncodeToString(pooltest.Somebody)}},
			map[string]any{"value": json.Number("7"), "scriptPubKey": map[string]any{"hex": "6a"}},
		},
	}
}

func TestABlocksRewardIsWhatTheChainSays(t *testing.T) {
	// describe makes a daemon that cannot give the block's bytes as they should be, and
	// describes its coinbase.
	describe := func(d *pooltest.Daemon, raw, value string) {
		d.Handle("getblock", func(_ context.Context, params []json.RawMessage) (any, error) {
			if len(params) > 1 {
				return raw, nil
			}
			return map[string]any{"tx": []string{"c0"}}, nil
		})
		d.Handle("getrawtransaction", func(_ context.Context, params []json.RawMessage) (any, error) {
			if len(params) > 2 {
				return nil, &pooltest.RPCError{Code: -1, Message: "getrawtransaction \"txid\" ( verbose )"}
			}
			return coinbaseOf(value), nil
		})
	}
	tests := []struct {
		name    string
		having  int
		change  func(d []*pooltest.Daemon, block *work.Candidate)
		want    coin.Amount // less than what the block pays
		unknown bool
		kind    error
	}{
		{name: "both have it", having: 2},
		{name: "one has it", having: 1},
		{name: "none has it", unknown: true},
		{name: "none answers", having: 2, unknown: true, kind: node.ErrUnanswered, change: func(d []*pooltest.Daemon, _ *work.Candidate) {
			d[0].Always("", pooltest.Fault{Drop: true})
			d[1].Always("", pooltest.Fault{Drop: true})
		}},
		{name: "the verbosity is a truth value", having: 1, change: func(d []*pooltest.Daemon, _ *work.Candidate) {
			number := d[0].Handler("getblock")
			d[0].Handle("getblock", func(ctx context.Context, params []json.RawMessage) (any, error) {
				if string(params[1]) == "0" {
					return nil, &pooltest.RPCError{Code: -1, Message: "JSON value is not a boolean as expected"}
				}
				return number(ctx, params)
			})
		}},
		{name: "merge-mined", want: 1, change: func(d []*pooltest.Daemon, block *work.Candidate) {
			describe(d[0], hex.EncodeToString(slices.Concat(block.Raw[:80], make([]byte, 300), block.Raw[80:])), "0.00000001")
		}},
		{name: "cut off", want: 2, change: func(d []*pooltest.Daemon, block *work.Candidate) {
			describe(d[0], hex.EncodeToString(block.Raw[:150]), "2e-8")
		}},
		{name: "another block", want: 3, change: func(d []*pooltest.Daemon, block *work.Candidate) {
			other := slices.Clone(block.Raw)
			other[70]++
			describe(d[0], hex.EncodeToString(other), "0.00000003")
		}},
		{name: "no number", unknown: true, change: func(d []*pooltest.Daemon, _ *work.Candidate) { describe(d[0], "", "1e-9") }},
		{name: "they disagree", having: 1, unknown: true, kind: node.ErrDisagree, change: func(d []*pooltest.Daemon, _ *work.Candidate) {
			describe(d[1], "", "0.00000001")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			daemons, g, block := withBlock(t, tt.having)
			if tt.change != nil {
				tt.change(daemons, block)
			}
			if tt.want == 0 {
				tt.want = block.Reward
			}
			got, err := g.BlockReward(t.Context(), block.Hash, pooltest.Somebody)
			switch {
			case tt.unknown && (err == nil || got != 0 || tt.kind != nil && !errors.Is(err, tt.kind)):
				t.Errorf("= %v, %v; want an error (%v)", got, err, tt.kind)
			case !tt.unknown && (err != nil || got != tt.want):
				t.Errorf("= %v, %v; want %v", got, err, tt.want)
			}
			if tt.unknown {
				return
			}
			if got, err := g.BlockReward(t.Context(), block.Hash, []byte{0x51}); err != nil || got != 0 {
				t.Errorf("to somebody else = %v, %v; want nothing", got, err)
			}
		})
	}
}

// TestARewardIsReadOnRealDaemons has its blocks from daemons with witnesses, MWEB and
// transactions, and from btcd.
func TestARewardIsReadOnRealDaemons(t *testing.T) {
	t.Run("litecoind", func(t *testing.T) {
		t.Parallel()
		n := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{MWEB: true, NoPeer: true, Args: []string{"-fallbackfee=0.001"}})
		n.ActivateMWEB()
		n.Generate(2)
		n.Send(n.NewAddress(), 1)
		rewarded(t, real(t, n.RPC, pooltest.Wallet), n.RPC, n.GenerateTo(1, burn(t))[0])
	})
	t.Run("btcd", func(t *testing.T) {
		t.Parallel()
		n := pooltest.StartBtcd(t, pooltest.BtcdOptions{Address: "bcrt1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqdku202"})
		rewarded(t, real(t, n.RPC, ""), n.RPC, n.Generate(1)[0])
	})
}

// rewarded compares with what the daemon's own gettxout says of the coinbase.
func rewarded(t *testing.T, c *node.Client, r pooltest.RPC, hash string) {
	t.Helper()
	g := node.NewGroup([]*node.Client{c}, node.GroupOptions{})
	got, err := g.BlockReward(t.Context(), parse(t, hash), pooltest.Somebody)
	block := pooltest.Must[struct{ Tx []string }](t, r, "getblock", hash)
	out := pooltest.Must[struct{ Value json.Number }](t, r, "gettxout", block.Tx[0], 0, true)
	want, parseErr := coin.ParseAmount(out.Value.String())
	if err != nil || parseErr != nil || got != want || want == 0 {
		t.Errorf("reward = %v, %v; want %v", got, err, want)
	}
	if _, err := g.BlockReward(t.Context(), pow.Hash{1}, pooltest.Somebody); err == nil {
		t.Error("a block that nobody has gives a reward")
	}
}
