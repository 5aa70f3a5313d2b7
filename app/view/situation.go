package view

import (
	"time"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
)

// How long figures wait that only creep on. A window drawn anew costs the mining
// processor a twentieth of a second where there is no graphics card, nobody reads a
// speed every second, and who has not touched the computer lately hardly looks.
const (
	lull      = 3 * time.Second
	lullAlone = 10 * time.Second
	alone     = 10 * time.Second // without a touch
)

func lullOf(s model.State) time.Duration {
	if idle := s.Presence.Idle; idle != nil && *idle >= alone {
		return lullAlone
	}
	return lull
}

// situation is all of a state that is to be seen at once when it changes.
type situation struct {
	at       time.Time
	settings settings.Settings
	facts    facts
	units    []model.Standing
}

type facts struct {
	phase       model.Phase
	wanted      bool
	key, seen   bool
	known       bool // the pool
	target      string
	balances    int
	page        model.Page
	invitation  string
	bundle      model.Saved
	lock        model.Key
	checked     time.Time
	checking    bool
	trouble     model.Problem
	measurement time.Time // of the newest sample
}

func situationOf(s model.State) situation {
	f := facts{
		phase: s.Phase(), wanted: s.Wanted, key: s.Key.Ready, seen: s.Seen, known: s.Pool.Known,
		target: s.Target.Port.URL, balances: len(s.Balances), page: s.Page, invitation: s.Invitation, bundle: s.Bundle, lock: s.Key,
		checked: s.Checkup.At, checking: s.Checkup.Busy,
	}
	f.trouble, _ = s.Problem()
	if n := len(s.Samples); n > 0 && n < freshSamples {
		f.measurement = s.Samples[n-1].At
	}
	var units []model.Standing
	for i := range s.Units {
		units = append(units, s.Standing(i))
	}
	return situation{s.Now, s.Settings, f, units}
}

// freshSamples is up to how many samples each is drawn as soon as it is there.
const freshSamples = 10

// calm reports whether s may wait: nothing but figures differs, and those were drawn
// within the lull.
func (o situation) calm(s model.State) bool {
	if o.at.IsZero() || s.Now.Sub(o.at) >= lullOf(s) || s.Now.Before(o.at) || s.Now.Equal(o.at) {
		return false
	}
	n := situationOf(s)
	if len(n.units) != len(o.units) || n.facts != o.facts || !n.settings.Equal(o.settings) {
		return false
	}
	for i := range n.units {
		if n.units[i] != o.units[i] {
			return false
		}
	}
	return true
}
