package model

import (
	"strings"
	"time"

	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/miners/pow"
)

// First returns the state of a start with the given settings. can is what the
// mining program can compute. A settings file that could not be read is told as a
// problem.
func First(now time.Time, chosen settings.Settings, damaged error, program string, can []pow.Algorithm) State {
	s := State{Now: now, Started: now, ticked: now, Settings: chosen, Saved: chosen, Program: program, can: can}
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
	case Start:
		return s.start()
	case Stop:
		return s.stop()
	case Retry:
		return s.retry()
	case ChoosePool:
		return s.choosePool(ev.URL)
	case ChoosePower:
		s.Settings.Power, s.Settings.Threads = ev.Power, 0
	case ChooseCoin:
		s.Settings.Coin = ev.ID
		return s.aim()
	case SaveBackup:
		s.Backup = Backup{Folder: ev.Folder, Asked: s.Backup.Asked + 1, Busy: true}
	case BackupSaved:
		return s.backupSaved(ev)
	case KeyOpened:
		return s.keyOpened(ev)
	case KeyFailed:
		s.Troubles[fromKey] = problemOf(fromKey, ev.Err)
	case MachineSeen:
		s.Machine, s.Seen, s.SenseAt = Judge(ev.Machine), true, s.Now.Add(senseEvery)
	case Sensed:
		s.Machine, s.SenseAt = Judge(ev.Machine), s.Now.Add(senseEvery)
	case PoolAnswered:
		return s.poolAnswered(ev)
	case PoolFailed:
		return s.poolFailed(ev)
	case MinerSaid:
		return s.minerSaid(ev.Event)
	case MinerGone:
		return s.minerGone(ev.Err)
	case Reported:
		return s.reported(ev.Err)
	case SettingsSaved:
		return s.settingsSaved(ev)
	}
	return s
}

// How often things are looked at.
const (
	senseEvery  = 5 * time.Second
	reportEvery = 30 * time.Second
	reportSoon  = 3 * time.Second // after the first hashrate
	// longestTick is the longest pause between two ticks in which mining went on.
	// After a longer one the computer was asleep.
	longestTick = 10 * time.Second
)

func (s State) tick(now time.Time) State {
	m := &s.Miner
	if m.Running && m.Connected {
		passed := min(now.Sub(s.ticked), longestTick)
		m.Meter = m.Meter.after(passed, m.Hashrate, s.Target.Algorithm, s.difficulty())
		if passed > 0 && m.Hashrate > 0 {
			m.hashes += float64(m.Hashrate) * passed.Seconds()
			m.busy += passed
		}
	}
	s.Now, s.ticked = now, now
	if s.Pool.Failures > 0 && m.Running && !m.Connected && now.Sub(m.LostAt) > patience && !s.Pool.Lost {
		s.Pool.Lost = true // neither answers: the program is stopped until one does
		return s.noteLost()
	}
	return s
}

// difficulty returns how hard shares are: as the program says, else as the port
// promises, else 0.
func (s State) difficulty() pow.Difficulty {
	if s.Miner.Difficulty > 0 {
		return s.Miner.Difficulty
	}
	return s.Target.Difficulty
}

func (s State) start() State {
	if s.Wanted {
		return s
	}
	s.Wanted = true
	s.Troubles[fromMiner] = Problem{}
	s.Miner.Restarts = 0
	s.Pool.AskAt = s.Now
	return s
}

func (s State) stop() State {
	if s.Wanted && s.Miner.Running {
		s = s.note(MiningStopped, nil)
	}
	s.Wanted, s.Pool.Lost = false, false
	s.Troubles[fromMiner] = Problem{}
	return s
}

func (s State) retry() State {
	s.Pool.AskAt = s.Now
	if s.Troubles[fromMiner].Blocks() || s.Troubles[fromMiner].Code == MinerFailed {
		s.Troubles[fromMiner] = Problem{}
	}
	if s.Troubles[fromKey].Code != "" {
		s.Troubles[fromKey] = Problem{}
	}
	return s
}

func (s State) choosePool(address string) State {
	address = strings.TrimRight(strings.TrimSpace(address), "/")
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
	s.Settings = chosen
	s.Pool, s.Target, s.Balances, s.Payouts = Pool{AskAt: s.Now}, Target{}, nil, nil
	s.Troubles[fromPool], s.Troubles[fromMiner] = Problem{}, Problem{}
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

// aim chooses what to mine from what is known.
func (s State) aim() State {
	if s.Pool.Known && s.Key.Ready {
		s.Target = choose(s.Pool.Info, s.Settings.Coin, s.can, s.Key.Hash)
	}
	return s
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
	s.Troubles[fromSettings] = Problem{}
	if ev.Err != nil {
		s.Troubles[fromSettings] = problemOf(fromSettings, ev.Err)
	}
	return s
}
