package choice

import "time"

const (
	// MeasureFor is how long a program is measured: building a data set and a dozen
	// accepted shares fit into it.
	MeasureFor = 10 * time.Minute
	// steadyFor is how long mining must have gone well before anything is tried.
	steadyFor = 5 * time.Minute
	// rest lies between two measurements, on all devices together.
	rest = 30 * time.Minute
	// mostTrials is how often a measurement is begun that something always ends
	// early; the next version of the program is tried anew.
	mostTrials = 3
)

// A Situation is what deciding on measurements depends on.
type Situation struct {
	Now     time.Time
	Records Records
	// SteadySince is since when everything has mined without trouble, shares being
	// accepted; zero: it does not.
	SteadySince time.Time
	Stopped     bool // the user stopped mining
	OnBattery   bool
	UserActive  bool // somebody uses the computer
	// Devices are those that mine, each with the program that runs on it.
	Devices []Question
	// Measuring is the measurement in progress; nil: none.
	Measuring *Measurement
}

// A Measurement is a program that mines for real on a device, in place of the usual
// one, to be measured.
type Measurement struct {
	Device    string
	Candidate Candidate
	Began     time.Time
}

// A Step is what Next wants done.
type Step struct {
	Do  Do
	Why Why // for Wait and Abandon
	// Device and Candidate are what to start measuring.
	Device    string
	Candidate Candidate
}

// Do is the kind of a Step.
type Do string

// The steps. With Start, the caller notes a trial and sets the Guard, and then runs
// the candidate in place of the device's program. With Finish it takes down the
// result; with Abandon it takes down nothing. After both the device's Candidates
// say what runs.
const (
	Wait    Do = "wait"
	Start   Do = "start"
	Go      Do = "go-on"
	Finish  Do = "finish"
	Abandon Do = "abandon"
)

// Why is the reason of a Step.
type Why string

// The reasons.
const (
	ByUser       Why = "stopped"
	ForBattery   Why = "on-battery"
	ForUser      Why = "user-active"
	NotSteady    Why = "not-steady"    // let mining settle first
	Resting      Why = "resting"       // the last measurement was a short while ago
	NothingToDo  Why = "nothing-to-do" // all is measured that may be
	DeviceIsGone Why = "device-gone"
)

// Next says what to measure. At most one device is measured at a time; each program
// once in each version, at ease, and never one that Candidates excludes.
func Next(s Situation) Step {
	if s.Measuring != nil {
		return s.goOn(*s.Measuring)
	}
	if why := s.inTheWay(); why != "" {
		return Step{Do: Wait, Why: why}
	}
	switch {
	case s.SteadySince.IsZero() || s.Now.Sub(s.SteadySince) < steadyFor:
		return Step{Do: Wait, Why: NotSteady}
	case s.Now.Sub(s.Records.lastTrial()) < rest:
		return Step{Do: Wait, Why: Resting}
	}
	for _, q := range s.Devices {
		q.Now, q.Records = s.Now, s.Records
		if c, ok := q.toMeasure(); ok {
			return Step{Do: Start, Device: q.Device.ID, Candidate: c}
		}
	}
	return Step{Do: Wait, Why: NothingToDo}
}

// goOn judges a measurement in progress. That shares are slow to come is no reason
// to end it: it is what is being measured.
func (s Situation) goOn(m Measurement) Step {
	if why := s.inTheWay(); why != "" {
		return Step{Do: Abandon, Why: why}
	}
	for _, q := range s.Devices {
		if q.Device.ID == m.Device {
			if s.Now.Sub(m.Began) >= MeasureFor {
				return Step{Do: Finish}
			}
			return Step{Do: Go}
		}
	}
	return Step{Do: Abandon, Why: DeviceIsGone}
}

// inTheWay returns why nothing may be measured, whatever mines.
func (s Situation) inTheWay() Why {
	switch {
	case s.Stopped:
		return ByUser
	case s.OnBattery:
		return ForBattery
	case s.UserActive:
		return ForUser
	}
	return ""
}

// toMeasure returns the first program that is worth measuring on q's device. What
// runs there must have a result by then, or there is nothing to compare with.
func (q Question) toMeasure() (Candidate, bool) {
	list := Candidates(q)
	if len(list) == 0 || q.Running == "" {
		return Candidate{}, false
	}
	for _, c := range list {
		if c.Program.Name == q.Running && c.Measured == nil {
			return Candidate{}, false
		}
	}
	for _, c := range list {
		if c.Excluded != "" {
			break
		}
		key := q.Key(c.Program)
		_, measured := q.Records.Result(key)
		if trial, _ := q.Records.trial(key); c.Program.Name != q.Running && !measured && trial.Count < mostTrials {
			return c, true
		}
	}
	return Candidate{}, false
}

// lastTrial returns when a measurement was last begun.
func (r Records) lastTrial() (last time.Time) {
	for _, t := range r.Trials {
		if t.Last.After(last) {
			last = t.Last
		}
	}
	return last
}
