package model

import (
	"math"
	"slices"
	"time"

	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/miners/choice"
	"github.com/adit-mining/adit/miners/pow"
)

// First returns the state of a start with the given settings and what is remembered
// of earlier ones. A settings file that could not be read is told as a problem.
func First(now time.Time, chosen settings.Settings, damaged error, past Past, records choice.Records) State {
	s := State{Now: now, Started: now, ticked: now, Settings: chosen, Saved: chosen, Days: past.Days, History: past.History, Records: records}
	s.sampled.at, s.pastKept, s.atLogin = now, now, chosen.AtLogin
	if damaged != nil {
		s.Troubles[fromSettings] = Problem{Code: SettingsDamaged, Detail: damaged.Error()}
	}
	return s
}

// After returns the state after ev. It has no effects; s stays as it is.
func (s State) After(ev Event) State {
	switch ev := ev.(type) {
	case Tick:
		return s.tick(ev.Now)
	case PoolAnswered:
		return s.poolAnswered(ev)
	case PoolFailed:
		return s.poolFailed(ev)
	case MinerSaid:
		return s.minerSaid(ev)
	case MinerGone:
		return s.minerGone(ev)
	case Sensed:
		return s.sensed(ev.Machine)
	case PresenceSeen:
		s.Presence, s.LookAt = ev.Presence, s.Now.Add(s.lookEvery())
		return s.judge()
	case ShelfSeen:
		return s.shelved(ev)
	case Fetching:
		return s.fetching(ev)
	case Fetched:
		return s.fetched(ev)
	case MinimumKept:
		return s.minimumKept(ev)
	}
	if next, done := s.afterUser(ev); done {
		return next
	}
	if next, done := s.afterKey(ev); done {
		return next
	}
	if next, done := s.afterSpend(ev); done {
		return next
	}
	if next, done := s.afterPayees(ev); done {
		return next
	}
	return s.afterTask(ev)
}

// How often things are looked at.
const (
	tickOpen    = time.Second
	tickHidden  = lookOften // nobody sees the numbers grow
	senseEvery  = 5 * time.Second
	reportEvery = 30 * time.Second
	reportSoon  = 3 * time.Second // after the first hashrate
	// longestTick is the longest pause between two ticks in which mining went on.
	// After a longer one the computer was asleep, or we were stopped.
	longestTick = 10 * time.Second
	// stale is how long a sleep must be for the programs to be started anew: their
	// connections are gone then, though some do not notice for many minutes.
	stale = 40 * time.Second
	// aimEvery is how often targets and programs are chosen anew: estimates change,
	// and a program's rest ends.
	aimEvery = 10 * time.Second
	// restockEvery is how often the catalogue is read anew.
	restockEvery = 6 * time.Hour
)

func (s State) tickEvery() time.Duration {
	if s.unwatched {
		return tickHidden
	}
	return tickOpen
}

func (s State) tick(now time.Time) State {
	// By the clock on the wall, as manners does: the other stands still in a sleeping
	// computer. It may be set back, too.
	slept := max(0, now.Round(0).Sub(s.ticked.Round(0)))
	s.Units = slices.Clone(s.Units)
	for i := range s.Units {
		s.Units[i].meter(min(slept, longestTick))
	}
	s.Now, s.ticked = now, now
	if slept > stale {
		s = s.woke(slept)
	}
	s = s.sample().judge().remember().owed().lock()
	if now.Sub(s.stockedAt) >= restockEvery && !s.stockedAt.IsZero() {
		s.restock++
		s.stockedAt = now
	}
	if now.Sub(s.aimed) >= aimEvery {
		s = s.aim().forgive()
		s.aimed = now
	}
	s = s.doubt()
	if s.Pool.Failures > 0 && s.anyRunning() && !s.anyConnected() && now.Sub(s.lostAt()) > patience && !s.Pool.Lost {
		s.Pool.Lost = true // neither answers: the programs are stopped until one does
		return s.noteLost()
	}
	return s
}

// meter lets time pass for a unit that mines.
func (u *Unit) meter(passed time.Duration) {
	m := &u.Miner
	if !m.Running || !m.Connected {
		return
	}
	difficulty := m.Difficulty
	if difficulty <= 0 {
		difficulty = u.Target.Difficulty
	}
	m.Meter = m.Meter.after(passed, m.Hashrate, u.Target.Algorithm, difficulty)
	if passed > 0 && m.Hashrate > 0 {
		m.hashes += float64(m.Hashrate) * passed.Seconds()
		m.busy += passed
		m.run.hashes += float64(m.Hashrate) * passed.Seconds()
		m.run.busy += passed
	}
}

// woke starts all programs anew after a sleep.
func (s State) woke(slept time.Duration) State {
	s.wakes++
	s.Pool.AskAt, s.LookAt, s.SenseAt = s.Now, s.Now, s.Now
	if s.Wanted {
		s = s.note(Woke, map[string]any{"Minutes": int(math.Ceil(slept.Minutes()))})
	}
	return s
}

// forgive drops the trouble of units that have a program again.
func (s State) forgive() State {
	s.Units = slices.Clone(s.Units)
	for i := range s.Units {
		if u := &s.Units[i]; !u.Miner.Running && u.Pick.Program != "" {
			u.Trouble = Problem{}
		}
	}
	return s
}

// pretending is how long a program may compute while the pool takes too few shares,
// until it is started anew; after the next time another one is tried.
const pretending = 10 * time.Minute

// doubt starts programs anew that pretend to work.
func (s State) doubt() State {
	for i := range s.Units {
		u := &s.Units[i]
		m := u.Miner
		if !m.Running || !m.Connected || m.Meter.Earning() && !s.audit.disputed {
			u.doubtful = time.Time{}
			continue
		}
		if u.doubtful.IsZero() {
			u.doubtful = s.Now
		}
		if s.Now.Sub(u.doubtful) < pretending {
			continue
		}
		u.doubtful = time.Time{}
		u.epoch++
		s = s.note(MinerStuck, map[string]any{"Device": u.Device.Name, "Program": u.Pick.Program})
	}
	return s
}

// Average returns the hashrate of all the time that was mined since the app opened,
// or, when that was too short to tell, the last one measured.
func (m Miner) Average() pow.Hashrate {
	if m.busy < 2*time.Second {
		return max(m.last, m.Hashrate)
	}
	return pow.Hashrate(m.hashes / m.busy.Seconds())
}
