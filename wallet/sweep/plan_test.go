package sweep_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
	"github.com/adit-mining/adit/wallet/sweep"
)

func TestPlanLeavesOutWhatCannotOrShouldNotBeSpent(t *testing.T) {
	n, k := cointest.Network(t, "litecoin", "main"), newKey(t)
	scripts := scriptsOf(t, n, k.PublicKey())
	f := newFake(t, scripts)
	f.pay(scripts[0], 10, 100_000, 200_000)
	f.pay(scripts[2], 20, 300_000)
	f.pay(scripts[3], 0, 400_000)            // in no block yet
	f.pay(scripts[0], 30, 680)               // 68 bytes at 10 a byte
	f.payAs(scripts[2], 901, true, 500_000)  // 100 confirmations at tip 1000: the next block may spend it
	f.payAs(scripts[2], 902, true, 600_000)  // one too young
	f.payAs(scripts[2], 1000, true, 700_000) // found just now
	f.outputs = append(f.outputs, sweep.Output{TxID: strings.Repeat("ab", 32), Amount: 800_000, Script: scripts[0].Bytes, Height: 5})
	p, err := sweep.Prepare(t.Context(), k.PublicKey(), n, someAddress(t, n), f, sweep.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Amount + p.Fee; got != 100_000+200_000+300_000+500_000 || len(p.Inputs()) != 4 {
		t.Errorf("moves %v of %d coins", got, len(p.Inputs()))
	}
	for name, got := range map[string]int{"dust": len(p.Dust) - 1, "immature": len(p.Immature) - 2, "unconfirmed": len(p.Unconfirmed) - 1, "unproved": len(p.Unproved) - 1} {
		if got != 0 {
			t.Errorf("%s: %d too many", name, got)
		}
	}
	if blocks, about := sweep.MatureIn(n, p.Immature[0], p.Tip); blocks != 1 && blocks != 99 || about != n.Coin.BlockTime*coinTime(blocks) {
		t.Errorf("immature: %d blocks, %v", blocks, about)
	}
	signed, err := sweep.Sign(p, k)
	if err != nil {
		t.Fatal(err)
	}
	f.verify(t, p, signed)
	if p, err = sweep.Prepare(t.Context(), k.PublicKey(), n, someAddress(t, n), f, sweep.Options{TrustAmounts: true}); err != nil || len(p.Unproved) != 0 || len(p.Inputs()) != 5 || len(p.Warnings) == 0 {
		t.Errorf("trusting: %d inputs, %d unproved, %v, %v", len(p.Inputs()), len(p.Unproved), p.Warnings, err)
	}
}

type coinTime = timeDuration

// someAddress is an address of nobody in particular.
func someAddress(t testing.TB, n *coin.Network) string {
	t.Helper()
	return n.PayoutAddress(coin.PubKeyHash{1, 2, 3, 4}).String()
}

func TestManyInputsBecomeStandardTransactions(t *testing.T) {
	n, k := cointest.Network(t, "litecoin", "main"), newKey(t)
	scripts := scriptsOf(t, n, k.PublicKey())
	f := newFake(t, scripts)
	amounts := make([]coin.Amount, 300)
	for i := range amounts {
		amounts[i] = coin.Amount(100_000 + i)
	}
	for _, s := range scripts {
		f.pay(s, 100, amounts...)
	}
	p, err := sweep.Prepare(t.Context(), k.PublicKey(), n, someAddress(t, n), f, sweep.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Inputs()) != 1200 || len(p.Transactions) < 2 {
		t.Fatalf("%d inputs in %d transactions", len(p.Inputs()), len(p.Transactions))
	}
	signed, err := sweep.Sign(p, k)
	if err != nil {
		t.Fatal(err)
	}
	f.verify(t, p, signed)
	var amount, fee coin.Amount
	for i, s := range signed {
		weight := weightOf(t, s.Raw)
		if weight > 400_000 || s.Size > 100_000 || (weight+3)/4 > s.Size {
			t.Errorf("transaction %d weighs %d, planned %d bytes", i, weight, s.Size)
		}
		if rate := float64(s.Fee) * 1000 / float64((weight+3)/4); rate < 10_000 || rate > 10_200 {
			t.Errorf("transaction %d pays %.0f a kilobyte, wanted 10000", i, rate)
		}
		amount, fee = amount+s.Amount, fee+s.Fee
	}
	if amount != p.Amount || fee != p.Fee {
		t.Errorf("%v + %v, planned %v + %v", amount, fee, p.Amount, p.Fee)
	}
}

func TestEveryCoinIsEitherSignedOrRefusedWithAReason(t *testing.T) {
	signs := 0
	for _, c := range coin.All() {
		n, err := c.Network("main")
		if err != nil {
			t.Fatal(err)
		}
		k := newKey(t)
		scripts := scriptsOf(t, n, k.PublicKey())
		f := newFake(t, scripts)
		f.rates = sweep.Rates{}
		for _, s := range scripts {
			f.pay(s, 10, 5_000_000_000, 6_000_000_000)
		}
		p, err := sweep.Prepare(t.Context(), k.PublicKey(), n, someAddress(t, n), f, sweep.Options{})
		if err != nil {
			if !errors.Is(err, sweep.ErrSigning) || !strings.Contains(err.Error(), "its own wallet") {
				t.Errorf("%s: %v", c.ID, err)
			}
			continue
		}
		signs++
		signed, err := sweep.Sign(p, k)
		if err != nil {
			t.Errorf("%s: %v", c.ID, err)
			continue
		}
		if c.ID != "bitcoincash" && c.ID != "ecash" {
			f.verify(t, p, signed)
		}
	}
	for _, id := range []string{"zcash", "horizen", "bitcoinz", "ycash", "bitcoingold", "peercoin", "reddcoin", "verge", "emercoin"} {
		if sweep.CanSign(cointest.Network(t, id, "main")) == nil {
			t.Errorf("%s is signed, in a way that it does not have", id)
		}
	}
	if signs != 25 {
		t.Errorf("%d coins are signed, want 25", signs)
	}
}

func TestSourcesThatLieAreFoundOut(t *testing.T) {
	n, k := cointest.Network(t, "litecoin", "main"), newKey(t)
	scripts := scriptsOf(t, n, k.PublicKey())
	stranger := scriptsOf(t, n, newKey(t).PublicKey())
	for name, lie := range map[string]func(f *fake){
		"a smaller amount":          func(f *fake) { f.outputs[0].Amount = 1_000_000 },
		"a larger amount":           func(f *fake) { f.outputs[0].Amount *= 2 },
		"a negative amount":         func(f *fake) { f.outputs[0].Amount = -5 },
		"an absurd amount":          func(f *fake) { f.outputs[0].Amount = 1 << 62 },
		"another form":              func(f *fake) { f.outputs[0].Script = scripts[1].Bytes },
		"somebody else's coin":      func(f *fake) { f.outputs[0].Script = stranger[0].Bytes },
		"the same coin twice":       func(f *fake) { f.outputs = append(f.outputs, f.outputs[0]) },
		"an output there is not":    func(f *fake) { f.outputs[0].Index = 9 },
		"a huge index":              func(f *fake) { f.outputs[0].Index = 1<<32 - 1 },
		"no transaction id":         func(f *fake) { f.outputs[0].TxID = "../../etc/passwd" },
		"an id in capitals":         func(f *fake) { f.outputs[0].TxID = strings.ToUpper(f.outputs[0].TxID) },
		"a block of the future":     func(f *fake) { f.outputs[0].Height = 5000 },
		"a negative height":         func(f *fake) { f.outputs[0].Height = -1 },
		"another transaction":       func(f *fake) { f.made[f.outputs[0].TxID] = f.made[f.outputs[len(f.outputs)-1].TxID] },
		"half a transaction":        func(f *fake) { f.made[f.outputs[0].TxID] = f.made[f.outputs[0].TxID][:40] },
		"an empty transaction":      func(f *fake) { f.made[f.outputs[0].TxID] = nil },
		"a huge transaction":        func(f *fake) { f.made[f.outputs[0].TxID] = make([]byte, 5_000_000) },
		"a huge fee":                func(f *fake) { f.rates.Estimate = 5_000_000_000 },
		"a huge floor":              func(f *fake) { f.rates.Floor = 5_000_000_000 },
		"a negative fee":            func(f *fake) { f.rates.Estimate = -1 },
		"far too many coins":        func(f *fake) { f.outputs = make([]sweep.Output, 200_000) },
		"a fee that eats the coins": func(f *fake) { f.rates.Estimate = 990_000 },
	} {
		f := newFake(t, scripts)
		f.pay(scripts[0], 10, 1_500_000)
		f.pay(scripts[2], 11, 1_000_000)
		lie(f)
		p, err := sweep.Prepare(t.Context(), k.PublicKey(), n, someAddress(t, n), f, sweep.Options{})
		if err == nil {
			t.Errorf("%s was believed: %v arrive, fee %v", name, p.Amount, p.Fee)
		} else if !errors.Is(err, sweep.ErrSource) && !errors.Is(err, sweep.ErrFee) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFeesAreBounded(t *testing.T) {
	n, k := cointest.Network(t, "litecoin", "main"), newKey(t)
	scripts := scriptsOf(t, n, k.PublicKey())
	f := newFake(t, scripts)
	f.pay(scripts[0], 10, 10_000)
	prepare := func(o sweep.Options) (sweep.Plan, error) {
		return sweep.Prepare(t.Context(), k.PublicKey(), n, someAddress(t, n), f, o)
	}
	if _, err := prepare(sweep.Options{}); !errors.Is(err, sweep.ErrFee) { // 1100 of 10000
		t.Errorf("a fee of 11 %%: %v", err)
	}
	if p, err := prepare(sweep.Options{MaxFee: 2000}); err != nil || p.Fee != 1100 {
		t.Errorf("allowed: %v, %v", p.Fee, err)
	}
	if p, err := prepare(sweep.Options{FeeRate: 1000}); err != nil || p.Fee != 110 {
		t.Errorf("a rate of one's own: %v, %v", p.Fee, err)
	}
	if _, err := prepare(sweep.Options{FeeRate: 900}); err == nil || !strings.Contains(err.Error(), "1000 at least") {
		t.Errorf("below the floor: %v", err)
	}
	if _, err := prepare(sweep.Options{FeeRate: 2_000_000}); !errors.Is(err, sweep.ErrFee) {
		t.Errorf("an absurd rate: %v", err)
	}
	f.rates = sweep.Rates{}
	if p, err := prepare(sweep.Options{MaxFee: 2000}); err != nil || p.FeeRate != 10_000 {
		t.Errorf("without an estimate: %v, %v", p.FeeRate, err)
	}
	for what, amount := range map[string]coin.Amount{"dust": 1150, "less than nothing": 1} {
		f.outputs, f.made = nil, map[string][]byte{}
		f.pay(scripts[0], 10, amount)
		if _, err := prepare(sweep.Options{MaxFee: 2000}); !errors.Is(err, sweep.ErrNothing) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestAPlanThatWasChangedIsNotSigned(t *testing.T) {
	n, k := cointest.Network(t, "litecoin", "main"), newKey(t)
	scripts := scriptsOf(t, n, k.PublicKey())
	f := newFake(t, scripts)
	f.pay(scripts[0], 10, 1_500_000)
	for name, change := range map[string]func(p *sweep.Plan){
		"the amount":   func(p *sweep.Plan) { p.Transactions[0].Amount-- },
		"the fee":      func(p *sweep.Plan) { p.Transactions[0].Fee++ },
		"no fee":       func(p *sweep.Plan) { p.Transactions[0].Amount += p.Transactions[0].Fee; p.Transactions[0].Fee = 0 },
		"the script":   func(p *sweep.Plan) { p.Transactions[0].Inputs[0].Script = []byte{0x51} },
		"the key":      func(p *sweep.Plan) { p.Public = newKey(t).PublicKey() },
		"the address":  func(p *sweep.Plan) { p.To = coin.Address{} },
		"the size":     func(p *sweep.Plan) { p.Transactions[0].Size = 60 },
		"no id":        func(p *sweep.Plan) { p.Transactions[0].Inputs[0].TxID = strings.Repeat("g", 64) },
		"another coin": func(p *sweep.Plan) { p.Network = cointest.Network(t, "zcash", "main") },
	} {
		p, err := sweep.Prepare(t.Context(), k.PublicKey(), n, someAddress(t, n), f, sweep.Options{})
		if err != nil {
			t.Fatal(err)
		}
		change(&p)
		if _, err := sweep.Sign(p, k); err == nil {
			t.Errorf("%s: signed", name)
		}
	}
	if s := fmt.Sprintf("%+v %#v", k, k); strings.Contains(s, "[") {
		t.Errorf("a key is printed as %s", s)
	}
}
