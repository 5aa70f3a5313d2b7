package manners_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/manners"
	"github.com/adit-mining/adit/app/settings"
)

// A life is a long random sequence of looks at a computer whose card warms up while it
// works, whose sensor fails at times, and whose person comes and goes.
type life struct {
	*guest
	random  *rand.Rand
	ambient float64
	real    float64 // the card's true temperature

	above   int           // looks in a row at which the card worked above the alarm
	calmFor time.Duration // since when nothing asks to wait
	cooled  time.Duration // since when the card is cool and its sensor tells so
	rests   []time.Time   // ends of rests
	steps   map[bool]time.Time
	last    manners.Verdict
	sensor  *float64 // at the last look
}

func TestALongLifeBreaksNoPromise(t *testing.T) {
	for seed := range uint64(15) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			l := &life{guest: newGuest(), random: rand.New(rand.NewPCG(seed, 1)), ambient: 40, real: 40, steps: map[bool]time.Time{}}
			l.rules.InUse = settings.Wait
			l.last = manners.Verdict{Percent: 100}
			for range 5000 {
				l.step(t)
				if t.Failed() {
					return
				}
			}
			if len(l.rests) == 0 && seed == 0 {
				t.Error("the card never had to rest: the test proves nothing")
			}
		})
	}
}

func (l *life) step(t *testing.T) {
	span := time.Second + time.Duration(l.random.IntN(9000))*time.Millisecond
	if l.random.IntN(400) == 0 {
		span = time.Duration(31+l.random.IntN(7200)) * time.Second // sleep
	}
	l.live(span)
	verdicts := l.after(span)
	v := verdicts["gpu0"]
	l.checkHeat(t, v)
	l.checkCauses(t, verdicts, span)
	l.checkBack(t, v, span)
	l.last = v
}

// live changes what the next look sees.
func (l *life) live(span time.Duration) {
	one := func(in int) bool { return l.random.IntN(in) == 0 }
	if one(500) {
		l.ambient = 20 + 50*l.random.Float64()
	}
	goal := l.ambient + 0.45*float64(l.last.Percent)
	share := min(span.Seconds()/30, 1)
	l.real += (goal - l.real) * share
	l.sensor = new(l.real)
	switch {
	case one(60):
		l.sensor = nil
	case one(60):
		l.sensor = new([]float64{0, 255, -1, 5, 3e9}[l.random.IntN(5)])
	}
	l.celsius["gpu0"] = l.sensor
	p := &l.presence
	tri := func(now *bool) *bool {
		switch {
		case one(150):
			return nil
		case one(40):
			return new(one(2))
		}
		return now
	}
	p.OnBattery, p.Metered, p.Locked = tri(p.OnBattery), tri(p.Metered), tri(p.Locked)
	if one(100) {
		p.FullScreen = new([]string{"", "", "game"}[l.random.IntN(3)])
	}
	switch {
	case p.Idle != nil && !one(60):
		p.Idle = new(*p.Idle + span)
	case one(3):
		p.Idle = new(time.Duration(l.random.IntN(10)) * time.Minute)
	}
	switch {
	case one(200):
		l.insists = l.now
	case one(200):
		l.insists = time.Time{}
	}
}

func (l *life) checkHeat(t *testing.T, v manners.Verdict) {
	t.Helper()
	told := l.sensor != nil && *l.sensor == l.real
	if told && l.real >= float64(l.rules.GPUCelsius)+5 && v.Percent > 0 {
		l.above++
	} else {
		l.above = 0
	}
	if l.above > 1 {
		t.Errorf("%v: works at %.1f °C for %d looks", l.now, l.real, l.above)
	}
	if v.Why == manners.TooHot && v.Percent != 0 || v.Why == manners.Hot && (v.Percent < 25 || v.Percent > 75) {
		t.Errorf("%v: %+v", l.now, v)
	}
	if l.last.Why == manners.TooHot && v.Why == manners.Hot {
		if n := len(l.rests); n > 0 && l.now.Sub(l.rests[n-1]) < 2*time.Minute {
			t.Errorf("rests ended at %v and %v", l.rests[n-1], l.now)
		}
		l.rests = append(l.rests, l.now)
	}
	if l.last.Why == manners.Hot && (v.Why == manners.Hot || v.Why == manners.Fine) && v.Percent != l.last.Percent {
		up := v.Percent > l.last.Percent
		if up && l.now.Sub(l.steps[false]) < 2*time.Minute || up && l.now.Sub(l.steps[true]) < time.Minute ||
			!up && l.now.Sub(l.steps[false]) < 30*time.Second {
			t.Errorf("%v: from %d %% to %d %%, after steps %v", l.now, l.last.Percent, v.Percent, l.steps)
		}
		l.steps[up] = l.now
	}
}

// checkCauses holds the verdicts against what asks to wait right now.
func (l *life) checkCauses(t *testing.T, verdicts map[string]manners.Verdict, span time.Duration) {
	t.Helper()
	p := l.presence
	is := func(b *bool) bool { return b != nil && *b }
	asks := is(p.OnBattery) || is(p.Metered) ||
		!is(p.Locked) && p.FullScreen != nil && *p.FullScreen != "" ||
		!is(p.Locked) && p.Idle != nil && *p.Idle < 5*time.Minute
	if l.calmFor += span; asks || span > 30*time.Second {
		l.calmFor = 0
	}
	insistsNew := !l.insists.IsZero() && l.insists.Equal(l.now.Add(-span))
	for id, v := range verdicts {
		switch {
		case asks && l.insists.IsZero() && v.Percent > 0:
			t.Errorf("%v: %s works though %+v", l.now, id, p)
		case l.calmFor > 80*time.Second && v.Waits() && v.Why != manners.TooHot && v.Why != manners.Asleep:
			t.Errorf("%v: %s waits for %s, which is long over", l.now, id, v.Why)
		case insistsNew && v.Why != manners.Fine && v.Why != manners.Hot && v.Why != manners.TooHot && v.Why != manners.Asleep:
			t.Errorf("%v: %s waits for %s though the user insists", l.now, id, v.Why)
		case v.Why == manners.Asleep && span <= 30*time.Second:
			t.Errorf("%v: asleep after %v", l.now, span)
		}
	}
	cpu := verdicts["cpu0"]
	if cpu.Why == manners.TooHot || cpu.Why == manners.Hot {
		t.Errorf("%v: a processor of 50 °C: %+v", l.now, cpu)
	}
}

// checkBack holds that a cool card comes back within a bound.
func (l *life) checkBack(t *testing.T, v manners.Verdict, span time.Duration) {
	t.Helper()
	cool := l.real < float64(l.rules.GPUCelsius)-12 && l.sensor != nil && *l.sensor == l.real
	if l.cooled += span; !cool || span > 30*time.Second {
		l.cooled = 0
	}
	if l.cooled > 3*time.Minute && v.Why == manners.TooHot {
		t.Errorf("%v: rests at %.1f °C", l.now, l.real)
	}
}
