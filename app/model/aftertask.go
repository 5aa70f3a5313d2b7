package model

import (
	"slices"

	"github.com/adit-mining/adit/hwdetect"
)

// afterTask returns the state after something that ran beside the engine.
func (s State) afterTask(ev Event) State {
	switch ev := ev.(type) {
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

func (s State) keyOpened(ev KeyOpened) State {
	s.Key = Key{Ready: true, Created: ev.Created, Public: ev.Public, Hash: ev.Hash, Account: ev.Hash.String(),
		Words: ev.Words, Index: ev.Index, Protected: ev.Protected, Locked: ev.Locked, OpenSince: s.Now}
	s.Troubles[fromKey] = Problem{}
	s.Pool.AskAt = s.Now
	if ev.Created {
		s = s.note(KeyMade, nil)
	}
	return s.owed().aim()
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
