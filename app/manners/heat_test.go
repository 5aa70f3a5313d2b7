package manners_test

import (
	"math"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/manners"
)

// The card's limit in these tests is the default, 80.

func TestAWarmCardWorksLessStepByStep(t *testing.T) {
	g := newGuest()
	g.celsius["gpu0"] = new(74.9)
	want(t, "below", g.look()["gpu0"], 100, manners.Fine)
	g.celsius["gpu0"] = new(75.2)
	v := g.after(time.Second)["gpu0"]
	want(t, "near", v, 75, manners.Hot)
	if v.Args["Celsius"] != 75 || v.Args["Limit"] != 80 {
		t.Errorf("args %v", v.Args)
	}
	want(t, "29 s later", g.after(29 * time.Second)["gpu0"], 75, manners.Hot)
	want(t, "30 s later", g.after(time.Second)["gpu0"], 50, manners.Hot)
	g.celsius["gpu0"] = new(75.1)
	want(t, "falling", g.after(30 * time.Second)["gpu0"], 50, manners.Hot)
	want(t, "staying", g.after(30 * time.Second)["gpu0"], 25, manners.Hot)
	want(t, "never less than a quarter", g.after(30 * time.Second)["gpu0"], 25, manners.Hot)
	g.celsius["gpu0"] = new(71.0)
	want(t, "cooler, but soon", g.after(10 * time.Second)["gpu0"], 25, manners.Hot)
	if d := g.until(t, time.Hour, 50, manners.Hot); d != 80*time.Second {
		t.Errorf("the first step up came %v after 40 s, want 2 minutes after the last step down", d)
	}
	if d := g.until(t, time.Hour, 75, manners.Hot); d != time.Minute {
		t.Errorf("the second step up came %v later", d)
	}
	g.until(t, time.Minute, 100, manners.Fine)
}

func TestATooHotCardRestsAndComesBackSlowly(t *testing.T) {
	for _, row := range []struct {
		name    string
		celsius []float64
		rests   bool
	}{
		{"at the limit once", []float64{80}, false},
		{"at the limit twice", []float64{80, 80.5}, true},
		{"not in a row", []float64{80, 79, 80, 79}, false},
		{"far above", []float64{85}, true},
		{"a jump is doubted", []float64{40, 90}, false},
		{"a jump is confirmed", []float64{40, 90, 90}, true},
		{"a slip", []float64{40, 90, 41, 41}, false},
		{"nonsense", []float64{40, 255, 255, 255, math.NaN(), math.Inf(1)}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			g := newGuest()
			var v manners.Verdict
			for _, c := range row.celsius {
				g.celsius["gpu0"] = new(c)
				v = g.after(time.Second)["gpu0"]
			}
			if rests := v.Why == manners.TooHot && v.Waits(); rests != row.rests {
				t.Errorf("%+v, want a rest: %v", v, row.rests)
			}
		})
	}
}

func TestARestEndsWhenTheCardIsCool(t *testing.T) {
	g := newGuest()
	g.celsius["gpu0"] = new(86.0)
	want(t, "hot", g.look()["gpu0"], 0, manners.TooHot)
	g.celsius["gpu0"] = new(68.5)
	for range 40 {
		want(t, "not cool enough", g.after(5 * time.Second)["gpu0"], 0, manners.TooHot)
	}
	g.celsius["gpu0"] = new(68.0)
	want(t, "cool", g.after(time.Second)["gpu0"], 50, manners.Hot)
	if d := g.until(t, time.Hour, 75, manners.Hot); d != time.Minute {
		t.Errorf("75 %% after %v, want a minute", d)
	}
	if d := g.until(t, time.Hour, 100, manners.Fine); d != time.Minute {
		t.Errorf("100 %% after %v, want another minute", d)
	}
	g.celsius["gpu0"] = new(90.0)
	want(t, "hot again", g.after(time.Second)["gpu0"], 0, manners.TooHot)
	g.celsius["gpu0"] = new(51.0) // at once: a rest takes a minute all the same
	if d := g.until(t, time.Hour, 50, manners.Hot); d != time.Minute {
		t.Errorf("the rest took %v", d)
	}
}

func TestACardThatHeatsUpInSecondsDoesNotSwing(t *testing.T) {
	g := newGuest()
	var ends []time.Time
	last := 100
	for range 3600 {
		g.celsius["gpu0"] = new(60.0)
		if last > 0 {
			g.celsius["gpu0"] = new(88.0)
		}
		v := g.after(time.Second)["gpu0"]
		if last == 0 && v.Percent > 0 {
			ends = append(ends, g.now)
		}
		last = v.Percent
	}
	if len(ends) < 10 {
		t.Fatalf("%d rests ended in an hour", len(ends))
	}
	for i := 1; i < len(ends); i++ {
		if d := ends[i].Sub(ends[i-1]); d < 2*time.Minute {
			t.Errorf("two rests ended within %v", d)
		}
	}
}

func TestALostSensor(t *testing.T) {
	g := newGuest()
	g.celsius["gpu0"] = new(78.0)
	want(t, "warm", g.look()["gpu0"], 75, manners.Hot)
	g.celsius["gpu0"] = nil
	for range 3 {
		want(t, "just lost", g.after(9 * time.Second)["gpu0"], 75, manners.Hot)
	}
	if d := g.until(t, time.Hour, 100, manners.Fine); d != 93*time.Second {
		t.Errorf("a device whose heat is unknown did all after %v more, want 2 minutes after its step down", d)
	}

	g.celsius["gpu0"] = new(90.0)
	want(t, "hot", g.after(time.Second)["gpu0"], 0, manners.TooHot)
	g.celsius["gpu0"] = nil
	if d := g.until(t, time.Hour, 50, manners.Hot); d != 10*time.Minute {
		t.Errorf("a rest without a sensor took %v, want 10 minutes", d)
	}
	g.until(t, 2*time.Minute, 100, manners.Fine)
}

func TestARestingCardThatIsAwayForAMomentGoesOnResting(t *testing.T) {
	g := newGuest()
	g.celsius["gpu0"] = new(90.0)
	g.look()
	g.now = g.now.Add(time.Second)
	signals := g.signals()
	signals.Devices = signals.Devices[:1]
	_, g.memory = g.memory.Judge(g.rules, signals)
	g.celsius["gpu0"] = new(79.0)
	want(t, "back", g.after(time.Second)["gpu0"], 0, manners.TooHot)
}
