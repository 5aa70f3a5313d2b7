package coin_test

import (
	"encoding/json"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/adit-mining/adit/wallet/coin"
)

func TestAmountTextIsExact(t *testing.T) {
	for _, v := range []struct {
		amount coin.Amount
		text   string
	}{
		{0, "0.00000000"},
		{1, "0.00000001"},
		{-1, "-0.00000001"},
		{150000000, "1.50000000"},
		{-150000000, "-1.50000000"},
		{12345678, "0.12345678"},
		{2100000000000000, "21000000.00000000"},
		{math.MaxInt64, "92233720368.54775807"},
	} {
		if got := v.amount.String(); got != v.text {
			t.Errorf("%d as text = %s, want %s", int64(v.amount), got, v.text)
		}
		got, err := coin.ParseAmount(v.text)
		if err != nil || got != v.amount {
			t.Errorf("ParseAmount(%s) = %d, %v, want %d", v.text, int64(got), err, int64(v.amount))
		}
	}
	if got, want := coin.Amount(math.MinInt64).String(), "-92233720368.54775808"; got != want {
		t.Errorf("smallest amount as text = %s, want %s", got, want)
	}
}

func TestParseAmountReadsShortForms(t *testing.T) {
	for text, want := range map[string]coin.Amount{
		"1": 1e8, "0": 0, "-0": 0, "1.5": 150000000, "007": 7e8, "0.1": 10000000,
	} {
		got, err := coin.ParseAmount(text)
		if err != nil || got != want {
			t.Errorf("ParseAmount(%s) = %v, %v, want %v", text, got, err, want)
		}
	}
}

func TestParseAmountRefusesWhatItCannotReadExactly(t *testing.T) {
	for _, text := range []string{
		"", "-", ".", "1.", ".5", "1.123456789", "1e3", "+1", "--1", "1,5", "1 ", " 1", "0x1", "1.5.5", "1.-5",
		"NaN", "Inf", "١", "92233720368.54775808", "-92233720368.54775808", "184467440737.09551616",
		"99999999999999999999999999999999999999999999999999999999999999999999999999",
	} {
		if got, err := coin.ParseAmount(text); err == nil {
			t.Errorf("ParseAmount(%q) = %v, want an error", text, got)
		}
	}
}

func TestAmountsInJSONAreDecimalText(t *testing.T) {
	type payout struct{ Amount coin.Amount }
	data, err := json.Marshal(payout{1250000000})
	if err != nil || string(data) != `{"Amount":"12.50000000"}` {
		t.Errorf("JSON = %s, %v", data, err)
	}
	var back payout
	if err := json.Unmarshal(data, &back); err != nil || back.Amount != 1250000000 {
		t.Errorf("read back %v, %v", back.Amount, err)
	}
	if err := json.Unmarshal([]byte(`{"Amount":12.5}`), &back); err == nil {
		t.Errorf("a JSON number is taken for %v; nobody knows whether it counts coins or units", back.Amount)
	}
}

func TestAmountsOfCoinsWithAnotherUnit(t *testing.T) {
	for id, want := range map[string]string{"peercoin": "1.500000", "ecash": "15000.00", "litecoin": "0.01500000"} {
		c, err := coin.Lookup(id)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.FormatAmount(1500000); got != want {
			t.Errorf("1500000 units of %s = %s, want %s", id, got, want)
		}
		if got, err := c.ParseAmount(want); err != nil || got != 1500000 {
			t.Errorf("%s.ParseAmount(%s) = %d, %v", id, want, int64(got), err)
		}
	}
}

// TestSplitLosesNothing checks against big rationals that parts and rest add up and
// that each part is its share rounded down.
func TestSplitLosesNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		a := coin.Amount(random.Int64N(math.MaxInt64))
		weights := make([]uint64, 1+random.IntN(12))
		total := new(big.Int)
		for i := range weights {
			weights[i] = random.Uint64() >> random.IntN(64)
			total.Add(total, new(big.Int).SetUint64(weights[i]))
		}
		parts, rest := a.Split(weights)
		sum := rest
		for i, part := range parts {
			sum += part
			want := new(big.Int).SetUint64(weights[i])
			want.Mul(want, big.NewInt(int64(a)))
			if total.Sign() > 0 && want.Quo(want, total).Int64() != int64(part) {
				t.Fatalf("Split(%d, %v): part %d = %d, want %v", a, weights, i, int64(part), want)
			}
		}
		if sum != a || rest < 0 || total.Sign() > 0 && rest >= coin.Amount(len(weights)) {
			t.Fatalf("Split(%d, %v) = %v and %d: adds up to %d", a, weights, parts, rest, sum)
		}
	}
}

func TestSplitOfNothingAndAmongNobody(t *testing.T) {
	for _, v := range []struct {
		amount  coin.Amount
		weights []uint64
		rest    coin.Amount
	}{
		{100, nil, 100},
		{100, []uint64{0, 0}, 100},
		{0, []uint64{1, 2}, 0},
		{-100, []uint64{1, 2}, -1},
		{math.MaxInt64, []uint64{math.MaxUint64, math.MaxUint64}, 1},
	} {
		parts, rest := v.amount.Split(v.weights)
		sum := rest
		for _, p := range parts {
			sum += p
		}
		if len(parts) != len(v.weights) || rest != v.rest || sum != v.amount {
			t.Errorf("Split(%d, %v) = %v, rest %d, want rest %d", v.amount, v.weights, parts, rest, v.rest)
		}
	}
}

func FuzzParseAmount(f *testing.F) {
	for _, s := range []string{"1.5", "-0.00000001", "92233720368.54775807", ".", "1e9"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := coin.ParseAmount(s)
		if err != nil {
			return
		}
		if b, err := coin.ParseAmount(a.String()); err != nil || a != b {
			t.Errorf("%q is %v, and that is %v, %v", s, a, b, err)
		}
		want, ok := new(big.Rat).SetString(s)
		if !ok || want.Mul(want, big.NewRat(1e8, 1)).Cmp(big.NewRat(int64(a), 1)) != 0 {
			t.Errorf("%q is read as %v", s, a)
		}
	})
}
