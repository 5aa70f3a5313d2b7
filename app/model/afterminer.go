package model

import (
	"cmp"
	"errors"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/install"
	"github.com/adit-mining/adit/miners/pow"
)

// unit returns the place in Units of the device with that id, or -1.
func (s State) unit(id string) int {
	return slices.IndexFunc(s.Units, func(u Unit) bool { return u.Device.ID == id })
}

func (s State) minerSaid(said MinerSaid) State {
	i := s.unit(said.Unit)
	if i < 0 {
		return s
	}
	s.Units = slices.Clone(s.Units)
	u := &s.Units[i]
	m := &u.Miner
	switch ev := said.Event.(type) {
	case miners.Started:
		return s.minerStarted(u)
	case miners.Ended:
		return s.minerEnded(u, ev)
	case miners.Connected:
		m.Connected = true
		u.Trouble = Problem{}
	case miners.Disconnected:
		u.lostPool(s.Now)
		return s.minerTrouble(u, miners.Problem{Code: ev.Code, Detail: ev.Reason})
	case miners.Job:
		m.Connected, m.HasJob = true, true
	case miners.Difficulty:
		m.Difficulty = ev.Difficulty
	case miners.Hashrate:
		return s.measured(u, ev)
	case miners.DeviceReport:
		u.sensed(ev)
	case miners.Accepted:
		return s.accepted(u, ev.N)
	case miners.Rejected:
		m.Rejected += max(ev.N, 0)
		m.Connected = true
		m.Reasons = count(m.Reasons, ev.Reason, ev.N)
	case miners.Problem:
		return s.minerTrouble(u, ev)
	}
	return s
}

func (s State) minerStarted(u *Unit) State {
	first := !s.anyRunning()
	m := u.Miner
	u.Miner = Miner{
		Running: true, Since: s.Now, LostAt: s.Now,
		Accepted: m.Accepted, Rejected: m.Rejected, Reasons: m.Reasons, LastAccepted: m.LastAccepted,
		Restarts: m.Restarts, last: m.last, hashes: m.hashes, busy: m.busy, sampled: m.sampled,
	}
	u.doubtful = time.Time{}
	if first && !m.Running {
		s = s.note(MiningStarted, map[string]any{"Coin": u.Target.Coin.Name})
	}
	return s
}

// minerEnded is one run's end; more may follow.
func (s State) minerEnded(u *Unit, ev miners.Ended) State {
	u.lostPool(s.Now)
	if ev.Restart > 0 {
		u.Miner.Restarts++
		return s.note(MinerCrashed, map[string]any{"Seconds": int(math.Ceil(ev.Restart.Seconds()))})
	}
	return s
}

// minerGone is the end of the supervision. A program that failed rests for a while,
// longer each time; meanwhile another one takes its place, if there is one.
func (s State) minerGone(gone MinerGone) State {
	i := s.unit(gone.Unit)
	if i < 0 {
		return s
	}
	s.Units = slices.Clone(s.Units)
	u := &s.Units[i]
	u.Miner.Running, u.Miner.Connected, u.Miner.HasJob = false, false, false
	u.Miner.Hashrate, u.Miner.rates, u.Miner.Meter = 0, nil, Meter{}
	if gone.Err == nil {
		return s
	}
	u.Trouble = problemOf(fromProgram, gone.Err)
	switch {
	case errors.Is(gone.Err, install.ErrMissing), errors.Is(gone.Err, install.ErrTampered):
		return s.spoiled(i)
	case errors.Is(gone.Err, miners.ErrGaveUp), errors.Is(gone.Err, miners.ErrNotStarted):
		return s.replaced(i)
	}
	return s
}

// spoiled takes note that the unit's program is not what was installed, or gone: it
// is not run, and fetched again after its rest.
func (s State) spoiled(i int) State {
	u := &s.Units[i]
	what := ProgramRefused
	if u.Trouble.Code == ProgramGone {
		what = ProgramTaken
	}
	s = s.note(what, map[string]any{"Program": u.Pick.Program, "Version": u.Pick.Version})
	s.Shelf = s.Shelf.with(u.Pick.Program, u.Pick.Version, "")
	s = s.withParcel(Parcel{Program: u.Pick.Program, Version: u.Pick.Version, Fault: u.Trouble, retry: s.Now.Add(spoiledRest), failures: 1})
	return s.replaced(i)
}

// How long a program that failed on a unit rests: doubled with each time.
const (
	firstRest   = 2 * time.Minute
	longestRest = 2 * time.Hour
	// spoiledRest is when a program that an antivirus took is fetched again: not at
	// once, or the two would go on for ever.
	spoiledRest = time.Hour
)

// replaced makes the unit's program rest and takes the next one.
func (s State) replaced(i int) State {
	u := &s.Units[i]
	failed := u.Pick
	if s.trial.of == u.Device.ID {
		s = s.endTrial(false)
		u = &s.Units[i]
	}
	var until time.Time
	if key, ok := s.key(*u, failed); ok {
		s = s.withRecords(s.Records.WithFailure(key, s.Now))
		until = s.Records.Until(key)
	} else {
		until = u.fail(failed.Program, s.Now)
	}
	s = s.aim()
	u = &s.Units[i]
	switch {
	case u.Pick.Program == "":
		minutes := int(math.Ceil(until.Sub(s.Now).Minutes()))
		return s.note(DeviceLeftOut, map[string]any{"Device": u.Device.Name, "Program": failed.Program, "Minutes": minutes})
	case u.Pick.Program != failed.Program:
		u.Trouble = Problem{}
		return s.note(ProgramReplaced, map[string]any{"Device": u.Device.Name, "Program": failed.Program, "Next": u.Pick.Program})
	}
	return s
}

// fail notes that a program failed on u and returns until when it rests.
func (u *Unit) fail(program string, now time.Time) time.Time {
	u.failures = maps.Clone(u.failures)
	if u.failures == nil {
		u.failures = map[string]failure{}
	}
	f := u.failures[program]
	f.until, f.times = now.Add(min(firstRest<<min(f.times, 10), longestRest)), f.times+1
	u.failures[program] = f
	return f.until
}

// lostPool takes note that the program computes for nobody.
func (u *Unit) lostPool(now time.Time) {
	if u.Miner.Connected {
		u.Miner.LostAt = now
	}
	u.Miner.Connected, u.Miner.HasJob = false, false
	u.Miner.Hashrate, u.Miner.rates = 0, nil
}

// measured takes a hashrate: of all devices, or of one, then the sum counts.
func (s State) measured(u *Unit, ev miners.Hashrate) State {
	m := &u.Miner
	switch {
	case ev.Device == miners.Whole:
		m.Hashrate, m.total = ev.Hashrate, true
	case m.total || ev.Device < 0 || ev.Device > 1024:
		return s
	default:
		m.rates = slices.Clone(m.rates)
		for len(m.rates) <= ev.Device {
			m.rates = append(m.rates, 0)
		}
		m.rates[ev.Device] = ev.Hashrate
		m.Hashrate = sum(m.rates)
	}
	if m.Hashrate > 0 {
		m.last = m.Hashrate
		if s.ReportAt.IsZero() {
			s.ReportAt = s.Now.Add(reportSoon)
		}
	}
	return s
}

// sensed takes from the program what the system does not tell of the device. A
// processor's program says nothing that the system does not know better.
func (u *Unit) sensed(r miners.DeviceReport) {
	if u.Device.GPU == nil {
		return
	}
	u.Miner.report = r
	u.fill()
}

// fill adds to the device what its program said of it.
func (u *Unit) fill() {
	if !u.Miner.Running || u.Device.GPU == nil {
		return
	}
	d, r := &u.Device, u.Miner.report
	if d.TemperatureC == nil {
		d.TemperatureC = r.TemperatureC
	}
	if d.FanPercent == nil {
		d.FanPercent = r.FanPercent
	}
	if d.PowerW == nil {
		d.PowerW = r.PowerW
	}
}

func (s State) accepted(u *Unit, n int64) State {
	m := &u.Miner
	if n <= 0 {
		return s
	}
	if s.Totals().Accepted == 0 {
		wait := s.Now.Sub(m.Since).Round(time.Second)
		s = s.note(FirstShare, map[string]any{"Seconds": max(int(wait.Seconds()), 1)})
	}
	m.Accepted += n
	m.Connected, m.LastAccepted = true, s.Now
	m.Meter = m.Meter.took(n)
	u.Trouble = Problem{}
	if _, failed := u.failures[u.Pick.Program]; failed { // it works now
		u.failures = maps.Clone(u.failures)
		delete(u.failures, u.Pick.Program)
	}
	return s
}

func (s State) minerTrouble(u *Unit, ev miners.Problem) State {
	if ev.Code == miners.CodeShareRejected {
		u.Miner.Reasons = count(u.Miner.Reasons, ev.Detail, 1)
		return s
	}
	if s.Wanted && slices.Contains(told, ev.Code) { // what it says while it leaves worries nobody
		u.Trouble = Problem{Code: Code(ev.Code), Detail: ev.Detail}
	}
	return s
}

// count returns reasons with n more of one. The old map stays as it is.
func count(reasons map[string]int64, reason string, n int64) map[string]int64 {
	if reason == "" {
		return reasons // it follows on a line of its own
	}
	next := maps.Clone(reasons)
	if next == nil {
		next = map[string]int64{}
	}
	if _, known := next[reason]; !known && len(next) >= 20 {
		reason = cmp.Or(string(RefusalOf(reason)), "other")
	}
	next[reason] += n
	return next
}

func sum(rates []pow.Hashrate) (total pow.Hashrate) {
	for _, r := range rates {
		total += r
	}
	return total
}
