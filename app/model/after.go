package model

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/app/startup"
	"github.com/adit-mining/adit/hwdetect"
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
	}
	if next, done := s.afterUser(ev); done {
		return next
	}
	return s.afterTask(ev)
}

// afterUser returns the state after something that the user did.
func (s State) afterUser(ev Event) (next State, done bool) {
	switch ev := ev.(type) {
	case Start:
		return s.start(), true
	case Stop:
		return s.stop(), true
	case Insist:
		s.Insists = s.Now
		return s.start().judge(), true
	case Retry:
		return s.retry(), true
	case ChoosePool:
		return s.choosePool(ev.URL), true
	case ChoosePower:
		s.Settings.Power, s.Settings.Threads = ev.Power, 0
	case ChooseCoin:
		s.Settings.Coin = ev.ID
		return s.aim(), true
	case TurnDevice:
		s.Settings = s.Settings.Turn(ev.ID, ev.On)
		return s.aim(), true
	case Change:
		return s.changed(ev.With(s.Settings)), true
	case SaveBackup:
		s.Backup = Backup{Folder: ev.Folder, Asked: s.Backup.Asked + 1, Busy: true}
	case OpenPage:
		s.Page = Page{Asked: s.Page.Asked + 1, Busy: true}
	case SaveBundle:
		s.Bundle = Saved{Folder: ev.Folder, Asked: s.Bundle.Asked + 1, Busy: true}
	case Invite:
		switch s.Settings.Pool {
		case "":
			s.Hint = ev.URL // it is asked for a pool anyway
		case ev.URL: // it is there already
		default:
			s.Invitation = ev.URL
		}
	case Decline:
		s.Invitation = ""
	case RunDoctor:
		s.Checkup.Asked, s.Checkup.Busy = s.Checkup.Asked+1, true
	default:
		return s, false
	}
	return s, true
}

// afterTask returns the state after something that ran beside the engine.
func (s State) afterTask(ev Event) State {
	switch ev := ev.(type) {
	case BackupSaved:
		return s.backupSaved(ev)
	case KeyOpened:
		return s.keyOpened(ev)
	case KeyFailed:
		s.Troubles[fromKey] = problemOf(fromKey, ev.Err)
	case MachineSeen:
		return s.machineSeen(ev.Machine)
	case Reported:
		return s.reported(ev.Err)
	case SettingsSaved:
		return s.settingsSaved(ev)
	case PageReady:
		s.Page.Busy, s.Page.URL, s.Page.Fault = false, ev.URL, Problem{}
		if ev.Err != nil {
			s.Page.Fault = problemOf(fromPool, ev.Err)
		}
	case BundleSaved:
		s.Bundle.Busy, s.Bundle.Path, s.Bundle.Fault = false, ev.Path, ""
		if ev.Err != nil {
			s.Bundle.Path, s.Bundle.Fault = "", ev.Err.Error()
		}
	case LoginSet:
		s.atLogin = ev.On
		if ev.Err != nil {
			s.Troubles[fromSettings] = Problem{Code: LoginRefused, Detail: ev.Err.Error()}
		}
	case CheckupDone:
		s.Checkup.Busy, s.Checkup.Findings, s.Checkup.At = false, ev.Findings, s.Now
	case LeftoversEnded:
		s.swept = true
		for _, p := range ev.Programs {
			s = s.note(LeftoversFound, map[string]any{"Program": p})
		}
	case RecordsSaved:
		s.recorded = ev.rev
	case PastSaved:
		s.pastKept = s.Now
	}
	return s
}

// How often things are looked at.
const (
	senseEvery  = 5 * time.Second
	reportEvery = 30 * time.Second
	reportSoon  = 3 * time.Second // after the first hashrate
	// longestTick is the longest pause between two ticks in which mining went on.
	// After a longer one the computer was asleep, or we were stopped.
	longestTick = 10 * time.Second
	// stale is how long a sleep must be for the programs to be started anew: their
	// connections are gone then, though some do not notice for many minutes.
	stale = time.Minute
	// aimEvery is how often targets and programs are chosen anew: estimates change,
	// and a program's rest ends.
	aimEvery = 10 * time.Second
	// restockEvery is how often the catalogue is read anew.
	restockEvery = 6 * time.Hour
)

func (s State) tick(now time.Time) State {
	slept := now.Sub(s.ticked)
	s.Units = slices.Clone(s.Units)
	for i := range s.Units {
		s.Units[i].meter(min(slept, longestTick))
	}
	s.Now, s.ticked = now, now
	if slept > stale {
		s = s.woke(slept)
	}
	s = s.sample().judge().remember()
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
		if !m.Running || !m.Connected || m.Meter.Earning() {
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

func (s State) start() State {
	if s.Wanted {
		return s
	}
	s.Wanted, s.Settings.ResumeMining = true, true
	s.Units = slices.Clone(s.Units)
	for i := range s.Units {
		s.Units[i].Trouble, s.Units[i].Miner.Restarts, s.Units[i].failures = Problem{}, 0, nil
	}
	s.Pool.AskAt = s.Now
	return s.aim()
}

func (s State) stop() State {
	if s.Wanted && s.anyRunning() {
		s = s.note(MiningStopped, nil)
	}
	s.Wanted, s.Pool.Lost, s.Settings.ResumeMining, s.Insists = false, false, false, time.Time{}
	s.Units = slices.Clone(s.Units)
	for i := range s.Units {
		s.Units[i].Trouble = Problem{}
	}
	return s
}

func (s State) retry() State {
	s.Pool.AskAt = s.Now
	s.Units = slices.Clone(s.Units)
	for i := range s.Units {
		if t := s.Units[i].Trouble; t.Blocks() || t.Code == MinerFailed {
			s.Units[i].Trouble = Problem{}
		}
		s.Units[i].failures = nil
	}
	if s.Troubles[fromKey].Code != "" {
		s.Troubles[fromKey] = Problem{}
	}
	return s.aim()
}

// changed takes over settings that the user changed.
func (s State) changed(to settings.Settings) State {
	if to.Pool != s.Settings.Pool {
		s = s.choosePool(to.Pool)
		to.Pool = s.Settings.Pool
	}
	if err := to.Validate(); err != nil {
		s.Troubles[fromSettings] = Problem{Code: SettingsWrong, Detail: err.Error()}
		return s
	}
	if s.Troubles[fromSettings].Code == SettingsWrong {
		s.Troubles[fromSettings] = Problem{}
	}
	s.Settings = to
	return s.judge().aim()
}

// choosePool joins a pool, by its address or an adit:// link. The first pool is joined to mine: no other button is
// needed then.
func (s State) choosePool(address string) State {
	address = strings.TrimRight(strings.TrimSpace(address), "/")
	if linked, err := startup.ParseLink(address); err == nil {
		address = linked
	}
	if address != "" && !strings.Contains(address, "://") {
		address = "https://" + address
	}
	if address == s.Settings.Pool {
		return s.retry()
	}
	chosen := s.Settings
	chosen.Pool = address
	if chosen.Validate() != nil {
		s.Troubles[fromPool] = Problem{Code: PoolAddress, Detail: address}
		return s
	}
	first := s.Settings.Pool == ""
	s.Settings, s.Invitation = chosen, ""
	s.Pool, s.Target, s.Balances, s.Payouts, s.Page = Pool{AskAt: s.Now}, Target{}, nil, nil, Page{}
	s.Troubles[fromPool] = Problem{}
	s.Units = slices.Clone(s.Units)
	for i := range s.Units {
		s.Units[i].Target, s.Units[i].Pick, s.Units[i].Trouble = Target{}, Pick{}, Problem{}
	}
	if first && address != "" {
		return s.start()
	}
	return s
}

func (s State) keyOpened(ev KeyOpened) State {
	s.Key = Key{Ready: true, Created: ev.Created, Public: ev.Public, Hash: ev.Hash, Account: ev.Hash.String()}
	s.Troubles[fromKey] = Problem{}
	s.Pool.AskAt = s.Now
	if ev.Created {
		s = s.note(KeyMade, nil)
	}
	return s.aim()
}

// machineSeen makes a unit of each device.
func (s State) machineSeen(m hwdetect.Machine) State {
	s.Machine, s.Seen, s.SenseAt = m, true, s.Now.Add(senseEvery)
	units := make([]Unit, len(m.Devices))
	for i, d := range m.Devices {
		if at := s.unit(d.ID); at >= 0 {
			units[i] = s.Units[at]
		}
		units[i].Device = d
	}
	s.Units = units
	return s.judge().aim()
}

// sensed takes over what the sensors say.
func (s State) sensed(m hwdetect.Machine) State {
	s.Machine, s.SenseAt = m, s.Now.Add(senseEvery)
	s.Units = slices.Clone(s.Units)
	for _, d := range m.Devices {
		if i := s.unit(d.ID); i >= 0 {
			s.Units[i].Device = d
			s.Units[i].fill()
		}
	}
	return s.judge()
}

func (s State) reported(err error) State {
	if err == nil {
		s.ReportedAt = s.Now
	}
	// A report that the pool did not take is not worth a word to the user: the
	// next one says all again.
	s.ReportAt = s.Now.Add(reportEvery)
	return s
}

func (s State) backupSaved(ev BackupSaved) State {
	s.Backup.Busy = false
	if ev.Err != nil {
		s.Backup.Fault = ev.Err.Error()
		return s
	}
	s.Backup.Path, s.Settings.BackedUp = ev.Path, true
	return s.note(BackedUp, nil)
}

func (s State) settingsSaved(ev SettingsSaved) State {
	s.Saved = ev.Settings
	if c := s.Troubles[fromSettings].Code; c == SettingsUnsaved || c == SettingsDamaged {
		s.Troubles[fromSettings] = Problem{}
	}
	if ev.Err != nil {
		s.Troubles[fromSettings] = problemOf(fromSettings, ev.Err)
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
