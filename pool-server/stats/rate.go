package stats

import (
	"math"
	"time"

	"github.com/adit-mining/adit/miners/pow"
)

// Rate is an estimated hashrate with its error bar: with 95 % confidence the real
// one lies between Low and High. The bar is wide after the first share (2 % to
// six times the estimate) and about a tenth each way after 400.
type Rate struct {
	Hashrate  pow.Hashrate
	Low, High pow.Hashrate
}

// Estimate returns the hashrate of one miner that found shares worth work hashes
// in all within a time. square is the sum of the squares of the single shares'
// hashes; it tells how many shares the work rests on when their difficulties
// differ.
func Estimate(work, square float64, within time.Duration) Rate {
	return newFlow(work, square, within).rate()
}

// flow is an estimated rate of work and the variance of the estimate. Flows of
// different miners add.
type flow struct {
	mean     float64 // hashes per second
	variance float64
}

func newFlow(work, square float64, within time.Duration) flow {
	t := max(within, leastTime).Seconds()
	return flow{work / t, square / (t * t)}
}

func (f flow) plus(o flow) flow { return flow{f.mean + o.mean, f.variance + o.variance} }

// rate turns f into an estimate with error bar. Shares are a Poisson process: f is
// as certain as n equal shares, and the exact (Garwood) interval of a count n is
// that of gamma quantiles.
func (f flow) rate() Rate {
	if f.mean <= 0 || f.variance <= 0 {
		return Rate{}
	}
	n := f.mean * f.mean / f.variance
	perShare := f.mean / n
	return Rate{
		Hashrate: pow.Hashrate(f.mean),
		Low:      pow.Hashrate(perShare * gammaQuantile(n, 0.025)),
		High:     pow.Hashrate(perShare * gammaQuantile(n+1, 0.975)),
	}
}

// gammaQuantile returns the p-quantile of the gamma distribution of shape a and
// scale 1, for p of 0.025 or 0.975.
func gammaQuantile(a, p float64) float64 {
	z := 1.959963984540054
	if p < 0.5 {
		z = -z
	}
	// Wilson and Hilferty: the cube root is nearly normal. Within 0.1 % from a = 30 on.
	c := 1 / (9 * a)
	x := a * math.Pow(1-c+z*math.Sqrt(c), 3)
	if a >= 30 {
		return x
	}
	lo, hi := 0.0, a+10*math.Sqrt(a)+10
	for range 60 {
		x = (lo + hi) / 2
		if gammaLower(a, x) < p {
			lo = x
		} else {
			hi = x
		}
	}
	return x
}

// gammaLower is the regularised lower incomplete gamma function by its power
// series, which converges quickly for the small arguments it is used with.
// Abramowitz and Stegun 6.5.29.
func gammaLower(a, x float64) float64 {
	if x <= 0 {
		return 0
	}
	term := 1 / a
	sum := term
	for n := 1.0; term > sum*1e-12 && n < 1000; n++ {
		term *= x / (a + n)
		sum += term
	}
	logGamma, _ := math.Lgamma(a)
	return sum * math.Exp(a*math.Log(x)-x-logGamma)
}
