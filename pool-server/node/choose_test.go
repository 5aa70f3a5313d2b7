package node_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/address/v2/bech32"
	"github.com/btcsuite/btcd/wire/v2"

	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

// addressOf is a regtest address of Litecoin, of somebody with a number.
func addressOf(t testing.TB, kind string, number int) string {
	t.Helper()
	net := cointest.Network(t, "litecoin", "regtest")
	h := coin.PubKeyHash{0: 1}
	binary.BigEndian.PutUint32(h[4:], uint32(number))
	switch kind {
	case "p2pkh":
		return net.P2PKH(h).String()
	case "p2sh":
		return net.P2SHP2WPKH(h).String()
	case "p2tr":
		data, err := bech32.ConvertBits(append(make([]byte, 12), h[:]...), 8, 5, true)
		if err != nil {
			t.Fatal(err)
		}
		text, err := bech32.EncodeM("rltc", append([]byte{1}, data...))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	return net.P2WPKH(h).String()
}

// purse is a pool's wallet in a fake daemon, with its client.
type purse struct {
	*node.Client
	*pooltest.FakeWallet
	daemon *pooltest.Daemon
	home   string // the pool's address
}

func newPurse(t testing.TB, edit func(*node.Config)) *purse {
	t.Helper()
	d := pooltest.NewDaemonWithoutPort(t, pooltest.Recorded(t, template))
	p := &purse{daemon: d, home: addressOf(t, "p2wpkh", 0)}
	p.FakeWallet = pooltest.GiveWallet(t, d, p.home)
	p.Client = client(t, d.URL, func(c *node.Config) {
		c.Transport, c.WalletAddress = d.Transport(), p.home
		if edit != nil {
			edit(c)
		}
	})
	return p
}

// rewards gives the purse n coins of the pool's own.
func (p *purse) rewards(n int, amount string) {
	for range n {
		p.Add(pooltest.FakeCoin{Address: p.home, Amount: amount, Confirmations: 101})
	}
}

// receivers are n somebodies who get an amount each.
func receivers(t testing.TB, n int, amount coin.Amount) (all []node.Output) {
	for i := range n {
		all = append(all, node.Output{Address: addressOf(t, "p2wpkh", 1000+i), Amount: amount})
	}
	return all
}

func amount(t testing.TB, s string) coin.Amount {
	t.Helper()
	a, err := coin.ParseAmount(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func readTx(t testing.TB, raw string) *wire.MsgTx {
	t.Helper()
	var tx wire.MsgTx
	b, err := hex.DecodeString(raw)
	if err == nil {
		err = tx.Deserialize(bytes.NewReader(b))
	}
	if err != nil {
		t.Fatal(err)
	}
	return &tx
}

// checkSums checks that nothing is lost: what was spent is what arrives, the change
// and the fee; what was asked for is what arrives and the receivers' part of the fee,
// which they bear alike. It returns the fee and the change.
func (p *purse) checkSums(t testing.TB, asked []node.Output, tx node.SignedTx) (fee, change coin.Amount) {
	t.Helper()
	m := readTx(t, tx.Raw)
	var in, out, nets, want coin.Amount
	for _, a := range p.Spends(tx.Raw) {
		in += amount(t, a)
	}
	for _, o := range m.TxOut {
		out += coin.Amount(o.Value)
	}
	most, least := coin.Amount(0), coin.Amount(1<<62)
	for i, o := range tx.Outputs {
		nets += o.Amount
		want += asked[i].Amount
		most, least = max(most, asked[i].Amount-o.Amount), min(least, asked[i].Amount-o.Amount)
	}
	fee, change = in-out, out-nets
	if fee != tx.Fee+tx.Dropped || want != nets+tx.Fee || most-least > 1 || change < 0 {
		t.Errorf("spent %v, paid %v of %v, change %v: fee %v, but Fee %v, Dropped %v; parts of it from %v to %v", in, nets, want, change, fee, tx.Fee, tx.Dropped, least, most)
	}
	if weight := 3*m.SerializeSizeStripped() + m.SerializeSize(); weight != tx.Weight || len(m.TxIn) != tx.Inputs {
		t.Errorf("Weight %d, Inputs %d; want %d, %d", tx.Weight, tx.Inputs, weight, len(m.TxIn))
	}
	for _, i := range m.TxIn {
		if i.Sequence != 0xffffffff || m.LockTime != 0 {
			t.Errorf("sequence %x, lock time %d: replaceable, or not valid at once", i.Sequence, m.LockTime)
		}
	}
	return fee, change
}

func TestCoinsAreChosenWell(t *testing.T) {
	home, stranger := addressOf(t, "p2wpkh", 0), addressOf(t, "p2pkh", 1)
	reward := func(amount string, depth int) pooltest.FakeCoin {
		return pooltest.FakeCoin{Address: home, Amount: amount, Confirmations: depth}
	}
	but := func(c pooltest.FakeCoin, fields map[string]any) pooltest.FakeCoin {
		c.Fields = fields
		return c
	}
	tests := []struct {
		name    string
		coins   []pooltest.FakeCoin
		pay     string
		spent   []string
		change  string
		dropped bool
		kind    error
	}{
		{name: "the largest does", coins: []pooltest.FakeCoin{reward("1", 101), reward("12.5", 101), reward("6", 101)}, pay: "7", spent: []string{"12.5"}, change: "5.5"},
		{name: "ours before a stranger's", coins: []pooltest.FakeCoin{{Address: stranger, Amount: "100", Confirmations: 9}, reward("6", 101), reward("3", 3)}, pay: "7", spent: []string{"6", "3"}, change: "2"},
		{name: "a stranger's last", coins: []pooltest.FakeCoin{{Address: stranger, Amount: "100", Confirmations: 9}, reward("6", 101)}, pay: "7", spent: []string{"6", "100"}, change: "99"},
		{name: "generated elsewhere is ours", coins: []pooltest.FakeCoin{{Address: stranger, Amount: "9", Confirmations: 9, Fields: map[string]any{"generated": true}}, reward("6", 101), {Address: stranger, Amount: "50", Confirmations: 1}}, pay: "7", spent: []string{"9"}, change: "2"},
		{name: "exactly", coins: []pooltest.FakeCoin{reward("7", 101), reward("1", 101)}, pay: "7", spent: []string{"7"}, change: "0"},
		{name: "not confirmed", coins: []pooltest.FakeCoin{reward("7", 0), reward("1", 101)}, pay: "2", kind: node.ErrFunds},
		{name: "not spendable", coins: []pooltest.FakeCoin{but(reward("7", 9), map[string]any{"spendable": false})}, pay: "2", kind: node.ErrFunds},
		{name: "not solvable", coins: []pooltest.FakeCoin{but(reward("7", 9), map[string]any{"solvable": false})}, pay: "2", kind: node.ErrFunds},
		{name: "not safe", coins: []pooltest.FakeCoin{but(reward("7", 9), map[string]any{"safe": false})}, pay: "2", kind: node.ErrFunds},
		{name: "an old daemon says less", coins: []pooltest.FakeCoin{but(reward("7", 9), map[string]any{"safe": nil, "solvable": nil, "spendable": nil})}, pay: "2", spent: []string{"7"}, change: "5"},
		{name: "extension block", coins: []pooltest.FakeCoin{but(reward("7", 9), map[string]any{"vout": nil, "scriptPubKey": nil})}, pay: "2", kind: node.ErrFunds},
		{name: "one coin more instead of dust", coins: []pooltest.FakeCoin{reward("2.00000100", 9), reward("1", 9)}, pay: "2", spent: []string{"2.00000100", "1"}, change: "1.000001"},
		{name: "dust that cannot be helped", coins: []pooltest.FakeCoin{reward("2.00000100", 9)}, pay: "2", spent: []string{"2.00000100"}, change: "0", dropped: true},
		{name: "more dust than fee", coins: []pooltest.FakeCoin{reward("2.00002900", 9)}, pay: "2", spent: []string{"2.00002900"}, change: "0", dropped: true},
		{name: "not enough", coins: []pooltest.FakeCoin{reward("2", 9), reward("2", 9)}, pay: "4.00000001", kind: node.ErrFunds},
		{name: "nothing", pay: "1", kind: node.ErrFunds},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := newPurse(t, nil)
			for _, c := range tt.coins {
				p.Add(c)
			}
			asked := []node.Output{{Address: addressOf(t, "p2sh", 5), Amount: amount(t, tt.pay)}}
			tx, err := p.BuildAndSign(t.Context(), asked, node.SignOptions{FeeRate: 10000})
			if tt.kind != nil {
				if !errors.Is(err, tt.kind) || p.Locked() != 0 {
					t.Errorf("got %v, %d coins locked; want %v", err, p.Locked(), tt.kind)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			spent := p.Spends(tx.Raw)
			slices.Sort(spent)
			slices.Sort(tt.spent)
			if fee, change := p.checkSums(t, asked, tx); !slices.Equal(spent, tt.spent) || change != amount(t, tt.change) || fee <= 0 || (tx.Dropped > 0) != tt.dropped {
				t.Errorf("spent %v, change %v, fee %v, dropped %v; want %v, %v", spent, change, fee, tx.Dropped, tt.spent, tt.change)
			}
			if fee, exact := tx.Fee+tx.Dropped, coin.Amount((tx.Weight+3)/4*10); fee != max(exact, tx.Dropped) {
				t.Errorf("fee %v, of which %v dropped; want %v", fee, tx.Dropped, exact)
			}
			if p.Locked() != len(tt.spent) {
				t.Errorf("%d coins locked, want those spent", p.Locked())
			}
		})
	}
}

// TestAFeeIsForTheRealWeight signs with each kind of coin for each kind of receiver:
// the fee is that of the rate to the unit, and what is signed is what was planned.
func TestAFeeIsForTheRealWeight(t *testing.T) {
	const rate = 25_000
	redeem := map[string]any{"redeemScript": "0014" + strings.Repeat("07", 20)}
	key := pooltest.FakeCoin{Address: addressOf(t, "p2pkh", 0)}
	witness := pooltest.FakeCoin{Address: addressOf(t, "p2wpkh", 0)}
	taproot := pooltest.FakeCoin{Address: addressOf(t, "p2tr", 0)}
	whole := pooltest.FakeCoin{Address: addressOf(t, "p2pkh", 1), Unlocking: [2]int{1 + 72 + 1 + 65, 0}}
	told := whole
	told.Fields = map[string]any{"desc": "pkh([d34db33f/44'/0']04" + strings.Repeat("ab", 64) + ")#cccccccc"}
	tests := []struct {
		name  string
		coins []pooltest.FakeCoin
		signs int // how often the wallet is asked to sign
	}{
		{"p2pkh", []pooltest.FakeCoin{key}, 1},
		{"p2wpkh", []pooltest.FakeCoin{witness}, 1},
		{"p2sh-p2wpkh", []pooltest.FakeCoin{{Address: addressOf(t, "p2sh", 0), Fields: redeem}}, 1},
		{"p2sh-p2wpkh by its descriptor", []pooltest.FakeCoin{{Address: addressOf(t, "p2sh", 0), Fields: map[string]any{"desc": "sh(wpkh([7211b9ba/0'/0'/0']024eea))#aaaaaaaa"}}}, 1},
		{"p2tr", []pooltest.FakeCoin{taproot}, 1},
		{"with witnesses and without", []pooltest.FakeCoin{key, witness, taproot}, 1},
		{"a whole key", []pooltest.FakeCoin{told}, 1},
		{"a whole key that nobody told of", []pooltest.FakeCoin{whole}, 2},
		{"an unknown script", []pooltest.FakeCoin{{Address: addressOf(t, "p2sh", 0), Unlocking: [2]int{3000, 400}}}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, inputs := range []int{1, 260} {
				p := newPurse(t, nil)
				for i := range inputs {
					c := tt.coins[i%len(tt.coins)]
					c.Amount, c.Confirmations = "1", 200
					p.Add(c)
				}
				asked := make([]node.Output, 0, 4)
				for i, kind := range []string{"p2wpkh", "p2pkh", "p2sh", "p2tr"} {
					asked = append(asked, node.Output{Address: addressOf(t, kind, 10+i), Amount: coin.Amount(inputs) * 24_000_000})
				}
				tx, err := p.BuildAndSign(t.Context(), asked, node.SignOptions{FeeRate: rate, MaxWeight: 4_000_000})
				if err != nil {
					t.Fatal(err)
				}
				fee, _ := p.checkSums(t, asked, tx)
				vsize := coin.Amount((tx.Weight + 3) / 4)
				if exact := (vsize*rate + 999) / 1000; fee != exact {
					t.Errorf("%d inputs: fee %v for %d virtual bytes, want %v", inputs, fee, vsize, exact)
				}
				if signs := len(p.daemon.Calls("signrawtransactionwithwallet")); signs != tt.signs || p.Locked() != tx.Inputs {
					t.Errorf("signed %d times, %d coins locked; want %d and %d", signs, p.Locked(), tt.signs, tx.Inputs)
				}
			}
		})
	}
}

func TestWhatDoesNotFitIsToldWithWhatWould(t *testing.T) {
	tight := node.SignOptions{FeeRate: 1000, MaxWeight: 39_000} // a tenth of what is usual
	t.Run("too many receivers", func(t *testing.T) {
		t.Parallel()
		p := newPurse(t, nil)
		p.rewards(10, "1000")
		asked := receivers(t, 400, 100_0000)
		_, err := p.BuildAndSign(t.Context(), asked, tight)
		var large *node.TooLargeError
		if !errors.As(err, &large) || !errors.Is(err, node.ErrTooLarge) || large.Receivers < 305 || large.Receivers > 315 || large.Amount != coin.Amount(large.Receivers)*100_0000 {
			t.Fatalf("got %+v", err)
		}
		asked = asked[:large.Receivers]
		tx, err := p.BuildAndSign(t.Context(), asked, tight)
		if err != nil || tx.Weight > 39_000 {
			t.Fatalf("what fits: weight %d, %v", tx.Weight, err)
		}
		p.checkSums(t, asked, tx)
		if _, err := p.BuildAndSign(t.Context(), receivers(t, large.Receivers+1, 100_0000), tight); !errors.Is(err, node.ErrTooLarge) {
			t.Errorf("one more fits too: %v", err)
		}
	})
	t.Run("too many coins", func(t *testing.T) {
		t.Parallel()
		p := newPurse(t, nil)
		p.rewards(300, "0.5")
		asked := receivers(t, 30, 4_5000_0000) // 135 of 150
		_, err := p.BuildAndSign(t.Context(), asked, tight)
		var large *node.TooLargeError
		if !errors.As(err, &large) || large.Receivers < 10 || large.Receivers > 29 {
			t.Fatalf("got %+v", err)
		}
		asked = asked[:large.Receivers]
		tx, err := p.BuildAndSign(t.Context(), asked, tight)
		if err != nil || tx.Inputs < 120 || tx.Weight > 39_000 {
			t.Fatalf("what fits: %d inputs, weight %d, %v", tx.Inputs, tx.Weight, err)
		}
		p.checkSums(t, asked, tx)
	})
	t.Run("one receiver is owed more than fits", func(t *testing.T) {
		t.Parallel()
		p := newPurse(t, nil)
		p.rewards(300, "0.5")
		_, err := p.BuildAndSign(t.Context(), receivers(t, 1, 140_0000_0000), tight)
		var large *node.TooLargeError
		if !errors.As(err, &large) || large.Receivers != 0 || large.Amount < 70_0000_0000 || large.Amount > 75_0000_0000 {
			t.Fatalf("got %+v", err)
		}
		merged := []node.Output{{Address: p.home, Amount: large.Amount}}
		tx, err := p.BuildAndSign(t.Context(), merged, tight)
		if err != nil {
			t.Fatalf("merging coins: %v", err)
		}
		p.checkSums(t, merged, tx)
	})
	t.Run("a stranger's large coin instead of many small ones", func(t *testing.T) {
		t.Parallel()
		p := newPurse(t, nil)
		p.rewards(300, "0.5")
		p.Add(pooltest.FakeCoin{Address: addressOf(t, "p2pkh", 3), Amount: "140", Confirmations: 4})
		tx, err := p.BuildAndSign(t.Context(), receivers(t, 1, 140_0000_0000), tight)
		if err != nil || tx.Inputs != 1 {
			t.Errorf("%d inputs, %v; want the one large coin", tx.Inputs, err)
		}
	})
	t.Run("heavier once signed", func(t *testing.T) {
		t.Parallel()
		p := newPurse(t, nil)
		for range 40 {
			p.Add(pooltest.FakeCoin{Address: addressOf(t, "p2sh", 3), Amount: "1", Confirmations: 4, Unlocking: [2]int{5000, 0}})
		}
		_, err := p.BuildAndSign(t.Context(), receivers(t, 40, 9000_0000), node.SignOptions{FeeRate: 1000})
		var large *node.TooLargeError
		if !errors.As(err, &large) || large.Receivers < 1 || large.Receivers > 39 || p.Locked() != 0 {
			t.Fatalf("got %+v, %d coins locked", err, p.Locked())
		}
		if _, err := p.BuildAndSign(t.Context(), receivers(t, large.Receivers/2, 9000_0000), node.SignOptions{FeeRate: 1000}); err != nil {
			t.Errorf("half of what fits: %v", err)
		}
	})
}

func TestRefusalsSayWhatWouldDo(t *testing.T) {
	t.Parallel()
	p := newPurse(t, nil)
	p.rewards(3, "10")
	build := func(o node.SignOptions, outputs ...node.Output) error {
		_, err := p.BuildAndSign(t.Context(), outputs, o)
		if p.Locked() != 0 {
			t.Errorf("%d coins are locked after %v", p.Locked(), err)
		}
		return err
	}
	big := node.Output{Address: addressOf(t, "p2pkh", 1), Amount: 5_0000_0000}
	little := node.Output{Address: addressOf(t, "p2pkh", 2), Amount: 2000}
	var funds *node.FundsError
	if err := build(node.SignOptions{}, node.Output{Address: big.Address, Amount: 30_0000_0001}); !errors.As(err, &funds) || funds.Spendable != 30_0000_0000 || funds.Needed != 30_0000_0001 {
		t.Errorf("too little: %v", err)
	}
	var small *node.TooSmallError
	if err := build(node.SignOptions{FeeRate: 20_000}, big, little); !errors.As(err, &small) || small.Address != little.Address || small.Amount != 2000 {
		t.Fatalf("too small: %v", err)
	}
	little.Amount = small.Least
	if _, err := p.BuildAndSign(t.Context(), []node.Output{big, little}, node.SignOptions{FeeRate: 20_000}); err != nil {
		t.Errorf("what would do: %v", err)
	}
	if err := p.ReleaseExcept(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := build(node.SignOptions{FeeRate: 1000, Dust: 5000}, big, node.Output{Address: little.Address, Amount: 4900}); !errors.Is(err, node.ErrTooSmall) {
		t.Errorf("below the coin's dust: %v", err)
	}
	if err := build(node.SignOptions{FeeRate: 1000, MaxFee: 100}, big); !errors.Is(err, node.ErrFee) {
		t.Errorf("fee: %v", err)
	}
	if err := build(node.SignOptions{FeeRate: 1 << 62}, big); !errors.Is(err, node.ErrFee) {
		t.Errorf("a fee without bounds: %v", err)
	}
	if err := build(node.SignOptions{ChangeAddress: big.Address}, little); !errors.Is(err, node.ErrAddress) {
		t.Errorf("change to a stranger: %v", err)
	}
}

// TestChangeReturnsToThePool and never to where it is also paid, nor to an address
// that the wallet has no key of.
func TestChangeReturnsToThePool(t *testing.T) {
	home, other, cold, fresh := addressOf(t, "p2wpkh", 0), addressOf(t, "p2pkh", 7), addressOf(t, "p2sh", 8), addressOf(t, "p2tr", 9)
	for name, tt := range map[string]struct {
		walletAddress, changeAddress, payTo, want string
	}{
		"the pool's address":        {home, "", addressOf(t, "p2pkh", 9), home},
		"as asked":                  {home, other, addressOf(t, "p2pkh", 9), other},
		"none known":                {"", "", addressOf(t, "p2pkh", 9), other},
		"rewards to a cold wallet":  {cold, "", addressOf(t, "p2pkh", 9), other},
		"the pool is a receiver":    {home, "", home, other},
		"its coins' address is too": {home, "", other, home},
		"both":                      {other, "", other, fresh},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPurse(t, func(c *node.Config) { c.WalletAddress = tt.walletAddress })
			p.Add(pooltest.FakeCoin{Address: other, Amount: "5", Confirmations: 3})
			p.daemon.Handle("getnewaddress", func(context.Context, []json.RawMessage) (any, error) { return fresh, nil })
			asked := []node.Output{{Address: tt.payTo, Amount: 1_0000_0000}}
			tx, err := p.BuildAndSign(t.Context(), asked, node.SignOptions{FeeRate: 1000, ChangeAddress: tt.changeAddress})
			if err != nil {
				t.Fatal(err)
			}
			info, err := p.ValidateAddress(t.Context(), tt.want)
			if err != nil {
				t.Fatal(err)
			}
			to := map[string]coin.Amount{}
			for _, o := range readTx(t, tx.Raw).TxOut {
				to[string(o.PkScript)] = coin.Amount(o.Value)
			}
			if to[string(info.Script)] != 4_0000_0000 {
				t.Errorf("change of 4 does not go to %s: %v", tt.want, to)
			}
		})
	}
}

// TestAnySplitIsExact pays random debts from random coins.
func TestAnySplitIsExact(t *testing.T) {
	t.Parallel()
	for seed := range uint64(25) {
		random := rand.New(rand.NewPCG(seed, 1))
		p := newPurse(t, nil)
		kinds := []string{"p2wpkh", "p2pkh", "p2sh", "p2tr"}
		for i := range 1 + random.IntN(40) {
			p.Add(pooltest.FakeCoin{
				Address: addressOf(t, kinds[random.IntN(4)], random.IntN(3)), Confirmations: 1 + i,
				Amount: coin.Amount(1 + random.Int64N(10_0000_0000)).String(),
			})
		}
		var asked []node.Output
		for i := range 1 + random.IntN(30) {
			asked = append(asked, node.Output{Address: addressOf(t, kinds[random.IntN(4)], 100+i), Amount: 1 + coin.Amount(random.Int64N(5_0000_0000))})
		}
		tx, err := p.BuildAndSign(t.Context(), asked, node.SignOptions{FeeRate: coin.Amount(1000 + random.IntN(100_000)), MaxWeight: 4000 + random.IntN(30_000)})
		switch {
		case err == nil:
			p.checkSums(t, asked, tx)
		case !errors.Is(err, node.ErrFunds) && !errors.Is(err, node.ErrTooLarge) && !errors.Is(err, node.ErrTooSmall):
			t.Errorf("seed %d: %v", seed, err)
		case p.Locked() != 0:
			t.Errorf("seed %d: coins stay locked after %v", seed, err)
		}
	}
}
