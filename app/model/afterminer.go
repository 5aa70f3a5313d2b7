package model

import (
	"maps"
	"math"
	"slices"
	"time"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/pow"
)

func (s State) minerSaid(ev miners.Event) State {
	m := &s.Miner
	switch ev := ev.(type) {
	case miners.Started:
		return s.minerStarted()
	case miners.Ended:
		return s.minerEnded(ev)
	case miners.Connected:
		m.Connected = true
		s.Troubles[fromMiner] = Problem{}
	case miners.Disconnected:
		s = s.lostPool()
		return s.minerTrouble(miners.Problem{Code: ev.Code, Detail: ev.Reason})
	case miners.Job:
		m.Connected, m.HasJob = true, true
	case miners.Difficulty:
		m.Difficulty = ev.Difficulty
	case miners.Hashrate:
		return s.measured(ev)
	case miners.Accepted:
		return s.accepted(ev.N)
	case miners.Rejected:
		m.Rejected += ev.N
		m.Connected = true
		s.Miner.Reasons = count(m.Reasons, ev.Reason, ev.N)
	case miners.Problem:
		return s.minerTrouble(ev)
	}
	return s
}

func (s State) minerStarted() State {
	m := s.Miner
	if !m.Running {
		s = s.note(MiningStarted, map[string]any{"Coin": s.Target.Coin.Name})
	}
	s.Miner = Miner{
		Running: true, Since: s.Now, LostAt: s.Now,
		Accepted: m.Accepted, Rejected: m.Rejected, Reasons: m.Reasons, LastAccepted: m.LastAccepted,
		Restarts: m.Restarts, last: m.last, hashes: m.hashes, busy: m.busy,
	}
	return s
}

// minerEnded is one run's end; more may follow.
func (s State) minerEnded(ev miners.Ended) State {
	s = s.lostPool()
	if ev.Restart > 0 {
		s.Miner.Restarts++
		return s.note(MinerCrashed, map[string]any{"Seconds": int(math.Ceil(ev.Restart.Seconds()))})
	}
	return s
}

// minerGone is the end of the supervision.
func (s State) minerGone(err error) State {
	s.Miner.Running, s.Miner.Connected, s.Miner.HasJob = false, false, false
	s.Miner.Hashrate, s.Miner.rates, s.Miner.Meter = 0, nil, Meter{}
	if err != nil {
		s.Troubles[fromMiner] = problemOf(fromMiner, err)
		s.Wanted = s.Wanted && s.Troubles[fromMiner].Blocks()
	}
	return s
}

func (s State) lostPool() State {
	if s.Miner.Connected {
		s.Miner.LostAt = s.Now
	}
	s.Miner.Connected, s.Miner.HasJob = false, false
	s.Miner.Hashrate, s.Miner.rates = 0, nil // what it computes now is for nobody
	return s
}

// measured takes a hashrate: of all devices, or of one, then the sum counts.
func (s State) measured(ev miners.Hashrate) State {
	m := &s.Miner
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

func (s State) accepted(n int64) State {
	m := &s.Miner
	if n <= 0 {
		return s
	}
	if m.Accepted == 0 {
		wait := s.Now.Sub(m.Since).Round(time.Second)
		s = s.note(FirstShare, map[string]any{"Seconds": max(int(wait.Seconds()), 1)})
	}
	m.Accepted += n
	m.Connected, m.LastAccepted = true, s.Now
	m.Meter = m.Meter.took(n)
	s.Troubles[fromMiner] = Problem{}
	return s
}

func (s State) minerTrouble(ev miners.Problem) State {
	if ev.Code == miners.CodeShareRejected {
		s.Miner.Reasons = count(s.Miner.Reasons, ev.Detail, 1)
		return s
	}
	if s.Wanted && slices.Contains(told, ev.Code) { // what it says while it leaves worries nobody
		s.Troubles[fromMiner] = Problem{Code: Code(ev.Code), Detail: ev.Detail}
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
		reason = "other"
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
