package model

import (
	"math"
	"time"

	"github.com/adit-mining/adit/miners/pow"
)

// Meter compares the shares that the pool takes with those that the hashrate
// predicts. Old minutes count less and less, so it speaks of now.
type Meter struct {
	Expected float64 // shares predicted lately
	Got      float64 // shares taken lately
	Drought  float64 // shares predicted since the last one was taken
}

const (
	// memory is after what time a share counts for 1/e.
	memory = 5 * time.Minute
	// fastest is the most shares a second that are predicted. At the tiny
	// difficulties of test networks every hash is a share, and programs and pools
	// rightly send fewer.
	fastest = 0.2
	// longestDrought is how many predicted shares may fail to come: by chance that
	// happens once in e^7, about 1100, waits.
	longestDrought = 7
	// enough is how many predicted shares the ratio is judged from: below half of
	// 20 is a chance of one in a hundred.
	enough = 20
)

// after returns the meter when dt has passed at a hashrate, with shares of
// difficulty d. Without both nothing can be predicted.
func (m Meter) after(dt time.Duration, rate pow.Hashrate, a pow.Algorithm, d pow.Difficulty) Meter {
	if dt <= 0 || rate <= 0 || d <= 0 {
		return m
	}
	fade := math.Exp(-dt.Seconds() / memory.Seconds())
	predicted := dt.Seconds() * min(float64(rate)/a.Hashes(d), fastest)
	m.Expected = m.Expected*fade + predicted
	m.Got *= fade
	m.Drought += predicted
	return m
}

// took returns the meter after the pool took n shares.
func (m Meter) took(n int64) Meter {
	m.Got += float64(n)
	m.Drought = 0
	return m
}

// Earning reports whether shares are taken at about the predicted rate. While too
// little was predicted to tell, it gives the benefit of the doubt.
func (m Meter) Earning() bool {
	return m.Drought < longestDrought && (m.Expected < enough || m.Got >= m.Expected/2)
}
