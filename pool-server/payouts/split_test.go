package payouts_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/wallet/coin"
)

func weights(difficulties ...float64) (all []ledger.AccountWeight) {
	for i, d := range difficulties {
		all = append(all, ledger.AccountWeight{Account: fmt.Sprintf("%c", 'a'+i), Difficulty: d, Shares: 1})
	}
	return all
}

func TestSplitIsExact(t *testing.T) {
	for name, c := range map[string]struct {
		reward    coin.Amount
		feePPM    int64
		weights   []float64
		credits   []coin.Amount
		fee, dust coin.Amount
	}{
		"halves":                   {100, 0, []float64{1, 1}, []coin.Amount{50, 50}, 0, 0},
		"thirds leave dust":        {100, 0, []float64{1, 1, 1}, []coin.Amount{33, 33, 33}, 0, 1},
		"one percent":              {1000, 10_000, []float64{1}, []coin.Amount{990}, 10, 0},
		"the fee is rounded down":  {99, 10_000, []float64{1}, []coin.Amount{99}, 0, 0},
		"all of it":                {1000, 1_000_000, []float64{1}, nil, 1000, 0},
		"fractions":                {1005, 0, []float64{60.5, 40}, []coin.Amount{605, 400}, 0, 0},
		"tiny beside huge":         {1 << 62, 0, []float64{math.Ldexp(1, -60), 1}, []coin.Amount{3, 1<<62 - 4}, 0, 1},
		"denormal beside greatest": {1000, 0, []float64{5e-324, math.MaxFloat64}, []coin.Amount{999}, 0, 1},
		"the greatest reward":      {math.MaxInt64, 500_000, []float64{3, 1}, []coin.Amount{3458764513820540928, 1152921504606846976}, 4611686018427387903, 0},
		"nothing to split":         {0, 10_000, []float64{1}, nil, 0, 0},
		"nobody":                   {1000, 10_000, nil, nil, 10, 990},
		"nonsense weighs nothing":  {100, 0, []float64{math.NaN(), -5, math.Inf(1), 0, 2}, []coin.Amount{100}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			credits, fee, dust := payouts.Split(c.reward, c.feePPM, nil, weights(c.weights...))
			var got []coin.Amount
			for _, one := range credits {
				got = append(got, one.Amount)
			}
			if !slices.Equal(got, c.credits) || fee != c.fee || dust != c.dust {
				t.Errorf("got %d, fee %d, dust %d, want %d, %d, %d", got, fee, dust, c.credits, c.fee, c.dust)
			}
		})
	}
}

// Who is a recipient and a miner gets one credit of both; fee and recipients come first.
func TestRecipientsComeBeforeTheMiners(t *testing.T) {
	credits, fee, dust := payouts.Split(1001, 10_000, []ledger.Recipient{{Account: "a", PPM: 100_000}, {Account: "z", PPM: 5_000}}, weights(1, 2))
	want := []ledger.Credit{{Account: "a", Amount: 100 + 295}, {Account: "b", Amount: 590}, {Account: "z", Amount: 5}}
	if !slices.Equal(credits, want) || fee != 10 || dust != 1 {
		t.Errorf("got %v, fee %d, dust %d, want %v, 10, 1", credits, fee, dust, want)
	}
	credits, fee, dust = payouts.Split(1000, 400_000, []ledger.Recipient{{Account: "z", PPM: 600_000}}, weights(1))
	if want := []ledger.Credit{{Account: "z", Amount: 600}}; !slices.Equal(credits, want) || fee != 400 || dust != 0 {
		t.Errorf("nothing left for miners: got %v, fee %d, dust %d", credits, fee, dust)
	}
}

// For any shares: everything adds up, no account gets more than its part or a
// unit less, the order of shares does not matter, and dust is less than a unit
// for each account.
func TestSplitHoldsForAnyShares(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		reward, feePPM := coin.Amount(r.Int64N(1<<uint(1+r.IntN(62)))), r.Int64N(1_000_001)
		shares := make([]ledger.AccountWeight, 1+r.IntN(30))
		total := 0.0
		for i := range shares {
			shares[i] = ledger.AccountWeight{Account: fmt.Sprintf("account%02d", i), Difficulty: math.Exp(40 * (r.Float64() - 0.5))}
			total += shares[i].Difficulty
		}
		credits, fee, dust := payouts.Split(reward, feePPM, nil, shares)
		sum, got := fee+dust, map[string]coin.Amount{}
		for _, c := range credits {
			sum += c.Amount
			got[c.Account] = c.Amount
		}
		if sum != reward || fee < 0 || dust < 0 || dust >= coin.Amount(len(shares)) {
			t.Fatalf("reward %d: sum %d, fee %d, dust %d of %d accounts", reward, sum, fee, dust, len(shares))
		}
		for _, s := range shares {
			want := float64(reward-fee) * (s.Difficulty / total)
			if off := math.Abs(float64(got[s.Account]) - want); off > 1+want*1e-12 {
				t.Fatalf("%s: got %d, want about %v", s.Account, got[s.Account], want)
			}
		}
		r.Shuffle(len(shares), func(i, j int) { shares[i], shares[j] = shares[j], shares[i] })
		if again, _, _ := payouts.Split(reward, feePPM, nil, shares); !slices.Equal(again, credits) {
			t.Fatalf("in another order: got %v, want %v", again, credits)
		}
	}
}

func FuzzSplit(f *testing.F) {
	f.Add(int64(5_000_000_000), int64(10_000), 0.1, 60.5, 1e-9)
	f.Fuzz(func(t *testing.T, reward, feePPM int64, a, b, c float64) {
		if reward < 0 || feePPM < 0 || feePPM > 1_000_000 {
			t.Skip()
		}
		credits, fee, dust := payouts.Split(coin.Amount(reward), feePPM, nil, weights(a, b, c))
		sum := fee + dust
		for _, one := range credits {
			if one.Amount <= 0 {
				t.Errorf("credit of %d", one.Amount)
			}
			sum += one.Amount
		}
		if sum != coin.Amount(reward) || dust < 0 || fee < 0 {
			t.Errorf("got %v, fee %d, dust %d of %d", credits, fee, dust, reward)
		}
	})
}
