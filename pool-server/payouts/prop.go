package payouts

import (
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/wallet/coin"
)

// ppm is the whole of a fee in parts per million.
const ppm = 1_000_000

// PROP splits a block's reward in proportion to the work that each account did
// in its round. First the pool keeps fee: feePPM parts per million of the
// reward (0 to 1,000,000), rounded down. What an account gets is rounded down to
// the unit, from its exact part: a difficulty counts as the exact binary number
// that it is. What is left is dust, less than a unit for each account; without
// shares it is everything but the fee.
//
// Credits, fee and dust add up to reward. The order of shares does not matter;
// credits come by account name, those of nothing are left out.
func PROP(reward coin.Amount, feePPM int64, shares []ledger.AccountWeight) (credits []ledger.Credit, fee, dust coin.Amount) {
	fee = part(reward, big.NewInt(feePPM), big.NewInt(ppm))
	net := reward - fee
	dust = net

	shares = slices.Clone(shares)
	slices.SortFunc(shares, func(a, b ledger.AccountWeight) int { return strings.Compare(a.Account, b.Account) })
	weights, total := exact(shares)
	for i, s := range shares {
		amount := part(net, weights[i], total)
		if amount == 0 {
			continue
		}
		credits = append(credits, ledger.Credit{Account: s.Account, Amount: amount})
		dust -= amount
	}
	return credits, fee, dust
}

// part returns a*weight/total rounded down, 0 if total is 0.
func part(a coin.Amount, weight, total *big.Int) coin.Amount {
	if total.Sign() == 0 {
		return 0
	}
	p := new(big.Int).Mul(big.NewInt(int64(a)), weight)
	return coin.Amount(p.Quo(p, total).Int64())
}

// exact returns the difficulties as whole numbers in the same proportion, and
// their sum. A difficulty that is no positive number weighs nothing.
func exact(shares []ledger.AccountWeight) (weights []*big.Int, total *big.Int) {
	const mantissa = 53 // bits of a float64
	mantissas, exponents := make([]int64, len(shares)), make([]int, len(shares))
	least := math.MaxInt
	for i, s := range shares {
		if !(s.Difficulty > 0) || math.IsInf(s.Difficulty, 0) {
			continue
		}
		fraction, exponent := math.Frexp(s.Difficulty)
		mantissas[i], exponents[i] = int64(math.Ldexp(fraction, mantissa)), exponent
		least = min(least, exponent)
	}
	total = new(big.Int)
	for i := range shares {
		w := big.NewInt(mantissas[i])
		if mantissas[i] > 0 {
			w.Lsh(w, uint(exponents[i]-least))
		}
		weights = append(weights, w)
		total.Add(total, w)
	}
	return weights, total
}
