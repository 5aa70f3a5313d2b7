package payouts_test

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/wallet/coin"
)

// deal is one reward and what it is dealt out by.
type deal struct {
	reward     coin.Amount
	feePPM     int64
	recipients []ledger.Recipient
	weights    []ledger.AccountWeight
}

func (d deal) split() ([]ledger.Credit, coin.Amount, coin.Amount) {
	return payouts.Split(d.reward, d.feePPM, d.recipients, d.weights)
}

// deals draws rewards, fees, recipients and weights of every size.
var deals = rapid.Custom(func(t *rapid.T) deal {
	const ppm = 1_000_000
	d := deal{reward: coin.Amount(rapid.Int64Min(0).Draw(t, "reward"))}
	left := int64(ppm)
	d.feePPM = rapid.Int64Range(0, left).Draw(t, "fee")
	left -= d.feePPM
	for i := range rapid.IntRange(0, 3).Draw(t, "recipients") {
		if left == 0 {
			break
		}
		part := rapid.Int64Range(1, left).Draw(t, "part")
		left -= part
		d.recipients = append(d.recipients, ledger.Recipient{Account: fmt.Sprint("to", i), PPM: part})
	}
	for i := range rapid.IntRange(0, 20).Draw(t, "accounts") {
		w := rapid.OneOf(rapid.Float64Range(0, 1e12), rapid.Float64Range(0, 1e-6), rapid.SampledFrom([]float64{0, 0.5, 1, 1.0 / 3, math.SmallestNonzeroFloat64})).Draw(t, "difficulty")
		d.weights = append(d.weights, ledger.AccountWeight{Account: fmt.Sprint("miner", i), Difficulty: w, Shares: 1})
	}
	if len(d.weights) > 0 && rapid.Bool().Draw(t, "a recipient mines") {
		d.weights[0].Account = "to0"
	}
	return d
})

// A reward is dealt out to the unit; nothing is below zero, and nobody comes twice.
func TestASplitAddsUpToTheReward(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := deals.Draw(t, "deal")
		credits, fee, dust := d.split()
		sum := new(big.Int).Add(big.NewInt(int64(fee)), big.NewInt(int64(dust)))
		for _, c := range credits {
			if c.Amount <= 0 {
				t.Errorf("%s gets %d", c.Account, c.Amount)
			}
			sum.Add(sum, big.NewInt(int64(c.Amount)))
		}
		if sum.Cmp(big.NewInt(int64(d.reward))) != 0 || fee < 0 || dust < 0 {
			t.Errorf("credits %v, fee %d and dust %d add up to %v", credits, fee, dust, sum)
		}
		if !slices.IsSortedFunc(credits, func(a, b ledger.Credit) int { return cmp.Or(cmp.Compare(a.Account, b.Account), 1) }) {
			t.Errorf("not each account once, in order: %v", credits)
		}
	})
}

// Each part is the exact one, rounded down.
func TestASplitIsTheExactPartRoundedDown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := deals.Draw(t, "deal")
		d.recipients = nil
		credits, fee, _ := d.split()
		got, total := map[string]coin.Amount{}, new(big.Rat)
		for _, c := range credits {
			got[c.Account] = c.Amount
		}
		for _, w := range d.weights {
			total.Add(total, new(big.Rat).SetFloat64(w.Difficulty))
		}
		for _, w := range d.weights {
			if w.Difficulty == 0 {
				continue
			}
			exact := new(big.Rat).SetInt64(int64(d.reward - fee))
			exact.Mul(exact, new(big.Rat).SetFloat64(w.Difficulty)).Quo(exact, total)
			if want := new(big.Int).Quo(exact.Num(), exact.Denom()).Int64(); int64(got[w.Account]) != want {
				t.Errorf("%s gets %d, want %d", w.Account, got[w.Account], want)
			}
		}
	})
}

// Who comes first changes nothing, and more work never brings less.
func TestASplitIsFair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := deals.Draw(t, "deal")
		credits, fee, dust := d.split()
		other := d
		other.weights = rapid.Permutation(d.weights).Draw(t, "order")
		if again, f, rest := other.split(); !slices.Equal(again, credits) || f != fee || rest != dust {
			t.Errorf("in another order: %v, %d, %d; it was %v, %d, %d", again, f, rest, credits, fee, dust)
		}
		if len(d.weights) == 0 {
			return
		}
		of := func(all []ledger.Credit, account string) (sum coin.Amount) {
			for _, c := range all {
				if c.Account == account {
					sum += c.Amount
				}
			}
			return sum
		}
		more := d
		more.weights = slices.Clone(d.weights)
		i := rapid.IntRange(0, len(more.weights)-1).Draw(t, "who")
		more.weights[i].Difficulty += rapid.Float64Range(0, 1e9).Draw(t, "more work")
		busy, _, _ := more.split()
		for j, w := range d.weights {
			was, is := of(credits, w.Account), of(busy, w.Account)
			if j == i && is < was || j != i && is > was {
				t.Errorf("%s did more: %s gets %d, had %d", d.weights[i].Account, w.Account, is, was)
			}
		}
	})
}

// What a transaction brings arrives at accounts to the unit, though several have one
// address; nobody gets less than nothing, or more than left the balance.
func TestWhatArrivesAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gross := map[string]coin.Amount{}
		var asked []ledger.PayoutOutput
		var built []node.Output
		for a := range rapid.IntRange(1, 5).Draw(t, "addresses") {
			address := fmt.Sprint("address", a)
			var total coin.Amount
			for range rapid.IntRange(1, 4).Draw(t, "accounts") {
				o := ledger.PayoutOutput{Account: fmt.Sprint("miner", len(asked)), Address: address, Amount: coin.Amount(rapid.Int64Range(1, 1<<53).Draw(t, "amount"))}
				asked, total = append(asked, o), total+o.Amount
				gross[o.Account] = o.Amount
			}
			fee := coin.Amount(rapid.Int64Range(0, int64(total)-1).Draw(t, "fee"))
			built = append(built, node.Output{Address: address, Amount: total - fee})
		}
		nets, err := payouts.NetsOf(rapid.Permutation(asked).Draw(t, "order"), rapid.Permutation(built).Draw(t, "order"))
		var small *node.TooSmallError
		if errors.As(err, &small) {
			return // nothing would be left of one: it is not sent
		}
		if err != nil || len(nets) != len(asked) {
			t.Fatalf("got %v, %v", nets, err)
		}
		arrived := map[string]coin.Amount{}
		for _, o := range asked {
			if net := nets[o.Account]; net <= 0 || net > gross[o.Account] {
				t.Errorf("%s gets %d of %d", o.Account, net, gross[o.Account])
			}
			arrived[o.Address] += nets[o.Account]
		}
		for _, b := range built {
			if arrived[b.Address] != b.Amount {
				t.Errorf("%s gets %d, its accounts %d", b.Address, b.Amount, arrived[b.Address])
			}
		}
	})
}

// A transaction that pays another address, one address twice or one not at all is not
// what was asked for.
func TestWhatWasNotAskedForIsNoticed(t *testing.T) {
	asked := []ledger.PayoutOutput{{Account: "alice", Address: "a", Amount: 5}, {Account: "bob", Address: "b", Amount: 7}}
	for name, built := range map[string][]node.Output{
		"another address": {{Address: "a", Amount: 5}, {Address: "c", Amount: 7}},
		"twice":           {{Address: "a", Amount: 5}, {Address: "a", Amount: 7}},
		"not at all":      {{Address: "b", Amount: 7}},
	} {
		if nets, err := payouts.NetsOf(asked, built); err == nil {
			t.Errorf("%s: got %v, want an error", name, nets)
		}
	}
}
