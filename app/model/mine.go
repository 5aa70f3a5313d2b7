package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/pow"
)

// miningSpec is all that a unit's running program depends on: when it changes, the
// program is stopped and started anew.
type miningSpec struct {
	Program, Version, Path string
	Algorithm              pow.Algorithm
	URL, User              string
	Threads, Intensity     int
	Celsius                int
	epoch, wakes           int
}

// mines returns the mining programs that shall run.
func (e *Engine) mines(s State) (all []task) {
	if !s.Wanted || !s.Key.Ready || !s.Seen || !s.swept || s.Pool.Lost {
		return nil
	}
	for _, u := range s.Units {
		spec, ok := s.miningSpec(u)
		if !ok || u.Verdict.Waits() || u.Trouble.Blocks() {
			continue
		}
		all = append(all, task{taskName{mine, u.Device.ID}, spec, e.mine(u.Device.ID, spec, s.cards(u))})
	}
	return all
}

func (s State) miningSpec(u Unit) (miningSpec, bool) {
	p, found := s.Shelf.find(u.Pick)
	if !found || p.Path == "" || !s.may(u) {
		return miningSpec{}, false
	}
	spec := miningSpec{
		Program: p.Name, Version: p.Version, Path: p.Path, Algorithm: u.Target.Algorithm, URL: u.Target.Port.URL, User: s.User(),
		epoch: u.epoch, wakes: s.wakes,
	}
	if u.Device.Kind == hwdetect.CPUKind {
		spec.Threads = s.Threads()
		return spec, true
	}
	spec.Intensity, spec.Celsius = intensity(u.Verdict.Percent, s.Settings.Power.GPUPercent()), s.Settings.Rules.GPUCelsius
	return spec, true
}

// intensity is how hard a card may work: in steps, for each change starts its
// program anew.
func intensity(verdict, power int) int { return (verdict*power/100 + 12) / 25 * 25 }

// cards returns the unit as mining programs count it; none for a processor.
func (s State) cards(u Unit) []miners.Device {
	if u.Device.Kind == hwdetect.CPUKind {
		return nil
	}
	return cardsOf(s.Machine, u.Device.ID)
}

// ErrNoDriver is that no driver of Adit's knows a program.
var ErrNoDriver = errors.New("no driver for the program")

func (e *Engine) mine(unit string, spec miningSpec, cards []miners.Device) func(context.Context, func(Event)) {
	return func(ctx context.Context, emit func(Event)) {
		emit(MinerGone{unit, e.drive(ctx, unit, spec, cards, emit)})
	}
}

// drive runs a unit's program until ctx is done or it is not worth to go on.
func (e *Engine) drive(ctx context.Context, unit string, spec miningSpec, cards []miners.Device, emit func(Event)) error {
	at := slices.IndexFunc(e.config.Drivers, func(d miners.Driver) bool { return d.Name() == spec.Program })
	if at < 0 {
		return fmt.Errorf("%s: %w: %w", spec.Program, miners.ErrNotStarted, ErrNoDriver)
	}
	if err := e.config.Verify(Program{Name: spec.Program, Version: spec.Version, Path: spec.Path}); err != nil {
		return fmt.Errorf("%s: %w", spec.Path, err)
	}
	plan := miners.Plan{
		Program: spec.Path, Algorithm: spec.Algorithm, URL: spec.URL, User: spec.User, Password: "x",
		Threads: spec.Threads, Devices: cards, Intensity: spec.Intensity, MaxCelsius: spec.Celsius,
	}
	done, err := e.guard(unit, spec.Program)
	if err != nil {
		return err
	}
	defer done()
	err = e.config.Mine(ctx, e.config.Drivers[at], plan, func(ev miners.Event) {
		if out, raw := ev.(miners.Output); raw {
			e.print(unit, out.Line)
			return
		}
		emit(MinerSaid{unit, ev})
	})
	if err != nil {
		return fmt.Errorf("%s: %w", spec.Path, err)
	}
	return nil
}

// guarded is how long a program is watched after its start: what freezes a machine
// does so early.
const guarded = 3 * time.Minute

// guard notes, durably and before it starts, that a program is tried on a unit. done
// is called at its end. Adit's own needs no guard.
func (e *Engine) guard(unit, program string) (done func(), err error) {
	if program == settings.BuiltinMiner {
		return func() {}, nil
	}
	if err := e.config.Guard.Begin(unit, program); err != nil {
		return nil, err
	}
	end := sync.OnceFunc(func() { _ = e.config.Guard.End(unit, program) }) // what stays blames nobody before the next boot
	timer := time.AfterFunc(guarded, end)
	return func() { timer.Stop(); end() }, nil
}

// keptLines is how many lines of a program's output are kept to look at.
const keptLines = 300

// print keeps a line of a unit's program.
func (e *Engine) print(unit, line string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	lines := e.output[unit]
	if len(lines) >= 2*keptLines {
		lines = append(lines[:0], lines[len(lines)-keptLines:]...)
	}
	e.output[unit] = append(lines, line)
}

// Output returns the last lines that the unit's programs printed, without colours
// and secrets. It may be called from any goroutine.
func (e *Engine) Output(unit string) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	lines := e.output[unit]
	return slices.Clone(lines[max(len(lines)-keptLines, 0):])
}

func (e *Engine) outputs() map[string][]string {
	e.mu.Lock()
	units := make([]string, 0, len(e.output))
	for unit := range e.output {
		units = append(units, unit)
	}
	e.mu.Unlock()
	all := map[string][]string{}
	for _, unit := range units {
		all[unit] = e.Output(unit)
	}
	return all
}

// cardsOf returns the card with that id as mining programs count it.
func cardsOf(m hwdetect.Machine, id string) []miners.Device {
	for _, c := range m.Cards() {
		if c.ID == id {
			return []miners.Device{{Vendor: vendorOf(c.Device), Index: c.Index, All: c.All, PCI: c.GPU.PCIAddress}}
		}
	}
	return nil
}

func vendorOf(d hwdetect.Device) miners.GPUVendor {
	switch d.GPU.VendorID {
	case "10de":
		return miners.NVIDIA
	case "1002":
		return miners.AMD
	case "8086":
		return miners.Intel
	}
	return ""
}
