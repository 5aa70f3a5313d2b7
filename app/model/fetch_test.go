package model_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/install"
	"github.com/adit-mining/adit/miners/pow"
)

// two is a shelf on which a better program than Adit's own is to be had.
func two(path string) model.Shelf {
	return model.Shelf{
		Programs: []model.Program{
			{Name: "builtin", Path: "/opt/adit", CPU: true, Algorithms: []pow.Algorithm{pow.Scrypt}},
			{Name: "minerd", Version: "2.5.1", Path: path},
		},
		Catalogue: []install.Program{listed("minerd", "2.5.1", install.CPU)},
	}
}

// listed is a program of the catalogue for scrypt on any system.
func listed(name, version string, on install.Hardware) install.Program {
	return install.Program{
		Name: name, Version: version, Licence: "GPL-2.0",
		Algorithms: []install.Algorithm{{Name: pow.Scrypt, Devices: []install.Hardware{on}}},
		Builds:     []install.Build{{Devices: []install.Hardware{on}}},
	}
}

func TestItMinesAtOnceWhileABetterProgramComes(t *testing.T) {
	w := &world{}
	c := w.config(t)
	c.Start = true
	c.Shelf = func(context.Context, settings.Settings) model.Shelf { return two("") }
	var arrive atomic.Value // a channel of the test's bubble
	c.Install = func(ctx context.Context, p install.Program, _ install.Build, progress func(done, size int64)) (string, error) {
		progress(50, 100)
		time.Sleep(time.Second)
		select {
		case err := <-arrive.Load().(chan error):
			return "/programs/" + p.Name, err
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	w.run(t, c, func(_ func(model.Event), state func() model.State) {
		arrival := make(chan error)
		arrive.Store(arrival)
		time.Sleep(5 * time.Second)
		s := state()
		if s.Phase() != model.Mining || s.Units[0].Pick.Program != "builtin" || s.Units[0].Rather.Program != "minerd" {
			t.Fatalf("%s with %+v, rather %+v", s.Phase(), s.Units[0].Pick, s.Units[0].Rather)
		}
		if len(s.Parcels) != 1 || s.Parcels[0].Done != 50 || s.Parcels[0].Size != 100 {
			t.Errorf("parcels = %+v", s.Parcels)
		}
		arrival <- nil
		time.Sleep(10 * time.Second)
		s = state()
		if s.Phase() != model.Mining || s.Units[0].Pick.Program != "minerd" || w.most != 1 {
			t.Errorf("%s with %s, %d at once", s.Phase(), s.Units[0].Pick.Program, w.most)
		}
		if last := w.plans[len(w.plans)-1]; last.Program != "/programs/minerd" {
			t.Errorf("it runs %s", last.Program)
		}
	})
}

func TestADownloadThatFailsIsTriedAgainLaterAndMiningGoesOn(t *testing.T) {
	w := &world{}
	c := w.config(t)
	c.Start = true
	c.Shelf = func(context.Context, settings.Settings) model.Shelf { return two("") }
	var tries atomic.Int32
	c.Install = func(context.Context, install.Program, install.Build, func(done, size int64)) (string, error) {
		tries.Add(1)
		return "", errors.New("no route to host")
	}
	w.run(t, c, func(_ func(model.Event), state func() model.State) {
		time.Sleep(10 * time.Minute)
		if s := state(); s.Phase() != model.Mining || s.Units[0].Pick.Program != "builtin" || s.Parcels[0].Fault.Code == "" {
			t.Errorf("%s with %s, parcels %+v", s.Phase(), s.Units[0].Pick.Program, s.Parcels)
		}
		if n := tries.Load(); n < 3 || n > 5 { // after 0, 1, 3 and 7 minutes
			t.Errorf("%d tries in ten minutes", n)
		}
	})
}

func TestAProgramThatKeepsFailingIsReplacedAndRestsLonger(t *testing.T) {
	w := &world{}
	c := w.config(t)
	c.Start = true
	c.Shelf = func(context.Context, settings.Settings) model.Shelf { return two("/programs/minerd") }
	var tried []time.Time
	start := time.Time{}
	c.Mine = func(ctx context.Context, d miners.Driver, p miners.Plan, on func(miners.Event)) error {
		if p.Program == "/programs/minerd" {
			tried = append(tried, time.Now())
			on(miners.Started{PID: 1})
			on(miners.Ended{Err: miners.ErrEnded})
			return fmt.Errorf("run minerd: %w", miners.ErrGaveUp)
		}
		return w.mine(ctx, d, p, on)
	}
	w.run(t, c, func(_ func(model.Event), state func() model.State) {
		start = time.Now()
		time.Sleep(time.Minute)
		s := state()
		if s.Phase() != model.Mining || s.Units[0].Pick.Program != "builtin" || !happened(s, model.ProgramReplaced) {
			t.Errorf("%s with %s, history %v", s.Phase(), s.Units[0].Pick.Program, s.History)
		}
	})
	if len(tried) != 1 {
		t.Errorf("the broken program was tried %d times in a minute, at %v after %v", len(tried), tried, start)
	}
}

// TestACardThatFailsIsLeftOutAloneAndComesBack has a processor and a card; the card's
// only program fails.
func TestACardThatFailsIsLeftOutAloneAndComesBack(t *testing.T) {
	w := &world{}
	c := w.config(t)
	c.Start = true
	c.Detect = func(context.Context) (hwdetect.Machine, error) {
		m := machine(4)
		m.Devices[1].GPU = &hwdetect.GPU{VendorID: "10de", PCIAddress: "0000:01:00.0", Driver: "nvidia"}
		return m, nil
	}
	shelf := two("/programs/minerd")
	shelf.Programs = append(shelf.Programs, model.Program{Name: "xmrig", Version: "6", Path: "/programs/xmrig"})
	shelf.Catalogue = append(shelf.Catalogue, listed("xmrig", "6", install.NVIDIA))
	c.Shelf = func(context.Context, settings.Settings) model.Shelf { return shelf }
	var cardRuns atomic.Int32
	c.Drivers = append(c.Drivers, named("xmrig"))
	c.Mine = func(ctx context.Context, d miners.Driver, p miners.Plan, on func(miners.Event)) error {
		if len(p.Devices) == 0 {
			return w.mine(ctx, d, p, on)
		}
		if p.Devices[0].PCI != "0000:01:00.0" || p.Devices[0].Vendor != miners.NVIDIA || p.Threads != 0 {
			t.Errorf("plan for the card: %+v", p)
		}
		cardRuns.Add(1)
		on(miners.Started{PID: 2})
		on(miners.Ended{Err: miners.ErrEnded})
		return fmt.Errorf("run xmrig: %w", miners.ErrGaveUp)
	}
	w.run(t, c, func(_ func(model.Event), state func() model.State) {
		time.Sleep(time.Minute)
		s := state()
		if s.Phase() != model.Mining || s.Standing(1) != model.UnitNoProgram || s.Units[1].Pick.None != model.AllFailed || !happened(s, model.DeviceLeftOut) {
			t.Errorf("%s; the card: %s %s", s.Phase(), s.Standing(1), s.Units[1].Pick.None)
		}
		if n := cardRuns.Load(); n != 1 {
			t.Errorf("%d runs on the card in a minute", n)
		}
		time.Sleep(9 * time.Minute)
		state()
		time.Sleep(15 * time.Minute)
		state()
		if n := cardRuns.Load(); n != 2 { // after 0 and 10 minutes; the next is after 30
			t.Errorf("%d runs on the card in 25 minutes, want 2", n)
		}
	})
}

// named is a driver of that name and nothing else.
type named string

func (n named) Name() string              { return string(n) }
func (named) Algorithms() []pow.Algorithm { return []pow.Algorithm{pow.Scrypt} }
func (named) Args(miners.Plan) []string   { return nil }
func (named) NewParser() miners.Parser    { return nil }
