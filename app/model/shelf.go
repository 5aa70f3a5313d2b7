package model

import (
	"slices"

	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/choice"
	"github.com/adit-mining/adit/miners/install"
	"github.com/adit-mining/adit/miners/pow"
)

// Shelf is the mining programs that there are: Adit's own, the one that the user
// named, those of the catalogue. It is a value; nothing in it changes.
type Shelf struct {
	Programs  []Program         // all of them
	Catalogue []install.Program // what is known of those that come from the catalogue
	Fault     string            // why there are not more of them; empty where all is well
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

// shelved takes over which programs there are. The first answer is of what is on this
// computer, so that mining need not wait for a catalogue.
func (s State) shelved(ev ShelfSeen) State {
	s.Shelf = ev.Shelf
	if ev.of != (stockSpec{}) {
		s.stocked, s.stockedAt = ev.of, s.Now
	}
	return s.aim()
}

// picks returns what could mine the target on the unit, the best first, or why
// nothing can.
func (s State) picks(u Unit, t Target) (fit []Pick, none NoPick) {
	if p, ok := s.custom(u); ok {
		if p.can(t.Algorithm) {
			return []Pick{p.pick()}, Found
		}
		return nil, NoProgram
	}
	processor := u.Device.Kind == hwdetect.CPUKind
	if !processor && len(s.Shelf.Catalogue) == 0 {
		return nil, NoCatalogue
	}
	none = NoProgram
	if !processor || s.Settings.Miner != settings.BuiltinMiner {
		fit, none = s.catalogued(u, t)
	}
	if own := s.Shelf.Programs; processor && len(own) > 0 && own[0].Name == settings.BuiltinMiner && own[0].can(t.Algorithm) {
		fit = append(fit, own[0].pick()) // slower than others, and always there
	}
	if len(fit) > 0 {
		none = Found
	}
	return fit, none
}

// catalogued returns the catalogue's programs for the target on the unit.
func (s State) catalogued(u Unit, t Target) (fit []Pick, none NoPick) {
	none = NoProgram
	for i, c := range choice.Candidates(s.question(u, t)) {
		pick := Pick{Program: c.Program.Name, Version: c.Program.Version, Closed: !c.Program.Open(), Fee: c.FeePercent}
		if c.Excluded == "" {
			fit = append(fit, pick)
		} else if i == 0 {
			none = noPick(c.Excluded)
		}
	}
	return fit, none
}

// noPick is a reason against a program in the words of a unit.
func noPick(r choice.Reason) NoPick {
	switch r {
	case choice.NeedsConsent:
		return NeedConsent
	case choice.NeedsMemory:
		return NeedMemory
	case choice.DriverTooOld, choice.CardTooOld:
		return NeedDriver
	case choice.FailedLately, choice.FrozeMachine:
		return AllFailed
	}
	return NoProgram
}

// question is what choosing a program for the target on the unit depends on.
func (s State) question(u Unit, t Target) choice.Question {
	q := choice.Question{
		Device: u.Device, OS: s.Machine.OS, Arch: s.Machine.Arch, MainMemory: s.Machine.Memory.Total,
		Algorithm: t.Algorithm, Programs: s.Shelf.Catalogue, Records: s.Records, Now: s.Now,
	}
	if cpu := s.Machine.CPU(); cpu != nil && cpu.CPU != nil {
		q.CPUFeatures = cpu.CPU.Features
	}
	if u.Device.GPU != nil {
		q.ComputeCapability = u.Device.GPU.CUDACapability
	}
	if u.Miner.Running && u.Target.ID == t.ID && !u.Pick.Measuring {
		q.Running = u.Pick.Program
	}
	if s.Settings.Closed {
		q.Consent = map[string]bool{}
		for _, p := range s.Shelf.Catalogue {
			q.Consent[p.Name] = true
		}
	}
	return q
}

// key returns what is remembered of the unit's program under, if it is one of the
// catalogue's.
func (s State) key(u Unit, p Pick) (choice.Key, bool) {
	i := slices.IndexFunc(s.Shelf.Catalogue, func(c install.Program) bool { return c.Name == p.Program && c.Version == p.Version })
	if i < 0 {
		return choice.Key{}, false
	}
	return s.question(u, u.Target).Key(s.Shelf.Catalogue[i]), true
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
