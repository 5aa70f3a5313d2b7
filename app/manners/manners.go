// Package manners decides when mining is welcome on somebody's computer: how hot a
// device may get, and whether battery, metered network, a game, the person at the
// keyboard or the time of day ask it to wait or to take less.
//
// It is pure: Judge takes the rules, what is known of this moment and what it
// remembers of the moments before, and returns a verdict for each device. What is
// unknown never stops mining.
package manners

import (
	"maps"
	"time"

	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/hwdetect/presence"
)

// Verdict is what a device may do now.
type Verdict struct {
	// Percent is how hard it may work: 100 is all that the user's power setting
	// gives, 0 is to wait.
	Percent int
	// Why is the reason that matters most for not having it all; Fine where there
	// is none.
	Why Why
	// Args are the values for the sentence: Celsius, Limit (whole degrees), Program
	// (the one that fills the screen), From (time of day as "22:00"), Minutes.
	Args map[string]any
	// Until is when it is expected to go on, the zero time where nobody knows.
	Until time.Time
}

// Waits reports whether the device may not mine at all.
func (v Verdict) Waits() bool { return v.Percent == 0 }

// Why is a reason to wait or to take less.
type Why string

// The reasons, the weightiest first.
const (
	Fine       Why = ""
	TooHot     Why = "too-hot"     // it rests until it has cooled; Celsius, Limit
	Asleep     Why = "asleep"      // the computer has just woken: nothing is known yet
	Battery    Why = "battery"     // no mains
	Metered    Why = "metered"     // the network is paid by the byte
	FullScreen Why = "full-screen" // a game or a film; Program
	InUse      Why = "in-use"      // somebody is at the computer; Minutes that it must be still
	OffHours   Why = "off-hours"   // outside the allowed times; From
	Hot        Why = "hot"         // near its limit: it works less; Celsius, Limit
	Shared     Why = "shared"      // somebody is at the computer: it works less
)

// Whys lists the reasons.
func Whys() []Why {
	return []Why{TooHot, Asleep, Battery, Metered, FullScreen, InUse, OffHours, Hot, Shared}
}

// Signals is what is known of a moment.
type Signals struct {
	Now      time.Time // in the person's time zone, for the hours
	Presence presence.Presence
	Devices  []hwdetect.Device // with their sensors
	// Insists says since when the user asked for mining though the rules would have
	// it wait: the start button was pressed while it waited. Of battery, metered, full
	// screen, in use and hours it overrides those that were there, each until it has
	// gone once, never the heat. Zero: the rules hold.
	Insists time.Time
}

// Memory is what Judge keeps between moments; the zero value is that of a start.
// It is a value: no two of them share what changes.
type Memory struct {
	at       time.Time       // of the last look
	insisted time.Time       // the last Signals.Insists
	heat     map[string]heat // by device id; cloned before it changes
	calm     calm
}

// nap is how long nobody looked if the computer slept in between.
const nap = 30 * time.Second

// Judge returns the verdict for each of the signals' devices, by its id, and what to
// remember. Each call is a look at the computer, so it belongs after each reading of
// the sensors, and at least every 30 seconds.
func (m Memory) Judge(rules settings.Rules, s Signals) (map[string]Verdict, Memory) {
	woke := m.slept(s.Now)
	m.at = s.Now
	if !woke { // else the signals may be those of before the sleep
		m = m.look(rules, s)
	}
	all := map[string]Verdict{}
	for _, d := range s.Devices {
		asked := []Verdict{m.heat[d.ID].verdict(limit(rules, d.Kind))}
		if woke {
			asked = append(asked, Verdict{Why: Asleep})
		} else {
			asked = append(asked, m.calm.verdicts(rules, s.Now, d.Kind)...)
		}
		all[d.ID] = weightiest(asked)
	}
	return all, m
}

// slept goes by the clock on the wall: the one that Go prefers for spans of time
// stands still in a sleeping computer (CLOCK_MONOTONIC).
func (m Memory) slept(now time.Time) bool {
	return !m.at.IsZero() && now.Round(0).Sub(m.at.Round(0)) > nap
}

func (m Memory) look(rules settings.Rules, s Signals) Memory {
	m.calm = m.calm.look(rules, s, !s.Insists.Equal(m.insisted))
	m.insisted = s.Insists
	seen := make(map[string]heat, len(m.heat)+len(s.Devices))
	maps.Copy(seen, m.heat) // a device that is away for a moment has not cooled by that
	for _, d := range s.Devices {
		seen[d.ID] = seen[d.ID].look(s.Now, d.TemperatureC, limit(rules, d.Kind))
	}
	m.heat = seen
	return m
}

func limit(rules settings.Rules, kind hwdetect.Kind) int {
	if kind == hwdetect.GPUKind {
		return rules.GPUCelsius
	}
	return rules.CPUCelsius
}

// weightiest returns the verdict that leaves least, the first of those.
func weightiest(asked []Verdict) Verdict {
	worst := Verdict{Percent: 100}
	for _, r := range asked {
		if r.Percent < worst.Percent {
			worst = r
		}
	}
	return worst
}
