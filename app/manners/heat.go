package manners

import (
	"math"
	"time"
)

// Degrees Celsius below or above a device's limit.
const (
	warmBelow   = 5  // from here it works less
	calmBelow   = 8  // from here it may work more again
	cooledBelow = 12 // from here a rest may end
	alarmAbove  = 5  // here it rests at once
)

// How fast a device is slowed down and let go again. A rest of a minute, and two
// minutes from one end of a rest to the next, keep it from swinging between hot and
// cold, which wears it more than the heat.
const (
	slowEvery  = 30 * time.Second
	climbEvery = time.Minute
	calmFor    = 2 * time.Minute // without slowing down, before it may work more
	restFor    = time.Minute
	swingOver  = 2 * time.Minute
)

// percentStep is one step of working less, or more.
const percentStep = 25

const (
	// blindFor is how long what was known last holds when it cannot be told.
	blindFor = 30 * time.Second
	// restBlind is how long a device rests whose sensor was lost in a rest.
	restBlind = 10 * time.Minute
	// jump is how far, in degrees, a reading may be from the one before and be
	// believed at once.
	jump = 40
	// coldest and hottest bound what a sensor of a device that works can tell; some
	// say 0 or 255 for "I do not know".
	coldest, hottest = 0, 150
)

// heat is how hot a device was and what that led to. The zero value is a device that
// was never seen: it may do everything.
type heat struct {
	celsius float64   // the last reading that was believed
	read    time.Time // when that was; zero: never
	doubted bool      // the reading after it was too far away
	looks   int       // in a row at the limit or above

	less    int  // percent that it works less
	resting bool // it does not work at all
	lowered time.Time
	raised  time.Time
	resumed time.Time // the end of its last rest
}

// look returns h after a reading of the sensor, nil where there is none.
func (h heat) look(now time.Time, celsius *float64, limit int) heat {
	if celsius == nil || !(*celsius > coldest && *celsius <= hottest) { // not a number is neither
		return h.blind(now)
	}
	if !h.doubted && !h.read.IsZero() && now.Sub(h.read) <= blindFor && math.Abs(*celsius-h.celsius) > jump {
		h.doubted = true
		return h
	}
	rising := h.read.IsZero() || *celsius >= h.celsius
	h.celsius, h.read, h.doubted = *celsius, now, false
	over := h.celsius - float64(limit)
	h.looks++
	if over < 0 {
		h.looks = 0
	}
	switch {
	case h.resting:
		if over <= -cooledBelow && now.Sub(h.lowered) >= restFor && now.Sub(h.resumed) >= swingOver {
			return h.resume(now)
		}
	case over >= alarmAbove || h.looks >= 2:
		h.resting, h.lowered = true, now
	case over >= -warmBelow && rising:
		return h.slow(now)
	case over <= -calmBelow:
		return h.climb(now)
	}
	return h
}

// blind is a look without a reading: what was known holds for a while. After that
// a device that rested goes on resting for long, for its sensor may have died of the
// heat; any other is taken for cool.
func (h heat) blind(now time.Time) heat {
	unknown := now.Sub(h.read)
	switch {
	case h.resting && unknown >= restBlind:
		return h.resume(now)
	case !h.resting && unknown >= blindFor:
		h.looks = 0
		return h.climb(now)
	}
	return h
}

// resume ends a rest, with half of the work.
func (h heat) resume(now time.Time) heat {
	h.resting, h.less, h.looks = false, 2*percentStep, 0
	h.resumed, h.raised = now, now
	return h
}

// slow takes a step down, to a quarter of the work at least.
func (h heat) slow(now time.Time) heat {
	if h.less+percentStep < 100 && now.Sub(h.lowered) >= slowEvery {
		h.less += percentStep
		h.lowered = now
	}
	return h
}

// climb takes a step up.
func (h heat) climb(now time.Time) heat {
	if h.less > 0 && now.Sub(h.raised) >= climbEvery && now.Sub(h.lowered) >= calmFor {
		h.less -= percentStep
		h.raised = now
	}
	return h
}

func (h heat) verdict(limit int) Verdict {
	args := map[string]any{"Celsius": int(math.Round(h.celsius)), "Limit": limit}
	switch {
	case h.resting:
		return Verdict{Percent: 0, Why: TooHot, Args: args}
	case h.less > 0:
		return Verdict{Percent: 100 - h.less, Why: Hot, Args: args}
	}
	return Verdict{Percent: 100}
}
