package payouts

import (
	"maps"
	"math"
	"math/big"
	"slices"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/wallet/coin"
)

// ppm is the whole of a fee in parts per million.
const ppm = 1_000_000

// Split deals a block's reward out to those who worked for it. First the pool keeps its
// fee and each recipient gets its part: parts per million of the reward, rounded down,
// which must not be more than the whole together. The rest goes to the accounts in
// proportion to their weights, each part rounded down to the unit from its exact value: a
// difficulty counts as the exact binary number that it is. What is left is dust, less
// than a unit for each account; without weights it is everything but fee and recipients.
//
// Credits, fee and dust add up to reward. The order of weights does not matter; credits
// come by account name, one for each, those of nothing are left out.
func Split(reward coin.Amount, feePPM int64, recipients []ledger.Recipient, weights []ledger.AccountWeight) (credits []ledger.Credit, fee, dust coin.Amount) {
	fee = part(reward, big.NewInt(feePPM), big.NewInt(ppm))
	net := reward - fee
	amounts := map[string]coin.Amount{}
	for _, r := range recipients {
		amount := part(reward, big.NewInt(r.PPM), big.NewInt(ppm))
		amounts[r.Account] += amount
		net -= amount
	}
	dust = net
	numbers, total := exact(weights)
	for i, w := range weights {
		amount := part(net, numbers[i], total)
		amounts[w.Account] += amount
		dust -= amount
	}
	for _, account := range slices.Sorted(maps.Keys(amounts)) {
		if amounts[account] > 0 {
			credits = append(credits, ledger.Credit{Account: account, Amount: amounts[account]})
		}
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
