package model_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/miners/choice"
	"github.com/adit-mining/adit/miners/pow"
)

// mining is a state in which the processor mines at 1000 H/s.
func mining() model.State {
	return live(first(), opened, seen, answered, model.Start{}, started, letIn, hashing, taken)
}

func TestSamplesTellTheLastHourAndHoursTheLastMonth(t *testing.T) {
	s := live(mining(), later(10*60))
	if n := len(s.Samples); n != 60 {
		t.Errorf("%d samples in ten minutes, want one each ten seconds", n)
	}
	if got := s.Samples[30].Hashrate; math.Abs(float64(got)-1000) > 1 {
		t.Errorf("a sample of %v, want 1000 H/s", got)
	}
	s = live(s, later(3*3600))
	if n := len(s.Samples); n != 360 {
		t.Errorf("%d samples are kept, want an hour's", n)
	}
	if n := len(s.Days); n != 3 { // it began at noon; 12, 13 and 14 o'clock are over
		t.Fatalf("%d hours, want 3", n)
	}
	if h := s.Days[1]; !h.At.Equal(noon.Add(time.Hour)) || math.Abs(float64(h.Hashrate)-1000) > 5 {
		t.Errorf("the second hour is %+v", h)
	}
	if s.Days[0].Accepted != 1 || s.Days[1].Accepted != 0 {
		t.Errorf("shares of the hours: %d, %d", s.Days[0].Accepted, s.Days[1].Accepted)
	}
}

func TestAMonthOfMiningDoesNotGrow(t *testing.T) {
	s := mining()
	for i := range 31 * 24 {
		s.Days = append(s.Days, model.Sample{At: noon.Add(time.Duration(i-31*24) * time.Hour), Hashrate: 1})
	}
	for range 2 * 24 * 60 { // two days more, a look each minute
		s = live(s, model.Tick{Now: s.Now.Add(time.Minute)})
	}
	if len(s.Days) != 31*24 || len(s.Samples) > 360 || len(s.History) > 300 {
		t.Errorf("%d hours, %d samples, %d entries", len(s.Days), len(s.Samples), len(s.History))
	}
	if first := s.Days[0].At; !first.Equal(noon.Add((2-31)*24*time.Hour - time.Hour)) { // the running hour is not among them
		t.Errorf("the oldest hour is %v", first)
	}
}

func TestASleepIsAGapAndStartsTheProgramsAnew(t *testing.T) {
	s := live(mining(), later(60))
	before := len(s.Samples)
	s = live(s, model.Tick{Now: s.Now.Add(8 * time.Hour)})
	if n := len(s.Samples) - before; n != 1 {
		t.Errorf("a night asleep is %d samples", n)
	}
	if !happened(s, model.Woke) {
		t.Errorf("history: %v", s.History)
	}
}

func TestAnHourWithARestartIsOneHour(t *testing.T) {
	s := live(mining(), later(70*60))
	past := model.Past{Days: append([]model.Sample{}, s.Days...)}
	past.Days = append(past.Days, model.Sample{At: noon.Add(time.Hour), Hashrate: 100, Accepted: 3})
	chosen := settings.Default()
	chosen.Pool = poolURL
	again := model.First(noon.Add(75*time.Minute), chosen, nil, past, choice.Records{}).After(stocked).After(model.LeftoversEnded{})
	again = live(again, opened, seen, answered, model.Start{}, started, letIn, hashing, taken, later(50*60))
	last := again.Days[len(again.Days)-1]
	if len(again.Days) != 2 || !last.At.Equal(noon.Add(time.Hour)) || last.Accepted != 4 || last.Hashrate < 800 || last.Hashrate > 900 {
		t.Errorf("hours %+v, want the second in one piece: 100 of before and 750 of three quarters", again.Days)
	}
}

func TestPastThatCannotBeIsLeftOut(t *testing.T) {
	var p model.Past
	text := `{"days":[{"at":"2026-05-01T12:00:00Z","hashrate":-1},{"at":"2026-05-01T13:00:00Z","hashrate":5},{"hashrate":1}],
		"history":[{"at":"2026-05-01T12:00:00Z","what":"paid-out","args":{"Amount":"1.5","Symbol":"LTC"}},{"what":"<b>"}]}`
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatal(err)
	}
	if p = p.Trimmed(); len(p.Days) != 1 || p.Days[0].Hashrate != pow.Hashrate(5) || len(p.History) != 1 {
		t.Errorf("%+v", p)
	}
}
