package model

import (
	"slices"
	"strings"
	"time"

	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/app/startup"
)

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
	case Watch:
		s.unwatched = !ev.On
		if ev.On {
			s.Pool.AskAt = s.Now // the money is to be the newest
		}
	case Retry:
		return s.retry(), true
	case ChoosePool:
		return s.choosePool(ev.URL), true
	case ChoosePower:
		s.Settings.Power, s.Settings.Threads = ev.Power, 0
	case ChooseCoin:
		s.Settings.Coin = ev.ID
		return s.endTrial(false), true
	case TurnDevice:
		s.Settings = s.Settings.Turn(ev.ID, ev.On)
		return s.endTrial(false), true
	case Change:
		return s.changed(ev.With(s.Settings)), true
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
	return s.judge().endTrial(false)
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
	s = s.endTrial(false)
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
