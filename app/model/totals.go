package model

import (
	"slices"
	"time"

	"github.com/adit-mining/adit/hwdetect"
)

// Totals returns mining with all units together.
func (s State) Totals() (t Totals) {
	for _, u := range s.Units {
		m := u.Miner
		t.Accepted += m.Accepted
		t.Rejected += m.Rejected
		for reason, n := range m.Reasons {
			t.Reasons = count(t.Reasons, reason, n)
		}
		if u.Target.Algorithm == s.Target.Algorithm || !m.Running {
			t.Average += m.Average()
		}
		if !m.Running {
			continue
		}
		t.Units++
		t.Connected = t.Connected || m.Connected
		if u.Target.Algorithm == s.Target.Algorithm {
			t.Hashrate += m.Hashrate
		}
		if !slices.Contains(t.Programs, u.Pick.Program) {
			t.Programs = append(t.Programs, u.Pick.Program)
		}
		if u.Device.PowerW != nil {
			t.Watts = plus(t.Watts, *u.Device.PowerW)
		}
	}
	t.Celsius = s.hottest()
	return t
}

func plus(sum *float64, v float64) *float64 {
	if sum != nil {
		v += *sum
	}
	return &v
}

// hottest returns the temperature of the hottest device that mines, else of any.
func (s State) hottest() (celsius *float64) {
	mines := false
	for _, u := range s.Units {
		d := u.Device
		if d.TemperatureC == nil || mines && !u.Miner.Running {
			continue
		}
		if celsius == nil || u.Miner.Running && !mines || *d.TemperatureC > *celsius {
			celsius = d.TemperatureC
		}
		mines = mines || u.Miner.Running
	}
	return celsius
}

func (s State) anyRunning() bool {
	return slices.ContainsFunc(s.Units, func(u Unit) bool { return u.Miner.Running })
}

func (s State) anyConnected() bool {
	return slices.ContainsFunc(s.Units, func(u Unit) bool { return u.Miner.Running && u.Miner.Connected })
}

// lostAt returns when the last of the units lost the pool.
func (s State) lostAt() (last time.Time) {
	for _, u := range s.Units {
		if u.Miner.Running && u.Miner.LostAt.After(last) {
			last = u.Miner.LostAt
		}
	}
	return last
}

// Standing returns how the unit with that place in Units stands.
func (s State) Standing(i int) Standing {
	u := s.Units[i]
	m := u.Miner
	switch {
	case !u.Device.Mineable:
		return UnitCannot
	case s.Settings.IsOff(u.Device.ID):
		return UnitOff
	case m.Running && m.Connected && m.Hashrate > 0 && u.Verdict.Percent < 100:
		return UnitSlow
	case m.Running && m.Connected && m.Hashrate > 0:
		return UnitMining
	case !s.Pool.Known:
		return UnitReady
	case u.Pick.Program == "" && u.Pick.None == Found:
		return UnitNoCoin
	case u.Pick.Program == "":
		return UnitNoProgram
	case s.Wanted && u.Verdict.Waits():
		return UnitWaiting
	case s.Wanted && u.Trouble.Code != "":
		return UnitBroken
	case s.getting(u.Pick):
		return UnitGetting
	case s.Wanted:
		return UnitPreparing
	}
	return UnitReady
}

// getting reports whether the program of p is on its way to the disk.
func (s State) getting(p Pick) bool {
	return slices.ContainsFunc(s.Parcels, func(a Parcel) bool {
		return a.Program == p.Program && a.Version == p.Version && a.Fault.Code == ""
	})
}

// MyPage returns the address of the person's page at the pool, which anybody may
// see; empty before there is a pool and a key.
func (s State) MyPage() string {
	if s.Settings.Pool == "" || !s.Key.Ready {
		return ""
	}
	return s.Settings.Pool + "/miners/" + s.Key.Account
}

// processor returns the unit that is the processor, or -1.
func (s State) processor() int {
	return slices.IndexFunc(s.Units, func(u Unit) bool { return u.Device.Kind == hwdetect.CPUKind })
}
