package minerd

import (
	"math"

	"github.com/adit-mining/adit/miners/pow"
)

// memory is after how many seconds of computing a scan counts for 1/e. A share at
// a low difficulty ends a scan after some hundred hashes, and then a moment in which
// the system had other things to do makes kilohashes of megahashes; ten seconds even
// that out and still show a real change before anybody wonders.
const memory = 10.0

// A speed is known after settled seconds of computing; or after many scans, because
// with shares that any hash meets (a pool at war with its difficulty) half a second
// of computing can take a minute.
const (
	settled = 0.5
	many    = 100
)

// speed is a thread's hashes and the seconds that they took, lately. Their quotient
// weighs each scan by its length.
type speed struct {
	hashes, seconds float64
	scans           int
}

// after returns the speed after a scan. A rate of 0, or one that minerd rounded to
// it, tells no length; such a scan counts for nothing.
func (s speed) after(hashes float64, rate pow.Hashrate) speed {
	if hashes <= 0 || rate <= 0 {
		return s
	}
	seconds := hashes / float64(rate)
	fade := math.Exp(-seconds / memory)
	return speed{s.hashes*fade + hashes, s.seconds*fade + seconds, s.scans + 1}
}

func (s speed) known() bool { return s.seconds >= settled || s.scans >= many }

// rate returns the hashrate of a speed that is known.
func (s speed) rate() pow.Hashrate { return pow.Hashrate(s.hashes / s.seconds) }
