package model

import (
	"slices"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/wallet/coin"
)

// Samples are taken every ten seconds and kept for an hour; each hour they become
// one of the hourly means, which are kept for a month.
const (
	sampleEvery = 10 * time.Second
	hourOf      = int(time.Hour / sampleEvery)
	keptHours   = 31 * 24
)

// Past is what is remembered from one start to the next.
type Past struct {
	Days    []Sample `json:"days"`
	History []Entry  `json:"history"`
}

// sampling is what the next samples are made from.
type sampling struct {
	at    time.Time // when the last one was taken
	hour  []Sample  // of the running hour
	coins coin.Amount
	coin  string // whose amount coins is
}

// tallied is what of a unit is in a sample already.
type tallied struct {
	hashes             float64
	accepted, rejected int64
}

// sample takes a sample when it is time. A pause since the last one, in which the
// computer slept, leaves a gap.
func (s State) sample() State {
	passed := s.Now.Sub(s.sampled.at)
	if passed < sampleEvery {
		return s
	}
	n := Sample{At: s.sampled.at, Symbol: s.Target.Coin.Symbol}
	if passed > 3*sampleEvery {
		n.At = s.Now.Add(-sampleEvery)
		passed = sampleEvery
	}
	for i := range s.Units { // tick has made a copy
		u := &s.Units[i]
		m, before := &u.Miner, u.Miner.sampled
		if u.Target.Algorithm == s.Target.Algorithm {
			n.Hashrate += pow.Hashrate((m.hashes - before.hashes) / passed.Seconds())
		}
		n.Accepted += m.Accepted - before.accepted
		n.Rejected += m.Rejected - before.rejected
		m.sampled = tallied{m.hashes, m.Accepted, m.Rejected}
	}
	if t := s.Totals(); t.Celsius != nil {
		n.Celsius = *t.Celsius
	}
	n.Earned, s = s.earned()
	s.sampled.at = s.Now
	s.Samples = append(slices.Clip(lastOf(s.Samples, hourOf-1)), n)
	return s.fold(n)
}

// earned returns how many coins the pool credited since the last sample.
func (s State) earned() (coins float64, next State) {
	b, known := s.Balance()
	if !known {
		return 0, s
	}
	all := b.OnItsWay() + b.Paid
	if s.sampled.coin == b.Coin && all > s.sampled.coins {
		coins = float64(all-s.sampled.coins) / float64(coin.Amount(1e8))
	}
	s.sampled.coin, s.sampled.coins = b.Coin, all
	return coins, s
}

// fold adds a sample to the running hour and closes that when it is over.
func (s State) fold(n Sample) State {
	hour := s.sampled.hour
	if len(hour) > 0 && !hour[0].At.Truncate(time.Hour).Equal(n.At.Truncate(time.Hour)) {
		s.Days = withHour(s.Days, mean(hour))
		hour = nil
	}
	s.sampled.hour = append(slices.Clip(hour), n)
	return s
}

// past returns what to remember, the running hour included.
func (s State) past() Past {
	p := Past{Days: s.Days, History: s.History}
	if len(s.sampled.hour) > 0 {
		p.Days = withHour(p.Days, mean(s.sampled.hour))
	}
	return p
}

// withHour returns days with an hour added. An hour in which Adit was started again
// comes in two parts, which add up.
func withHour(days []Sample, h Sample) []Sample {
	if n := len(days); n > 0 && days[n-1].At.Equal(h.At) {
		last := days[n-1]
		h.Hashrate += last.Hashrate
		h.Celsius = max(h.Celsius, last.Celsius)
		h.Accepted += last.Accepted
		h.Rejected += last.Rejected
		h.Earned += last.Earned
		days = days[:n-1]
	}
	return append(slices.Clip(lastOf(days, keptHours-1)), h)
}

// mean makes one sample of an hour's. The time without one counts as not mined.
func mean(hour []Sample) Sample {
	m := Sample{At: hour[0].At.Truncate(time.Hour), Symbol: hour[len(hour)-1].Symbol}
	for _, n := range hour {
		m.Hashrate += n.Hashrate / pow.Hashrate(hourOf)
		m.Celsius = max(m.Celsius, n.Celsius)
		m.Accepted += n.Accepted
		m.Rejected += n.Rejected
		m.Earned += n.Earned
	}
	return m
}

func lastOf(all []Sample, n int) []Sample { return all[max(len(all)-n, 0):] }

// Trimmed returns what of p can be: of a file that somebody wrote to.
func (p Past) Trimmed() Past {
	p.Days = slices.DeleteFunc(slices.Clone(lastOf(p.Days, keptHours)), func(n Sample) bool {
		return n.At.IsZero() || !(n.Hashrate >= 0) || !(n.Celsius >= 0) || n.Accepted < 0 || n.Rejected < 0 || !(n.Earned >= 0)
	})
	slices.SortStableFunc(p.Days, func(a, b Sample) int { return a.At.Compare(b.At) })
	p.History = slices.DeleteFunc(slices.Clone(p.History[max(len(p.History)-longest, 0):]), func(e Entry) bool {
		return !slices.Contains(Happenings(), e.What)
	})
	return p
}
