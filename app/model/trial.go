package model

import (
	"slices"
	"time"

	"github.com/adit-mining/adit/miners/choice"
	"github.com/adit-mining/adit/miners/pow"
)

// trial is the measurement of a program in the place of the usual one, while it
// earns: one at a time. The zero value is none.
type trial struct {
	of    string // the unit's device
	began time.Time
	what  choice.Candidate

	fetchFor string // the unit whose next program to measure must be fetched first
	fetch    Pick

	rev int // raised with each change of Records, to have them saved
}

// proof is how long a program must have mined, with shares accepted as predicted,
// for its hashrate to be written down; and how often that is done anew.
const (
	proof      = 10 * time.Minute
	proofAgain = 6 * time.Hour
)

// remember writes down what was measured, and takes the next step in measuring.
func (s State) remember() State {
	if len(s.Shelf.Catalogue) == 0 {
		return s
	}
	for i := range s.Units { // tick has made a copy
		s = s.prove(i)
	}
	step := choice.Next(s.situation())
	s.trial.fetchFor = ""
	switch step.Do {
	case choice.Start:
		return s.beginTrial(step)
	case choice.Finish:
		return s.endTrial(true)
	case choice.Abandon:
		return s.endTrial(false)
	}
	return s
}

// withRecords returns s with other records, which are to be saved.
func (s State) withRecords(r choice.Records) State {
	s.Records = r
	s.trial.rev++
	return s
}

// prove writes down the hashrate of a unit's usual program once it is proven.
func (s State) prove(i int) State {
	u := &s.Units[i]
	m := &u.Miner
	if !m.Running || !m.Meter.Earning() || m.run.busy < proof || u.Pick.Measuring || u.Verdict.Percent < 100 ||
		!m.proven.IsZero() && s.Now.Sub(m.proven) < proofAgain {
		return s
	}
	key, ok := s.key(*u, u.Pick)
	if !ok {
		return s
	}
	m.proven = s.Now
	return s.withRecords(s.Records.WithResult(u.result(key, s.Now)))
}

// result is what a unit's run of a program measured.
func (u Unit) result(key choice.Key, now time.Time) choice.Result {
	r := u.Miner.run
	return choice.Result{Key: key, Hashrate: pow.Hashrate(r.hashes / r.busy.Seconds()), PowerW: u.Device.PowerW, At: now, Samples: int(r.busy / time.Second)}
}

// situation is what deciding on a measurement depends on.
func (s State) situation() choice.Situation {
	now := choice.Situation{Now: s.Now, Records: s.Records, Stopped: !s.Wanted, SteadySince: s.steadySince()}
	now.OnBattery = s.Presence.OnBattery != nil && *s.Presence.OnBattery
	now.UserActive = s.userActive()
	for _, u := range s.Units {
		if s.may(u) && u.Miner.Running {
			q := s.question(u, u.Target)
			q.Running = u.Pick.Program
			now.Devices = append(now.Devices, q)
		}
	}
	if s.trial.of != "" {
		now.Measuring = &choice.Measurement{Device: s.trial.of, Candidate: s.trial.what, Began: s.trial.began}
	}
	return now
}

// userActive reports whether somebody uses the computer, as far as that can be told.
func (s State) userActive() bool {
	idle := s.Presence.Idle
	locked := s.Presence.Locked != nil && *s.Presence.Locked
	return idle != nil && *idle < time.Minute && !locked
}

// steadySince returns since when all units that may mine do so without trouble.
func (s State) steadySince() (since time.Time) {
	for _, u := range s.Units {
		if !s.may(u) || u.Verdict.Waits() {
			continue
		}
		m := u.Miner
		if !m.Running || !m.Connected || !m.Meter.Earning() || m.LastAccepted.Before(m.Since) || u.Trouble.Code != "" {
			return time.Time{}
		}
		if m.Since.After(since) {
			since = m.Since
		}
	}
	return since
}

// beginTrial puts the candidate in the place of the unit's program, or has it fetched
// first.
func (s State) beginTrial(step choice.Step) State {
	i := s.unit(step.Device)
	if i < 0 {
		return s
	}
	u := &s.Units[i]
	c := step.Candidate
	pick := Pick{Program: c.Program.Name, Version: c.Program.Version, Closed: !c.Program.Open(), Fee: c.FeePercent, Measuring: true}
	if have, ok := s.Shelf.find(pick); !ok || have.Path == "" {
		pick.Measuring = false
		s.trial.fetchFor, s.trial.fetch, u.Rather = u.Device.ID, pick, pick
		return s
	}
	key, ok := s.key(*u, pick)
	if !ok {
		return s
	}
	s.trial.of, s.trial.began, s.trial.what = step.Device, s.Now, c
	u.Pick = pick
	return s.withRecords(s.Records.WithTrial(key, s.Now))
}

// endTrial ends the measurement, if there is one, and chooses programs anew. What was
// found is kept if it came to its end.
func (s State) endTrial(finished bool) State {
	i := s.unit(s.trial.of)
	s.trial.of, s.trial.what = "", choice.Candidate{}
	if i < 0 {
		return s.aim()
	}
	u := s.Units[i]
	// Half of the time is for building data sets and for the pool to let it in.
	if key, ok := s.key(u, u.Pick); ok && finished && u.Miner.run.busy >= choice.MeasureFor/2 && u.Miner.Meter.Earning() {
		r := u.result(key, s.Now)
		s = s.withRecords(s.Records.WithResult(r))
		s = s.note(ProgramMeasured, map[string]any{"Device": u.Device.Name, "Program": u.Pick.Program, "Rate": r.Hashrate.String()})
	}
	s.Units = slices.Clone(s.Units)
	s.Units[i].Pick.Measuring = false
	return s.aim()
}
