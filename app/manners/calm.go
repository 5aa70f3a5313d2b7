package manners

import (
	"time"

	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/hwdetect/presence"
)

// calm is what of the computer as a whole asks to wait: a hold for each of the
// reasons below.
type calm [reasons]hold

// The places of the reasons, the weightiest first.
const (
	battery = iota
	metered
	fullScreen
	inUse
	offHours
	reasons
)

// How long a reason holds when its cause has ended, so that a loose plug or a game
// between two levels does not start and stop the programs.
const (
	afterBattery    = 10 * time.Second
	afterMetered    = 30 * time.Second
	afterFullScreen = 20 * time.Second
)

// sharedPercent leaves a quarter of the threads at most, as quiet power does.
const sharedPercent = 25

// hold is one reason to wait.
type hold struct {
	on      bool
	told    time.Time // when its cause was last known
	ended   time.Time // when its cause was first seen gone; zero while it is there
	linger  time.Duration
	waived  bool   // the user insists on mining in spite of it
	program string // the one that fills the screen
}

// look returns c after a look. insists is true where the user said something new on
// whether the rules hold.
func (c calm) look(rules settings.Rules, s Signals, insists bool) calm {
	p := s.Presence
	for reason, now := range [reasons]struct {
		asks   bool // the user's rules heed it
		cause  *bool
		linger time.Duration
	}{
		battery:    {!rules.OnBattery, p.OnBattery, afterBattery},
		metered:    {!rules.Metered, p.Metered, afterMetered},
		fullScreen: {!rules.FullScreen, screenTaken(p), afterFullScreen},
		inUse:      {rules.InUse != settings.GoOn, somebodyThere(p, idleFor(rules)), 0},
		offHours:   {true, new(!open(rules.Hours, s.Now)), 0},
	} {
		if !now.asks {
			c[reason] = hold{}
			continue
		}
		c[reason] = c[reason].look(s.Now, now.cause, now.linger)
		if insists {
			c[reason].waived = c[reason].on && !s.Insists.IsZero()
		}
	}
	if p.FullScreen != nil && *p.FullScreen != "" {
		c[fullScreen].program = *p.FullScreen
	}
	return c
}

// look returns h after a look at its cause. A cause that cannot be told is as it was
// for a while, then gone.
func (h hold) look(now time.Time, cause *bool, linger time.Duration) hold {
	if h.on && cause == nil && now.Sub(h.told) < blindFor {
		return h
	}
	if cause != nil {
		h.told = now
	}
	switch {
	case cause != nil && *cause:
		h.on, h.ended = true, time.Time{}
	case h.on && h.ended.IsZero():
		h.ended = now
	}
	if h.on && !h.ended.IsZero() && now.Sub(h.ended) >= linger {
		return hold{}
	}
	h.linger = linger
	return h
}

// until is when h ends, where that is known.
func (h hold) until() time.Time {
	if h.ended.IsZero() {
		return time.Time{}
	}
	return h.ended.Add(h.linger)
}

// verdicts returns what the reasons leave a device of that kind.
func (c calm) verdicts(rules settings.Rules, now time.Time, kind hwdetect.Kind) []Verdict {
	var all []Verdict
	for reason, h := range c {
		if h.on && !h.waived {
			all = append(all, h.verdict(reason, rules, now, kind))
		}
	}
	return all
}

func (h hold) verdict(reason int, rules settings.Rules, now time.Time, kind hwdetect.Kind) Verdict {
	switch reason {
	case battery:
		return Verdict{Why: Battery, Until: h.until()}
	case metered:
		return Verdict{Why: Metered, Until: h.until()}
	case fullScreen:
		return Verdict{Why: FullScreen, Args: map[string]any{"Program": h.program}, Until: h.until()}
	case inUse:
		if rules.InUse == settings.Slower && kind == hwdetect.CPUKind {
			return Verdict{Percent: sharedPercent, Why: Shared}
		}
		return Verdict{Why: InUse, Args: map[string]any{"Minutes": rules.IdleMinutes}}
	}
	from := opening(rules.Hours, now)
	if from.IsZero() {
		return Verdict{Why: OffHours, Args: map[string]any{"From": ""}}
	}
	return Verdict{Why: OffHours, Args: map[string]any{"From": from.Format(clock)}, Until: from}
}

func idleFor(rules settings.Rules) time.Duration {
	return time.Duration(rules.IdleMinutes) * time.Minute
}

// somebodyThere reports whether somebody uses the computer: not where the screen is
// locked, however short ago its last input was.
func somebodyThere(p presence.Presence, idle time.Duration) *bool {
	switch {
	case p.Locked != nil && *p.Locked:
		return new(false)
	case p.Idle == nil:
		return nil
	}
	return new(*p.Idle < idle)
}

// screenTaken reports whether a program fills the screen for somebody. A lock screen
// does so for nobody, and would else keep a computer from mining when it is free.
func screenTaken(p presence.Presence) *bool {
	switch {
	case p.Locked != nil && *p.Locked:
		return new(false)
	case p.FullScreen == nil:
		return nil
	}
	return new(*p.FullScreen != "")
}
