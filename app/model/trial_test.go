package model_test

import (
	"context"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/choice"
	"github.com/adit-mining/adit/miners/install"
)

// TestAnotherProgramIsMeasuredWhileItEarnsAndTheFasterOneStays has two programs on the
// disk: the one that is known to be good, and one that is twice as fast.
func TestAnotherProgramIsMeasuredWhileItEarnsAndTheFasterOneStays(t *testing.T) {
	w := &world{}
	c := w.config(t)
	c.Start = true
	c.Drivers = append(c.Drivers, named("cpuminer-opt"))
	c.Shelf = func(context.Context, settings.Settings) model.Shelf { return measurable() }
	var saved choice.Records
	c.SaveRecords = func(r choice.Records) error {
		saved = r
		return nil
	}
	slow, fast := "", ""
	var atOnce, most int
	c.Mine = func(ctx context.Context, _ miners.Driver, p miners.Plan, on func(miners.Event)) error {
		atOnce++
		most = max(most, atOnce)
		defer func() { atOnce-- }()
		if slow == "" && p.Program != "/opt/adit" {
			slow = p.Program
			fast = map[string]string{"/programs/minerd": "/programs/cpuminer-opt", "/programs/cpuminer-opt": "/programs/minerd"}[slow]
		}
		rate := miners.Hashrate{Hashrate: 1000, Device: miners.Whole}
		if p.Program == fast && fast != "" {
			rate.Hashrate = 2000
		}
		on(miners.Started{PID: 1})
		on(miners.Connected{})
		for ctx.Err() == nil {
			on(rate)
			w.shares.Add(1)
			on(miners.Accepted{N: 1})
			time.Sleep(time.Second)
		}
		on(miners.Ended{})
		return nil
	}
	w.run(t, c, func(_ func(model.Event), state func() model.State) {
		var measured bool
		for range 60 { // minutes
			time.Sleep(time.Minute)
			s := state()
			if s.Phase() != model.Mining {
				t.Fatalf("while it measures: %s", s.Phase())
			}
			measured = measured || s.Units[0].Pick.Measuring
		}
		s := state()
		if !measured || !happened(s, model.ProgramMeasured) {
			t.Fatalf("nothing was measured; history %v, records %+v", s.History, s.Records)
		}
		if got := "/programs/" + s.Units[0].Pick.Program; got != fast {
			t.Errorf("it stays with %s, which is half as fast", got)
		}
		if len(saved.Results) != 2 {
			t.Errorf("%d results are saved, want one of each program", len(saved.Results))
		}
		if most != 1 {
			t.Errorf("%d programs at once on a device", most)
		}
	})
}

// TestMeasuringStopsForTheUser abandons a measurement at once.
func TestMeasuringStopsForTheUser(t *testing.T) {
	still := time.Hour
	moving := time.Second
	s := live(first(), opened, seen, answered, model.Start{}, started, letIn, hashing, taken)
	s = s.After(model.ShelfSeen{Shelf: measurable()})
	s.Presence.Idle = &still
	for range 60 * 12 {
		s = live(s, later(5), hashing, taken)
		if s.Units[0].Pick.Measuring {
			break
		}
		s.Presence.Idle = &still
	}
	if !s.Units[0].Pick.Measuring {
		t.Fatalf("nothing is measured in an hour of calm; pick %+v", s.Units[0].Pick)
	}
	p := s.Presence
	p.Idle = &moving
	s = live(s, model.PresenceSeen{Presence: p}, later(1))
	if s.Units[0].Pick.Measuring {
		t.Error("it goes on measuring while somebody uses the computer")
	}
}

// measurable is a shelf with two programs on the disk.
func measurable() model.Shelf {
	shelf := two("/programs/minerd")
	shelf.Programs = append(shelf.Programs, model.Program{Name: "cpuminer-opt", Version: "26", Path: "/programs/cpuminer-opt"})
	shelf.Catalogue = append(shelf.Catalogue, listed("cpuminer-opt", "26", install.CPU))
	return shelf
}

// TestWhatIsToBeMeasuredIsFetchedOnce has the second program in the catalogue only.
func TestWhatIsToBeMeasuredIsFetchedOnce(t *testing.T) {
	w := &world{}
	c := w.config(t)
	c.Start = true
	c.Drivers = append(c.Drivers, named("cpuminer-opt"))
	shelf := measurable()
	last := len(shelf.Programs) - 1
	first, late := "minerd", "cpuminer-opt"
	for i, p := range shelf.Programs {
		if p.Name == "minerd" || p.Name == "cpuminer-opt" {
			shelf.Programs[i].Path = "/programs/" + p.Name
		}
	}
	shelf.Programs[last].Path = ""
	c.Shelf = func(context.Context, settings.Settings) model.Shelf { return shelf }
	var fetched []string
	c.Install = func(ctx context.Context, p install.Program, _ install.Build, _ func(done, size int64)) (string, error) {
		fetched = append(fetched, p.Name)
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(45 * time.Second): // longer than programs are chosen anew
			return "/programs/" + p.Name, nil
		}
	}
	w.run(t, c, func(_ func(model.Event), state func() model.State) {
		var measured bool
		for range 60 {
			time.Sleep(time.Minute)
			s := state()
			measured = measured || s.Units[0].Pick.Measuring
		}
		if !measured || len(fetched) != 1 {
			t.Errorf("measured %v; fetched %v, want %s once, beside %s", measured, fetched, late, first)
		}
	})
}
