package model

import (
	"slices"
	"time"
)

// Phase is the state in one word.
type Phase string

// The phases, about in the order of a first start.
const (
	Opening   Phase = "opening"   // key and hardware are being looked at
	NoPool    Phase = "no-pool"   // the user has to name a pool
	Joining   Phase = "joining"   // the pool is asked what it offers
	Stopped   Phase = "stopped"   // all is ready for the button
	Preparing Phase = "preparing" // the program starts and connects
	Searching Phase = "searching" // it computes; the pool has taken no share yet
	Mining    Phase = "mining"    // the pool takes shares at the rate that the hashrate predicts
	Faltering Phase = "faltering" // it computes, but the pool takes too few shares
	Waiting   Phase = "waiting"   // the pool is away; mining goes on by itself when it is back
	Resting   Phase = "resting"   // the rules let no unit mine now: see State.Rests
	Stopping  Phase = "stopping"  // the program is asked to leave
	Blocked   Phase = "blocked"   // only the user can help; Problem says how
)

// Phases lists all phases.
func Phases() []Phase {
	return []Phase{Opening, NoPool, Joining, Stopped, Preparing, Searching, Mining, Faltering, Waiting, Resting, Stopping, Blocked}
}

// patience is how long a program may take to get work from a pool before the app
// says that the pool is what it waits for.
const patience = 20 * time.Second

// hush is how long a program may tell no speed and find no share before it is
// doubted. On a busy computer some tell their speed once a minute.
const hush = 2 * time.Minute

// Phase returns the state in one word. It is worked out from the facts, so it
// cannot contradict them.
func (s State) Phase() Phase {
	switch {
	case s.Troubles[fromKey].Blocks() || s.Wanted && s.blocked():
		return Blocked
	case s.anyRunning() && !s.Wanted:
		return Stopping
	case !s.Key.Ready || !s.Seen:
		return Opening
	case s.Settings.Pool == "":
		return NoPool
	case s.Pool.Known && !s.anyMay():
		return Blocked
	case !s.Pool.Known && s.Pool.Failures > 0:
		return Waiting
	case !s.Pool.Known:
		return Joining
	case !s.Wanted:
		return Stopped
	case s.Pool.Lost:
		return Waiting
	}
	if _, rests := s.Rests(); rests && !s.anyRunning() {
		return Resting
	}
	return s.minerPhase()
}

// anyMay reports whether some unit would mine if the rules let it.
func (s State) anyMay() bool { return slices.ContainsFunc(s.Units, s.may) }

// blocked reports whether no unit can go on before the user helps.
func (s State) blocked() bool {
	blocked := false
	for _, u := range s.Units {
		if !u.Device.Mineable || s.Settings.IsOff(u.Device.ID) || u.Target.Port.URL == "" && u.Trouble.Code == "" {
			continue
		}
		if !u.Trouble.Blocks() {
			return false
		}
		blocked = true
	}
	return blocked
}

// minerPhase returns the phase of the unit that has come farthest.
func (s State) minerPhase() Phase {
	best := Preparing
	order := []Phase{Preparing, Waiting, Faltering, Searching, Mining}
	for _, u := range s.Units {
		if p := s.unitPhase(u); s.may(u) && slices.Index(order, p) > slices.Index(order, best) {
			best = p
		}
	}
	return best
}

func (s State) unitPhase(u Unit) Phase {
	m := u.Miner
	switch {
	case !m.Running:
		return Preparing
	case !m.Connected && (m.LastAccepted.After(m.Since) || s.Now.Sub(m.LostAt) > patience || u.Trouble.Code != ""):
		return Waiting
	case !m.Connected || m.Hashrate == 0 && m.LastAccepted.Before(m.Since):
		return Preparing
	case !m.Meter.Earning(), s.audit.disputed, m.Hashrate == 0 && s.Now.Sub(m.LastAccepted) > hush:
		return Faltering
	case m.LastAccepted.Before(m.Since):
		return Searching
	}
	return Mining
}

// MayStart reports whether the button can start mining.
func (s State) MayStart() bool {
	return !s.Wanted && s.Key.Ready && s.Settings.Pool != "" && !s.Troubles[fromKey].Blocks()
}
