package model

import (
	"slices"

	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/pow"
)

// Shelf is the mining programs that there are: Adit's own, the one that the user
// named, those of the catalogue. It is a value; nothing in it changes.
type Shelf struct {
	Programs  []Program
	Catalogue bool   // a catalogue was read
	Fault     string // why there are not more of them; empty where all is well
}

// Program is a mining program of one version.
type Program struct {
	Name       string // of its driver; "builtin" for Adit's own
	Version    string
	Path       string // of the executable file; empty: it must be installed first
	Algorithms []pow.Algorithm
	Closed     bool
	Fee        float64 // what its maker keeps, in percent
	Custom     bool    // the user named it: it goes before all others
	Any        bool    // the user says that it computes whatever the pool asks for
	CPU        bool    // it mines on processors
	Cards      []miners.GPUVendor
}

// can reports whether the program computes the algorithm.
func (p Program) can(a pow.Algorithm) bool { return p.Any || slices.Contains(p.Algorithms, a) }

// suits reports whether the program is made for a device.
func (p Program) suits(d hwdetect.Device) bool {
	if d.Kind == hwdetect.CPUKind {
		return p.CPU
	}
	return d.GPU != nil && slices.Contains(p.Cards, vendorOf(d))
}

// pick makes a Pick of a program.
func (p Program) pick() Pick {
	return Pick{Program: p.Name, Version: p.Version, Closed: p.Closed, Fee: p.Fee}
}

// find returns the program of a pick.
func (s Shelf) find(p Pick) (Program, bool) {
	for _, have := range s.Programs {
		if have.Name == p.Program && have.Version == p.Version {
			return have, true
		}
	}
	return Program{}, false
}

// picks returns what could mine the algorithm on the unit, the best first, or why
// nothing can.
func (s State) picks(u Unit, a pow.Algorithm) (fit []Pick, none NoPick) {
	if p, ok := s.custom(u); ok {
		if p.can(a) {
			return []Pick{p.pick()}, Found
		}
		return nil, NoProgram
	}
	if u.Device.Kind != hwdetect.CPUKind && !s.Shelf.Catalogue {
		return nil, NoCatalogue
	}
	for _, p := range s.Shelf.Programs {
		own := s.Settings.Miner == settings.BuiltinMiner && u.Device.Kind == hwdetect.CPUKind && p.Name != settings.BuiltinMiner
		if p.Custom || own || !p.suits(u.Device) || !p.can(a) {
			continue
		}
		if p.Name == settings.BuiltinMiner {
			fit = append(fit, p.pick()) // slower than all others, and always there
			continue
		}
		fit = append([]Pick{p.pick()}, fit...)
	}
	if len(fit) == 0 {
		return nil, NoProgram
	}
	return fit, Found
}

// custom returns the program that the user named, if it is the unit's: the
// processor's, or a card's. Where the computer has no device of the program's kind
// the processor's place is as good as any to run it and see.
func (s State) custom(u Unit) (Program, bool) {
	i := slices.IndexFunc(s.Shelf.Programs, func(p Program) bool { return p.Custom })
	if i < 0 {
		return Program{}, false
	}
	p := s.Shelf.Programs[i]
	any := slices.ContainsFunc(s.Units, func(o Unit) bool { return o.Device.Mineable && p.suits(o.Device) })
	return p, p.suits(u.Device) || !any && u.Device.Kind == hwdetect.CPUKind
}
