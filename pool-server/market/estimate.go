// Package market tells what mining is worth. Today that is one figure, what a hash
// per second is expected to bring in a day.
//
// It is pure: no goroutines, no state, no errors; what cannot be told is zero.
package market

import (
	"math"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/wallet/coin"
)

// secondsPerDay is what a rate in hashes per second is multiplied by.
const secondsPerDay = 24 * 60 * 60

// Work is what is mined: a block of the coin, as the network asks for it now.
type Work struct {
	Coin   *coin.Coin
	Target pow.Target  // the network's
	Reward coin.Amount // of the block, fees included
	// FeePercent is what the pool keeps of each block.
	FeePercent float64
}

// PerDay returns what one hash per second is expected to earn in a day, after the
// pool's fee, in whole coins. It is reckoned from the target itself, because a
// difficulty is rounded and its unit differs from algorithm to algorithm.
func (w Work) PerDay() float64 {
	reward := float64(w.Reward) / math.Pow10(w.Coin.Decimals)
	return secondsPerDay / w.Target.Hashes() * reward * (1 - w.FeePercent/100)
}
