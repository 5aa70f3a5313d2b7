package work_test

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/pool-server/work"
	"github.com/adit-mining/adit/wallet/coin"
)

var steady = &coin.Steady{Window: 144, Halving: 150}

// block mines a block for tmpl and returns what a publisher would tell of it.
func block(t testing.TB, a pow.Algorithm, tmpl *work.Template) work.Next {
	t.Helper()
	n := work.Next{Times: make([]uint32, 10), Clock: tmpl.CurTime, Steady: steady}
	for i := range n.Times {
		n.Times[i] = tmpl.MinTime - 1
	}
	copy(n.Header[:], mine(t, job(t, tmpl, params(a))).Raw)
	return n
}

func TestEmptyBlockPaysTheSubsidyAndComesAfterTheMedian(t *testing.T) {
	tmpl := template(t, "litecoin-transactions.json", nil)
	subsidy, known := tmpl.Subsidy()
	if !known || subsidy >= tmpl.CoinbaseValue || len(tmpl.Transactions) == 0 {
		t.Fatalf("subsidy = %v of %v, %v", subsidy, tmpl.CoinbaseValue, known)
	}
	n := block(t, pow.Scrypt, tmpl)
	copy(n.Times, []uint32{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}) // and the header's own: the median is 6
	empty, err := tmpl.Empty(hasher(t, pow.Scrypt), n)
	if err != nil {
		t.Fatal(err)
	}
	if empty.Height != tmpl.Height+1 || empty.PreviousHash != work.BlockID(&n.Header) || !empty.Provisional ||
		empty.CoinbaseValue != subsidy || len(empty.Transactions) != 0 || empty.WitnessCommitment != nil ||
		empty.MinTime != 7 || empty.CurTime != n.Clock || empty.Bits != tmpl.Bits || empty.Version != tmpl.Version {
		t.Errorf("empty template = %+v", empty)
	}
	for i := range n.Times {
		n.Times[i] = n.Clock + 500 // a chain that runs ahead of the clock
	}
	if empty, err = tmpl.Empty(hasher(t, pow.Scrypt), n); err != nil || empty.MinTime != n.Clock+501 || empty.CurTime != empty.MinTime {
		t.Errorf("behind a fast chain: %+v, %v", empty, err)
	}
}

func TestNoEmptyBlockWhereTheChainCouldRefuseIt(t *testing.T) {
	tests := []struct {
		name, want string
		template   string
		change     func(tmpl *work.Template, n *work.Next)
	}{
		{"another tip", "another tip", "", func(_ *work.Template, n *work.Next) { n.Header[10]++ }},
		{"another target", "another target", "", func(_ *work.Template, n *work.Next) { n.Header[73]++ }},
		{"no work", "proof of work", "", func(tmpl *work.Template, n *work.Next) {
			for h := hasher(t, pow.Scrypt); tmpl.Target.MetBy(h.Sum(&n.Header)); {
				binary.LittleEndian.PutUint32(n.Header[76:], binary.LittleEndian.Uint32(n.Header[76:])+1)
			}
		}},
		{"a halving", "may change", "", func(tmpl *work.Template, _ *work.Next) { tmpl.Height = 299 }},
		{"a window", "may change", "", func(tmpl *work.Template, _ *work.Next) { tmpl.Height = 287 }},
		{"a chain of which nothing is known", "may change", "", func(_ *work.Template, n *work.Next) { n.Steady = nil }},
		{"MWEB", "extension block", "litecoin-mweb.json", func(tmpl *work.Template, _ *work.Next) { tmpl.Height = 500 }},
		{"a fee is not told", "fees", "", func(tmpl *work.Template, _ *work.Next) { tmpl.Transactions[0].HasFee = false }},
		{"a negative fee", "fees", "", func(tmpl *work.Template, _ *work.Next) { tmpl.Transactions[0].Fee = -1 }},
		{"more fees than reward", "fees", "", func(tmpl *work.Template, _ *work.Next) { tmpl.Transactions[0].Fee = tmpl.CoinbaseValue + 1 }},
		{"times unknown", "times", "", func(_ *work.Template, n *work.Next) { n.Times = n.Times[1:] }},
		{"too late", "latest time", "", func(tmpl *work.Template, n *work.Next) { tmpl.MaxTime = n.Clock - 1 }},
	}
	for _, tt := range tests {
		name := tt.template
		if name == "" {
			name = "litecoin-transactions.json"
		}
		tmpl := template(t, name, nil)
		n := block(t, pow.Scrypt, tmpl)
		tt.change(tmpl, &n)
		if empty, err := tmpl.Empty(hasher(t, pow.Scrypt), n); !errors.Is(err, work.ErrNotNext) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %+v, %v, want an error about %q", tt.name, empty, err, tt.want)
		}
	}
}

// follow mines blocks on top of one another without asking for a template in between,
// and insists that the daemon takes each.
func follow(t *testing.T, r pooltest.RPC, a pow.Algorithm, tmpl *work.Template, blocks int) *work.Template {
	t.Helper()
	var times []uint32
	for hash := tmpl.PreviousHash; len(times) < work.MedianSpan-1 && hash != (pow.Hash{}); {
		h := pooltest.Must[struct {
			Time     uint32
			Previous pow.Hash `json:"previousblockhash"`
		}](t, r, "getblockheader", hash.String())
		times = append([]uint32{h.Time}, times...)
		hash = h.Previous
	}
	for range blocks {
		n := work.Next{Times: slices.Clone(times), Clock: tmpl.CurTime, Steady: steady}
		c := mine(t, job(t, tmpl, params(a)))
		if verdict := submit(t, r, c.Raw); verdict != "" {
			t.Fatalf("block %d (empty %v) refused: %s", c.Height, tmpl.Provisional, verdict)
		}
		if tip := pooltest.Must[string](t, r, "getbestblockhash"); tip != c.Hash.String() {
			t.Fatalf("tip = %s, want our block %v", tip, c.Hash)
		}
		copy(n.Header[:], c.Raw)
		times = append(times, work.HeaderTime(&n.Header))
		next, err := tmpl.Empty(hasher(t, a), n)
		if err != nil {
			if !steady.Holds(c.Height + 1) {
				return tmpl
			}
			t.Fatalf("on block %d: %v", c.Height, err)
		}
		tmpl = next
	}
	return tmpl
}

// TestLitecoindAcceptsEmptyBlocks: 40 of them, found faster than the chain's clock goes,
// so that their times run ahead of it.
func TestLitecoindAcceptsEmptyBlocks(t *testing.T) {
	t.Parallel()
	n := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{Args: []string{"-fallbackfee=0.001"}})
	n.Generate(101)
	fill(t, n)
	tmpl := getTemplate(t, n.RPC, "")
	if len(tmpl.Transactions) == 0 {
		t.Fatal("the first block should have transactions")
	}
	follow(t, n.RPC, pow.Scrypt, tmpl, 40)
	if h := n.Height(); h < 141 {
		t.Errorf("height = %d, want 141", h)
	}
}

func TestBtcdAcceptsEmptyBlocks(t *testing.T) {
	t.Parallel()
	n := pooltest.StartBtcd(t, pooltest.BtcdOptions{})
	follow(t, n.RPC, pow.SHA256d, getTemplate(t, n.RPC, ""), 40) // from the genesis block on
	if h := n.Height(); h != 40 {
		t.Errorf("height = %d, want 40", h)
	}
}
