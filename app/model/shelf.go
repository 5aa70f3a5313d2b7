package model

import (
	"slices"

	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/miners/pow"
)

// Shelf is the mining programs that there are: Adit's own, the one that the user
// named, those of the catalogue. It is a value; nothing in it changes.
type Shelf struct {
	Programs  []Program
	Catalogue bool // a catalogue was read
}

// Program is a mining program of one version.
type Program struct {
	Name       string // of its driver; "builtin" for Adit's own
	Version    string
	Path       string // of the executable file; empty: it must be installed first
	Algorithms []pow.Algorithm
	Closed     bool
	Fee        float64 // what its maker keeps, in percent
	Custom     bool    // the user named it
}

// can reports whether the program computes the algorithm.
func (p Program) can(a pow.Algorithm) bool { return slices.Contains(p.Algorithms, a) }

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
	if u.Device.Kind != hwdetect.CPUKind {
		return nil, NoCatalogue
	}
	for _, p := range s.Shelf.Programs {
		wrong := s.Settings.Miner == settings.BuiltinMiner && p.Name != settings.BuiltinMiner
		if p.can(a) && !wrong {
			fit = append(fit, p.pick())
		}
	}
	if len(fit) == 0 {
		none = NoProgram
	}
	return fit, none
}
