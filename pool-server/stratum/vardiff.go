package stratum

import (
	"fmt"
	"math"
	"time"

	"github.com/adit-mining/adit/miners/pow"
)

// VarDiff says how a session's difficulty follows its miner. Zero fields mean the
// default.
type VarDiff struct {
	ShareEvery time.Duration  // wanted between two shares of a session; default 10 s
	Min        pow.Difficulty // default 1e-9, which a laptop's single core meets at once
	Max        pow.Difficulty // default none
}

// lowestDifficulty is the least that a share may weigh.
const lowestDifficulty pow.Difficulty = 1e-9

// How sure vardiff wants to be. Found with the simulation in vardiff_test.go.
const (
	sure        = 2.6              // standard deviations before the rate of shares counts as wrong
	sureYoung   = 1.6              // the same in the first intervals of a difficulty
	young       = 3                // how many these are
	deadBand    = 1.3              // by how much the rate may be wrong for ever
	memory      = 40               // intervals after which old shares weigh half
	silence     = 7                // intervals without a share that are no chance (p = 0.0009)
	probe       = 0.35             // intervals without any share at all before a lower difficulty is tried
	patient     = 3                // the same, if the difficulty was right before (p = 0.05)
	probeStep   = 30               // by which it is lowered at first
	probeMore   = 3                // by how much more each time after
	enough      = 6                // shares before the difficulty is raised
	plenty      = 12               // the same where they come within a second
	flood       = time.Millisecond // between shares: as fast as links are, and the miner is faster
	floodFactor = 1.5              // by how much about
	atOnce      = 1.9              // a change by this factor does not wait for the next job
)

func (v *VarDiff) fill() {
	orDefault(&v.ShareEvery, 10*time.Second)
	if v.Min == 0 {
		v.Min = lowestDifficulty
	}
	if v.Max == 0 {
		v.Max = math.MaxFloat64
	}
}

func (v *VarDiff) validate() error {
	switch {
	case v.ShareEvery < 100*time.Millisecond:
		return fmt.Errorf("vardiff: share every: want 100ms or more, have %v", v.ShareEvery)
	case !(v.Min >= lowestDifficulty):
		return fmt.Errorf("vardiff: min: want %v or more, have %v", float64(lowestDifficulty), v.Min)
	case !(v.Max >= v.Min):
		return fmt.Errorf("vardiff: max: want at least min, have %v", v.Max)
	}
	return nil
}

// estimator counts a session's shares of one difficulty. Times are since any
// common start. It is pure: whoever owns it tells it what happened when.
type estimator struct {
	since    time.Duration // counting began
	first    time.Duration // first share since
	last     time.Duration // latest share, or since
	count    float64       // shares since, fading
	proven   bool          // the session has had a share, of any difficulty
	probes   int           // difficulties that it got before that
	silent   bool          // the difficulty shall be lowered for silence
	silences int           // times that it was, without a share since
	// expected says that the first difficulty is no guess: the miner had it before.
	expected bool
}

// restart begins to count for a new difficulty.
func (e *estimator) restart(now time.Duration) {
	e.since, e.last, e.count = now, now, 0
	if e.silent {
		e.silent = false
		e.silences++
	}
	if !e.proven {
		e.probes++
	}
}

// share counts a share. Those of an earlier difficulty say only that the miner has
// not gone over yet, so counting has not begun.
func (e *estimator) share(now time.Duration, current bool) {
	e.proven, e.silent, e.silences = true, false, 0
	switch {
	case current:
		if e.count == 0 {
			e.first = now
		}
		e.count++
		e.last = now
	case e.count == 0:
		e.restart(now)
	}
}

// next returns what the difficulty should be, and whether that should wait for the
// next job. It returns current if there is no good reason for a change.
func (v *VarDiff) next(e *estimator, current pow.Difficulty, now time.Duration) (d pow.Difficulty, urgent bool) {
	factor := e.factor(v.ShareEvery, now)
	if factor == 1 {
		return current, false
	}
	d = v.clamp(round(current * pow.Difficulty(factor)))
	change := float64(d / current)
	return d, change >= atOnce || change <= 1/atOnce
}

// factor is by how much the difficulty should change for a share to come every so
// often, 1 if there is no good reason for a change.
//
// Shares are a Poisson process. The difficulty changes when even the edge of the
// confidence interval (Byar's approximation) is outside of the dead band, so few
// shares are enough for a great mistake and many are needed for a small one.
func (e *estimator) factor(every time.Duration, now time.Duration) float64 {
	intervals := func(d time.Duration) float64 { return math.Max(float64(d), 1) / float64(every) }
	wanted := intervals(now - e.since)
	if wanted > memory {
		e.fade(now)
		wanted /= 2
	}
	certain := sure
	if wanted < young {
		certain = sureYoung
	}
	silent := intervals(now - e.last)
	switch {
	case !e.proven && silent < e.patience():
		return 1
	case !e.proven:
		return 1 / (probeStep * math.Pow(probeMore, float64(e.probes-1)))
	case silent >= silence:
		// Who goes on saying nothing is lowered faster each time: to the floor within
		// minutes, whatever it was before.
		e.silent = true
		return math.Pow(silent, -float64(1+e.silences))
	case e.count >= e.least(now) && low(e.count-1, certain) > deadBand*intervals(now-e.first):
		return e.raise(intervals(now-e.first), now)
	case high(e.count, certain)*deadBand < wanted:
		return (e.count + 0.5) / wanted
	}
	return 1
}

// fade lets the older half of the shares count half.
func (e *estimator) fade(now time.Duration) {
	e.since, e.count = now-(now-e.since)/2, e.count/2
	e.first = max(e.first, e.since)
}

// least is how many shares it takes to raise the difficulty. Where they come fast,
// more cost nothing and say more.
func (e *estimator) least(now time.Duration) float64 {
	if now-e.first < time.Second {
		return plenty
	}
	return enough
}

// raise is the factor by which the difficulty is too low, after the shares since the
// first one. What was before that is not looked at: the new difficulty was on its way
// to the miner then, for longer perhaps than all these shares took. Counting stopped
// at a share: one less is without bias.
func (e *estimator) raise(wanted float64, now time.Duration) float64 {
	factor := (e.count - 2) / wanted
	if now-e.first < time.Duration(e.count)*flood {
		factor *= floodFactor
	}
	return factor
}

// patience is for how many intervals the first share of the session may be overdue.
func (e *estimator) patience() float64 {
	if e.expected && e.probes <= 1 {
		return patient
	}
	return probe
}

// low and high are the edges of the confidence interval for n events.
func low(n, sure float64) float64 {
	x := 1 - 1/(9*n) - sure/(3*math.Sqrt(n))
	return n * math.Max(0, x*x*x)
}

func high(n, sure float64) float64 {
	n++
	x := 1 - 1/(9*n) + sure/(3*math.Sqrt(n))
	return n * x * x * x
}

func (v *VarDiff) clamp(d pow.Difficulty) pow.Difficulty {
	return min(max(d, v.Min), v.Max)
}

// round keeps three digits: more would pretend to know more, and some miners
// print all of them.
func round(d pow.Difficulty) pow.Difficulty {
	if d <= 0 || math.IsInf(float64(d), 0) {
		return d
	}
	exponent := math.Floor(math.Log10(float64(d))) - 2
	if exponent < 0 {
		unit := math.Pow(10, -exponent)
		return pow.Difficulty(math.Round(float64(d)*unit) / unit)
	}
	unit := math.Pow(10, exponent)
	return pow.Difficulty(math.Round(float64(d)/unit) * unit)
}
