package model

import (
	"maps"
	"slices"
	"time"

	"github.com/adit-mining/adit/app/manners"
)

// How often Presence is looked at: often while mining, for a game wants the card at
// once.
const (
	lookOften  = 2 * time.Second
	lookRarely = 15 * time.Second
)

func (s State) lookEvery() time.Duration {
	if s.Wanted {
		return lookOften
	}
	return lookRarely
}

// judge asks the rules for each unit's verdict and notes what changes by it.
func (s State) judge() State {
	if len(s.Units) == 0 {
		return s
	}
	signals := manners.Signals{Now: s.Now, Presence: s.Presence, Insists: s.Insists}
	for _, u := range s.Units {
		signals.Devices = append(signals.Devices, u.Device)
	}
	verdicts, memory := s.manners.Judge(s.Settings.Rules, signals)
	s.manners = memory
	_, rested := s.Rests()
	s.Units = slices.Clone(s.Units)
	for i := range s.Units {
		u := &s.Units[i]
		before := u.Verdict
		u.Verdict = verdicts[u.Device.ID]
		s = s.noteHeat(*u, before)
	}
	if !s.Wanted {
		return s
	}
	switch why, rests := s.Rests(); {
	case rests && !rested:
		values := maps.Clone(why.Args)
		if values == nil {
			values = map[string]any{}
		}
		values["Why"] = string(why.Why)
		s = s.note(Rested, values)
	case !rests && rested:
		s = s.note(WentOn, nil)
	}
	return s
}

// noteHeat notes that a device began or ended to rest because of its heat.
func (s State) noteHeat(u Unit, before manners.Verdict) State {
	if !s.Wanted || !s.may(u) {
		return s
	}
	was, is := before.Why == manners.TooHot, u.Verdict.Why == manners.TooHot
	switch {
	case is && !was:
		return s.note(TooHotNow, map[string]any{"Device": u.Device.Name, "Celsius": u.Verdict.Args["Celsius"]})
	case was && !is:
		return s.note(CooledDown, map[string]any{"Device": u.Device.Name})
	}
	return s
}

// may reports whether the unit would mine if the rules let it.
func (s State) may(u Unit) bool {
	return u.Device.Mineable && !s.Settings.IsOff(u.Device.ID) && u.Target.Port.URL != "" && u.Pick.Program != ""
}

// Rests returns the verdict for the weightiest reason that keeps every unit that
// could mine from it, and whether there is one.
func (s State) Rests() (why manners.Verdict, rests bool) {
	order := manners.Whys()
	for _, u := range s.Units {
		if !s.may(u) {
			continue
		}
		if !u.Verdict.Waits() || u.Verdict.Why == manners.Fine {
			return manners.Verdict{}, false
		}
		if !rests || slices.Index(order, u.Verdict.Why) < slices.Index(order, why.Why) {
			why, rests = u.Verdict, true
		}
	}
	return why, rests
}
