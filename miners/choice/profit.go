package choice

import (
	"math"
	"time"

	"github.com/adit-mining/adit/miners/pow"
)

const (
	// leastStay keeps a device at a coin after a switch: each costs shares, and
	// estimates jump about.
	leastStay = 10 * time.Minute
	// freshFor is how old an estimate may be.
	freshFor = 30 * time.Minute
	// clockError is how far the pool's clock may be ahead of ours.
	clockError = 5 * time.Minute
)

// An Income is a coin or switch port that a pool offers, with the pool's estimate of
// what work for it brings. A nil pointer is unknown, and so is a hashrate of 0.
type Income struct {
	ID string // of the coin or port
	// PerHashDay is the estimated income of one hash per second for one day, in the
	// currency that the person counts in.
	PerHashDay *float64
	AsOf       time.Time // when the pool made the estimate

	Hashrate pow.Hashrate // that this computer has been measured to do for it
	Watts    *float64     // that the devices take meanwhile
}

// Profit returns what a day of i brings after electricity at a price per kWh. It is
// not ok where any part of that is unknown. A price of 0 leaves electricity out.
func Profit(i Income, pricePerKWh float64, now time.Time) (perDay float64, ok bool) {
	age := now.Sub(i.AsOf)
	if i.PerHashDay == nil || !sound(*i.PerHashDay) || !sound(float64(i.Hashrate)) || i.Hashrate == 0 ||
		!sound(pricePerKWh) || age > freshFor || age < -clockError {
		return 0, false
	}
	perDay = *i.PerHashDay * float64(i.Hashrate)
	if pricePerKWh > 0 {
		if i.Watts == nil || !sound(*i.Watts) {
			return 0, false
		}
		perDay -= *i.Watts / 1000 * 24 * pricePerKWh
	}
	if math.IsInf(perDay, 0) {
		return 0, false
	}
	return perDay, true
}

// sound reports whether v is a number of zero or more.
func sound(v float64) bool { return v >= 0 && !math.IsInf(v, 1) }

// Best returns the place in offers of what to mine. offers are in the pool's order,
// the first is its own suggestion; current is what is mined since a time, or empty.
//
// Where the present choice or all others cannot be valued, nothing changes:
// unknown is not worse. A change wants Margin more, and leastStay since the last.
// It returns -1 where there are no offers.
func Best(offers []Income, current string, since time.Time, pricePerKWh float64, now time.Time) int {
	if len(offers) == 0 {
		return -1
	}
	at, stays := 0, false
	for i, o := range offers {
		if current != "" && o.ID == current {
			at, stays = i, now.Sub(since) < leastStay
			break
		}
	}
	have, ok := Profit(offers[at], pricePerKWh, now)
	if !ok || stays {
		return at
	}
	best, most := at, have+Margin*math.Abs(have)
	for i, o := range offers {
		if p, ok := Profit(o, pricePerKWh, now); ok && i != at && p > most {
			best, most = i, p
		}
	}
	return best
}
