package manners_test

import (
	"maps"
	"reflect"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/manners"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/hwdetect/presence"
)

// guest is a computer that is looked at, in virtual time.
type guest struct {
	now      time.Time
	rules    settings.Rules
	presence presence.Presence
	insists  time.Time
	celsius  map[string]*float64 // by device id: cpu0 and gpu0
	memory   manners.Memory
}

func newGuest() *guest {
	return &guest{
		now:     time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC), // a Wednesday
		rules:   settings.Default().Rules,
		celsius: map[string]*float64{"cpu0": new(50.0), "gpu0": new(50.0)},
	}
}

// after lets time pass and looks.
func (g *guest) after(d time.Duration) map[string]manners.Verdict {
	g.now = g.now.Add(d)
	return g.look()
}

func (g *guest) look() map[string]manners.Verdict {
	verdicts, memory := g.memory.Judge(g.rules, g.signals())
	g.memory = memory
	return verdicts
}

func (g *guest) signals() manners.Signals {
	return manners.Signals{Now: g.now, Presence: g.presence, Insists: g.insists, Devices: []hwdetect.Device{
		{ID: "cpu0", Kind: hwdetect.CPUKind, TemperatureC: g.celsius["cpu0"]},
		{ID: "gpu0", Kind: hwdetect.GPUKind, TemperatureC: g.celsius["gpu0"]},
	}}
}

// until looks each second until the card's verdict is as wanted, and returns how
// long that took.
func (g *guest) until(t *testing.T, limit time.Duration, percent int, why manners.Why) time.Duration {
	t.Helper()
	var v manners.Verdict
	for d := time.Second; d <= limit; d += time.Second {
		if v = g.after(time.Second)["gpu0"]; v.Percent == percent && v.Why == why {
			return d
		}
	}
	t.Fatalf("after %v still %+v, want %d %% %q", limit, v, percent, why)
	return 0
}

func want(t *testing.T, what string, got manners.Verdict, percent int, why manners.Why) {
	t.Helper()
	if got.Percent != percent || got.Why != why {
		t.Errorf("%s: %d %% %q, want %d %% %q", what, got.Percent, got.Why, percent, why)
	}
}

func TestReasonsComeAtOnceAndGoAfterAWhile(t *testing.T) {
	for _, row := range []struct {
		name         string
		cause, ended func(*guest)
		why          manners.Why
		after        time.Duration // from the look at which the cause has gone
	}{
		{"battery", func(g *guest) { g.presence.OnBattery = new(true) }, func(g *guest) { g.presence.OnBattery = new(false) }, manners.Battery, 10 * time.Second},
		{"metered", func(g *guest) { g.presence.Metered = new(true) }, func(g *guest) { g.presence.Metered = new(false) }, manners.Metered, 30 * time.Second},
		{"game", func(g *guest) { g.presence.FullScreen = new("Quake") }, func(g *guest) { g.presence.FullScreen = new("") }, manners.FullScreen, 20 * time.Second},
		{"in use", func(g *guest) { g.rules.InUse = settings.Wait; g.presence.Idle = new(time.Second) }, func(g *guest) { g.presence.Idle = new(5 * time.Minute) }, manners.InUse, 0},
		{"locked", func(g *guest) { g.rules.InUse = settings.Wait; g.presence.Idle = new(time.Second) }, func(g *guest) { g.presence.Locked = new(true) }, manners.InUse, 0},
		{"unknown battery", func(g *guest) { g.presence.OnBattery = new(true) }, func(g *guest) { g.presence.OnBattery = nil }, manners.Battery, 39 * time.Second},
		{"unknown idle", func(g *guest) { g.rules.InUse = settings.Wait; g.presence.Idle = new(time.Second) }, func(g *guest) { g.presence.Idle = nil }, manners.InUse, 29 * time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			g := newGuest()
			want(t, "before", g.look()["gpu0"], 100, manners.Fine)
			row.cause(g)
			for _, v := range g.after(time.Second) {
				want(t, "with the cause", v, 0, row.why)
			}
			g.after(5 * time.Second)
			row.ended(g)
			if row.after > 0 {
				want(t, "just ended", g.after(time.Second)["gpu0"], 0, row.why)
				for d := time.Second; d < row.after; d += time.Second {
					want(t, d.String(), g.after(time.Second)["gpu0"], 0, row.why)
				}
			}
			want(t, "over", g.after(time.Second)["gpu0"], 100, manners.Fine)
		})
	}
}

func TestACauseThatComesAndGoesHoldsAllTheTime(t *testing.T) {
	g := newGuest()
	for i := range 100 {
		g.presence.OnBattery = new(i%2 == 0)
		want(t, "loose plug", g.after(3 * time.Second)["cpu0"], 0, manners.Battery)
	}
}

func TestRulesThatAllowItAreHeededAtOnce(t *testing.T) {
	g := newGuest()
	g.presence = presence.Presence{OnBattery: new(true), Metered: new(true), FullScreen: new("film"), Idle: new(time.Duration(0))}
	want(t, "all of them", g.look()["cpu0"], 0, manners.Battery)
	g.rules.OnBattery = true
	want(t, "battery allowed", g.after(time.Second)["cpu0"], 0, manners.Metered)
	g.rules.Metered = true
	v := g.after(time.Second)["cpu0"]
	want(t, "metered allowed", v, 0, manners.FullScreen)
	if v.Args["Program"] != "film" {
		t.Errorf("the program is %v", v.Args)
	}
	g.rules.FullScreen = true
	want(t, "all allowed", g.after(time.Second)["cpu0"], 100, manners.Fine)
}

func TestUnknownStopsNothing(t *testing.T) {
	g := newGuest()
	g.rules.InUse = settings.Wait
	g.celsius = nil
	for range 100 {
		for id, v := range g.after(5 * time.Second) {
			want(t, id, v, 100, manners.Fine)
		}
	}
}

func TestSlowerLeavesTheProcessorAQuarterAndStopsTheCard(t *testing.T) {
	g := newGuest()
	g.rules.InUse = settings.Slower
	g.presence.Idle = new(time.Second)
	got := g.look()
	want(t, "processor", got["cpu0"], 25, manners.Shared)
	want(t, "card", got["gpu0"], 0, manners.InUse)
	if got["gpu0"].Args["Minutes"] != 5 {
		t.Errorf("args %v", got["gpu0"].Args)
	}
	g.presence.Idle = new(5 * time.Minute)
	for id, v := range g.after(time.Second) {
		want(t, id, v, 100, manners.Fine)
	}
}

func TestALockScreenIsNoGame(t *testing.T) {
	g := newGuest()
	g.presence.FullScreen, g.presence.Locked = new("gnome-shell"), new(true)
	want(t, "locked", g.look()["cpu0"], 100, manners.Fine)
	g.presence.Locked = new(false)
	want(t, "unlocked", g.after(time.Second)["cpu0"], 0, manners.FullScreen)
}

func TestNothingStartsOnWhatWasKnownBeforeTheSleep(t *testing.T) {
	g := newGuest()
	g.look()
	want(t, "no sleep", g.after(30 * time.Second)["cpu0"], 100, manners.Fine)
	for id, v := range g.after(31 * time.Second) {
		want(t, id, v, 0, manners.Asleep)
	}
	want(t, "next look", g.after(time.Second)["cpu0"], 100, manners.Fine)
}

func TestAManualStartHoldsUntilTheReasonHasGoneOnce(t *testing.T) {
	g := newGuest()
	g.rules.InUse = settings.Wait
	g.presence.Idle, g.presence.OnBattery = new(time.Second), new(true)
	want(t, "both", g.look()["cpu0"], 0, manners.Battery)
	g.insists = g.now
	for range 20 {
		want(t, "insisted", g.after(10 * time.Second)["cpu0"], 100, manners.Fine)
	}
	g.presence.FullScreen = new("game")
	want(t, "a reason that was not there", g.after(time.Second)["cpu0"], 0, manners.FullScreen)
	g.presence.FullScreen = new("")
	g.presence.Idle = new(6 * time.Minute)
	g.after(time.Second)
	g.after(20 * time.Second)
	g.presence.Idle = new(time.Second)
	want(t, "back at the keyboard", g.after(time.Second)["cpu0"], 0, manners.InUse)
	g.rules.InUse = settings.GoOn
	want(t, "the battery is still overridden", g.after(time.Second)["cpu0"], 100, manners.Fine)
	g.insists = time.Time{}
	want(t, "the rules hold again", g.after(time.Second)["cpu0"], 0, manners.Battery)
}

func TestAManualStartDoesNotOverrideHeat(t *testing.T) {
	g := newGuest()
	g.celsius["gpu0"] = new(86.0)
	want(t, "hot", g.look()["gpu0"], 0, manners.TooHot)
	g.insists = g.now
	got := g.after(time.Second)
	want(t, "insisted", got["gpu0"], 0, manners.TooHot)
	want(t, "the processor", got["cpu0"], 100, manners.Fine)
}

func TestJudgeIsPure(t *testing.T) {
	g := newGuest()
	g.celsius["gpu0"] = new(79.0)
	g.look()
	old := g.memory
	first, _ := old.Judge(g.rules, g.signals())
	g.celsius["gpu0"] = new(90.0)
	for range 5 {
		g.after(40 * time.Second)
	}
	g.now, g.celsius["gpu0"] = newGuest().now, new(79.0)
	again, _ := old.Judge(g.rules, g.signals())
	if !maps.EqualFunc(first, again, func(a, b manners.Verdict) bool { return reflect.DeepEqual(a, b) }) {
		t.Errorf("the same memory said %v, then %v", first, again)
	}
}
