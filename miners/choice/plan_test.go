package choice_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/miners/choice"
	"github.com/adit-mining/adit/miners/install"
	"github.com/adit-mining/adit/miners/pow"
)

// steady is a situation in which a measurement of rigel on a card can start.
func steady() choice.Situation {
	q := question(geforce, "kawpow", program("ccminer", 0, "kawpow"), program("minerd", 0, "kawpow"))
	q.Running = "ccminer"
	r := choice.Records{}.WithResult(choice.Result{Key: q.Key(q.Programs[0]), Hashrate: 100, At: today.Add(-time.Hour)})
	return choice.Situation{Now: today, Records: r, SteadySince: today.Add(-10 * time.Minute), Devices: []choice.Question{q}}
}

func TestNextMeasuresAtEaseOnly(t *testing.T) {
	alternative := func(s choice.Situation) choice.Key { return s.Devices[0].Key(s.Devices[0].Programs[1]) }
	for name, c := range map[string]struct {
		edit func(*choice.Situation)
		do   choice.Do
		why  choice.Why
	}{
		"at ease":        {func(*choice.Situation) {}, choice.Start, ""},
		"stopped":        {func(s *choice.Situation) { s.Stopped = true }, choice.Wait, choice.ByUser},
		"on battery":     {func(s *choice.Situation) { s.OnBattery = true }, choice.Wait, choice.ForBattery},
		"somebody there": {func(s *choice.Situation) { s.UserActive = true }, choice.Wait, choice.ForUser},
		"not mining":     {func(s *choice.Situation) { s.SteadySince = time.Time{} }, choice.Wait, choice.NotSteady},
		"just started":   {func(s *choice.Situation) { s.SteadySince = today.Add(-time.Minute) }, choice.Wait, choice.NotSteady},
		"nothing to compare with": {func(s *choice.Situation) { s.Records = choice.Records{} },
			choice.Wait, choice.NothingToDo},
		"nothing runs": {func(s *choice.Situation) { s.Devices[0].Running = "" }, choice.Wait, choice.NothingToDo},
		"measured long ago": {func(s *choice.Situation) {
			s.Records = s.Records.WithResult(choice.Result{Key: alternative(*s), Hashrate: 1, At: today.Add(-300 * 24 * time.Hour)})
		}, choice.Wait, choice.NothingToDo},
		"begun a short while ago": {func(s *choice.Situation) {
			s.Records = s.Records.WithTrial(alternative(*s), today.Add(-20*time.Minute))
		},
			choice.Wait, choice.Resting},
		"begun twice": {func(s *choice.Situation) {
			for range 2 {
				s.Records = s.Records.WithTrial(alternative(*s), today.Add(-time.Hour))
			}
		}, choice.Start, ""},
		"begun in vain too often": {func(s *choice.Situation) {
			for range 3 {
				s.Records = s.Records.WithTrial(alternative(*s), today.Add(-time.Hour))
			}
		}, choice.Wait, choice.NothingToDo},
		"measuring": {func(s *choice.Situation) {
			s.Measuring = &choice.Measurement{Device: geforce.ID, Began: today.Add(-9 * time.Minute)}
		}, choice.Go, ""},
		"measuring, shares are slow": {func(s *choice.Situation) {
			s.SteadySince = time.Time{}
			s.Measuring = &choice.Measurement{Device: geforce.ID, Began: today.Add(-9 * time.Minute)}
		}, choice.Go, ""},
		"time is up": {func(s *choice.Situation) {
			s.Measuring = &choice.Measurement{Device: geforce.ID, Began: today.Add(-10 * time.Minute)}
		}, choice.Finish, ""},
		"stopped meanwhile": {func(s *choice.Situation) {
			s.Stopped, s.Measuring = true, &choice.Measurement{Device: geforce.ID, Began: today.Add(-20 * time.Minute)}
		}, choice.Abandon, choice.ByUser},
		"unplugged meanwhile": {func(s *choice.Situation) {
			s.OnBattery, s.Measuring = true, &choice.Measurement{Device: geforce.ID, Began: today}
		}, choice.Abandon, choice.ForBattery},
		"somebody comes": {func(s *choice.Situation) {
			s.UserActive, s.Measuring = true, &choice.Measurement{Device: geforce.ID, Began: today}
		}, choice.Abandon, choice.ForUser},
		"the device is gone": {func(s *choice.Situation) {
			s.Measuring = &choice.Measurement{Device: "gpu-other", Began: today}
		}, choice.Abandon, choice.DeviceIsGone},
	} {
		s := steady()
		c.edit(&s)
		got := choice.Next(s)
		if got.Do != c.do || got.Why != c.why {
			t.Errorf("%s: %s %s, want %s %s", name, got.Do, got.Why, c.do, c.why)
		}
		if got.Do == choice.Start && (got.Device != geforce.ID || got.Candidate.Program.Name != "minerd") {
			t.Errorf("%s: measure %s on %s", name, got.Candidate.Program.Name, got.Device)
		}
	}
}

// world is a computer on which things happen by chance, in virtual time.
type world struct {
	*rand.Rand
	choice.Situation
	trials map[choice.Key]int
	frozen map[string]bool // device and program
}

func newWorld(seed uint64) *world {
	w := &world{Rand: rand.New(rand.NewPCG(seed, 1)), trials: map[choice.Key]int{}, frozen: map[string]bool{}}
	w.Now = today
	algorithms := []pow.Algorithm{"kawpow", "etchash", "scrypt"}
	for n, d := range []hwdetect.Device{processor, geforce, radeon, arc} {
		a := algorithms[w.IntN(len(algorithms))]
		var programs []install.Program
		for _, name := range []string{"xmrig", "ccminer", "ethminer", "T-Rex", "lolMiner", "kawpowminer"} {
			p := program(name, float64(w.IntN(3)), a)
			p.Algorithms[0].MinMemory = uint64(w.IntN(12)) * gib
			if w.IntN(5) == 0 {
				p.Builds[0].OS = "windows"
			}
			programs = append(programs, p)
		}
		q := question(d, a, programs...)
		q.Device.ID += fmt.Sprint(n)
		q.Height = int64(w.IntN(10_000_000))
		q.Consent["t-rex"] = w.IntN(2) == 0
		w.Devices = append(w.Devices, q)
	}
	return w
}

// advance lets some minutes pass and something happen.
func (w *world) advance() {
	w.Now = w.Now.Add(time.Duration(1+w.IntN(10)) * time.Minute)
	switch w.IntN(12) {
	case 0:
		w.Stopped = !w.Stopped
	case 1:
		w.OnBattery = !w.OnBattery
	case 2:
		w.UserActive = !w.UserActive
	case 3:
		w.SteadySince = time.Time{}
	case 4, 5:
		if w.SteadySince.IsZero() {
			w.SteadySince = w.Now
		}
	case 6:
		if m := w.Measuring; m != nil { // the machine freezes
			w.frozen[m.Device+m.Candidate.Program.Name] = true
			w.Records = w.Records.WithFreeze(choice.Freeze{Device: m.Device, Program: m.Candidate.Program.Name, At: w.Now})
			w.Measuring, w.SteadySince = nil, time.Time{}
		}
	case 7:
		q := w.Devices[w.IntN(len(w.Devices))]
		w.Records = w.Records.WithFailure(q.Key(q.Programs[w.IntN(len(q.Programs))]), w.Now)
	}
}

// run has each device run what Candidates says, and takes down what mines well.
func (w *world) run(t *testing.T) {
	for i := range w.Devices {
		q := &w.Devices[i]
		q.Now, q.Records = w.Now, w.Records
		list := choice.Candidates(*q)
		q.Running = ""
		if len(list) > 0 && list[0].Excluded == "" {
			w.mustFit(t, *q, list[0])
			q.Running = list[0].Program.Name
			if !w.SteadySince.IsZero() {
				w.Records = w.Records.WithResult(choice.Result{Key: q.Key(list[0].Program), Hashrate: pow.Hashrate(1 + w.IntN(100)), At: w.Now})
			}
		}
	}
}

// mustFit checks the promises about a program that is about to run.
func (w *world) mustFit(t *testing.T, q choice.Question, c choice.Candidate) {
	t.Helper()
	memory := q.MainMemory
	if q.Device.GPU != nil {
		memory = q.Device.GPU.Memory
	}
	switch need := max(c.Program.Algorithms[0].MinMemory, choice.Need(q.Algorithm, q.Height)); {
	case w.frozen[q.Device.ID+c.Program.Name]:
		t.Fatalf("%s froze the machine on %s and is run again", c.Program.Name, q.Device.ID)
	case memory < need:
		t.Fatalf("%s needs %d bytes and runs on %s", c.Program.Name, need, q.Device.ID)
	case c.Build.OS != "linux":
		t.Fatalf("%s is for %q", c.Program.Name, c.Build.OS)
	case !c.Program.Open() && !q.Consent[c.Program.Name]:
		t.Fatalf("%s is closed and nobody agreed", c.Program.Name)
	}
}

// step does what Next says.
func (w *world) step(t *testing.T) {
	step := choice.Next(w.Situation)
	calm := !w.Stopped && !w.OnBattery && !w.UserActive
	switch m := w.Measuring; step.Do {
	case choice.Start:
		if m != nil || !calm || w.SteadySince.IsZero() {
			t.Fatalf("a measurement starts with another in progress (%v) or not at ease", m)
		}
		q := w.device(step.Device)
		w.mustFit(t, q, step.Candidate)
		key := q.Key(step.Candidate.Program)
		if w.trials[key]++; w.trials[key] > 3 {
			t.Fatalf("%s is tried a fourth time on %s", key.Program, key.Device)
		}
		if _, measured := w.Records.Result(key); measured {
			t.Fatalf("%s is measured again on %s", key.Program, key.Device)
		}
		w.Records = w.Records.WithTrial(key, w.Now)
		w.Measuring = &choice.Measurement{Device: step.Device, Candidate: step.Candidate, Began: w.Now}
	case choice.Go:
		if !calm || w.Now.Sub(m.Began) >= choice.MeasureFor {
			t.Fatalf("a measurement goes on at %v", w.Now.Sub(m.Began))
		}
	case choice.Finish:
		q := w.device(m.Device)
		w.Records = w.Records.WithResult(choice.Result{Key: q.Key(m.Candidate.Program), Hashrate: pow.Hashrate(1 + w.IntN(100)), At: w.Now})
		w.Measuring = nil
	case choice.Abandon:
		w.Measuring = nil
	case choice.Wait:
		if m != nil {
			t.Fatal("a measurement is forgotten")
		}
	}
}

func (w *world) device(id string) choice.Question {
	for _, q := range w.Devices {
		if q.Device.ID == id {
			return q
		}
	}
	panic("no device " + id)
}

func TestPromisesHoldWhateverHappens(t *testing.T) {
	measured := 0
	for seed := range uint64(20) {
		w := newWorld(seed)
		for range 400 {
			w.advance()
			w.run(t)
			w.step(t)
		}
		measured += len(w.trials)
	}
	if measured < 20 {
		t.Errorf("only %d measurements in all worlds: the model is asleep", measured)
	}
}

// All that may be measured is measured in the end, when nobody disturbs.
func TestEverythingIsMeasuredOnceAtEase(t *testing.T) {
	for seed := range uint64(4) {
		w := newWorld(seed)
		w.SteadySince = w.Now
		for range 400 {
			w.Now = w.Now.Add(5 * time.Minute)
			w.run(t)
			w.step(t)
		}
		for _, q := range w.Devices {
			q.Now, q.Records = w.Now, w.Records
			for _, c := range choice.Candidates(q) {
				if c.Excluded == "" && c.Measured == nil {
					t.Errorf("seed %d: %s was never measured on %s", seed, c.Program.Name, q.Device.ID)
				}
			}
		}
	}
}
