package model

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/adit-mining/adit/miners/choice"
	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet/coin"
)

// aim chooses for each unit what to mine and with what, from what is known. What a
// unit mines already it goes on with unless there is a reason.
func (s State) aim() State {
	if !s.Pool.Known || !s.Key.Ready {
		return s
	}
	targets := s.targets()
	s.Units = slices.Clone(s.Units)
	for i := range s.Units {
		u := &s.Units[i]
		if s.trial.of == u.Device.ID && u.Target.ID != "" {
			continue // it is being measured: see trial.go
		}
		chosen := s.choose(*u, targets)
		if chosen.target.ID != u.Target.ID {
			u.since = s.Now
			if u.Miner.Running && u.Target.ID != "" && chosen.target.ID != "" {
				s = s.note(CoinChanged, map[string]any{"Device": u.Device.Name, "Coin": chosen.target.name()})
			}
		}
		rather := u.Rather
		u.Target, u.Pick, u.Rather = chosen.target, chosen.pick, chosen.rather
		switch {
		case u.Rather.Program != "":
		case s.getting(rather):
			u.Rather = rather // what has begun to come comes whole
		case s.trial.fetchFor == u.Device.ID:
			u.Rather = s.trial.fetch
		}
	}
	s.Target = s.mainTarget(targets)
	return s
}

// name is what people call a target.
func (t Target) name() string { return cmp.Or(t.Coin.Name, t.ID) }

// mainTarget returns what most units mine, or would.
func (s State) mainTarget(targets []Target) (best Target) {
	most := 0
	for _, u := range s.Units {
		if u.Target.ID == "" || !u.Device.Mineable || s.Settings.IsOff(u.Device.ID) {
			continue
		}
		n := 0
		for _, o := range s.Units {
			if o.Target.ID == u.Target.ID && !s.Settings.IsOff(o.Device.ID) {
				n++
			}
		}
		if n > most {
			best, most = u.Target, n
		}
	}
	if most == 0 && len(s.Units) > 0 {
		for _, u := range s.Units { // all are off, yet there is something to show
			if u.Target.ID != "" {
				best = u.Target
				break
			}
		}
	}
	for _, t := range targets {
		if t.ID != best.ID && s.canMine(t) {
			best.Choice++
		}
	}
	return best
}

// canMine reports whether some unit has a program for the target.
func (s State) canMine(t Target) bool {
	return slices.ContainsFunc(s.Units, func(u Unit) bool {
		picks, _ := s.picks(u, t)
		return len(picks) > 0
	})
}

// choose picks a unit's target and program: what the user asked for, else what pays
// best by the pool's estimate, else the first that fits, coins that Adit knows
// before others, because for those it can show the address that is paid.
func (s State) choose(u Unit, targets []Target) option {
	if wish := s.Settings.Coin; slices.ContainsFunc(targets, func(t Target) bool { return t.is(wish) }) {
		targets = slices.DeleteFunc(slices.Clone(targets), func(t Target) bool { return !t.is(wish) })
	}
	var none Pick
	var resting Target
	var fit []option
	for _, t := range targets {
		picks, why := s.picks(u, t)
		working := slices.DeleteFunc(slices.Clone(picks), func(p Pick) bool { return s.failedLately(u, p) })
		switch {
		case len(working) > 0:
			fit = append(fit, s.option(t, working))
		case len(picks) > 0 && resting.ID == "":
			resting, none.None = t, AllFailed
		case resting.ID == "":
			none.None = why
		}
	}
	if len(fit) == 0 {
		return option{target: resting, pick: none}
	}
	return s.best(u, fit)
}

// option is something that a unit could do.
type option struct {
	target Target
	pick   Pick
	rather Pick // a better program that is not on the disk yet
}

// option takes the first program that is on the disk, and rather the first of all.
// Where none is, there is none to begin with.
func (s State) option(t Target, picks []Pick) option {
	o := option{target: t, pick: picks[0]}
	for i, p := range picks {
		if have, _ := s.Shelf.find(p); have.Path != "" {
			o.pick = p
			if i > 0 {
				o.rather = picks[0]
			}
			return o
		}
	}
	o.rather = picks[0]
	return o
}

// is reports whether the user's word names t.
func (t Target) is(wish string) bool {
	return wish != "" && (strings.EqualFold(t.ID, wish) || strings.EqualFold(t.Coin.Symbol, wish) && !t.Switch)
}

// best returns the option to take: by profit where all of it is known, with what is
// mined now preferred; else the first whose coin Adit knows.
func (s State) best(u Unit, fit []option) option {
	slices.SortStableFunc(fit, func(a, b option) int { return cmp.Compare(unknownTo(a), unknownTo(b)) })
	offers := make([]choice.Income, len(fit))
	for i, o := range fit {
		offers[i] = s.worth(u, o)
	}
	return fit[max(choice.Best(offers, u.Target.ID, u.since, s.Settings.PricePerKWh, s.Now), 0)]
}

// unknownTo sorts options whose coin Adit does not know behind the others.
func unknownTo(o option) int {
	if o.target.Address == "" {
		return 1
	}
	return 0
}

// worth is what an option brings, as far as known.
func (s State) worth(u Unit, o option) choice.Income {
	income := choice.Income{ID: o.target.ID, Hashrate: s.speed(u, o.pick, o.target), Watts: u.Device.PowerW}
	e := s.estimate(o.target)
	if e == nil {
		return income
	}
	if _, price := s.price(e.Prices); price > 0 {
		perDay := e.PerDay * price
		income.PerHashDay, income.AsOf = &perDay, e.At
	}
	return income
}

// targets returns all that the pool offers and that Adit can reach, in the pool's
// order, switch ports last.
func (s State) targets() (all []Target) {
	for _, c := range s.Pool.Info.Coins {
		if t, ok := target(c.ID, c.Algorithm, c.Ports); ok {
			t.Coin, t.Address = c, address(c, s.Key.Hash)
			all = append(all, t)
		}
	}
	for _, w := range s.Pool.Info.Switches {
		t, ok := target(w.ID, w.Algorithm, w.Ports)
		if !ok {
			continue
		}
		t.Switch = true
		for _, c := range s.Pool.Info.Coins {
			if c.ID == w.Now {
				t.Coin, t.Address = c, address(c, s.Key.Hash)
			}
		}
		all = append(all, t)
	}
	return all
}

// target returns the port to use. One where work is shared comes before one where it is
// not: a newcomer alone would wait for years. Plain comes before encrypted: what a miner
// sends is public, and some programs cannot do better.
func target(id, algorithm string, ports []poolapi.PortInfo) (Target, bool) {
	t := Target{ID: id, Algorithm: pow.Canonical(algorithm)}
	best := -1
	for i, p := range ports {
		if rank(p) < unreachable && (best < 0 || rank(p) < rank(ports[best])) {
			best = i
		}
	}
	if best < 0 {
		return t, false
	}
	t.Port = ports[best]
	if !t.Port.VarDiff {
		t.Difficulty = pow.Difficulty(t.Port.Difficulty)
	}
	return t, id != "" && t.Algorithm != ""
}

// unreachable is the rank of a port that Adit cannot talk to.
const unreachable = 4

// rank orders ports, the best first.
func rank(p poolapi.PortInfo) int {
	n := 0
	switch {
	case strings.HasPrefix(p.URL, "stratum+tcp://"):
	case strings.HasPrefix(p.URL, "stratum+ssl://"):
		n = 1
	default:
		return unreachable
	}
	if p.Solo {
		n += 2
	}
	return n
}

// address returns where payouts go, or "" for a coin that Adit does not know.
func address(c poolapi.CoinInfo, key coin.PubKeyHash) string {
	known, err := coin.Lookup(c.ID)
	if err != nil {
		return ""
	}
	network, err := known.Network(c.Network)
	if err != nil {
		return ""
	}
	return network.PayoutAddress(key).String()
}

// failure is what is remembered of a program that failed on a unit.
type failure struct {
	until time.Time // it is not tried again before
	times int
}

// failedLately reports whether the program of p failed on u and rests still.
func (s State) failedLately(u Unit, p Pick) bool {
	f, ok := u.failures[p.Program]
	return ok && f.until.After(s.Now)
}
