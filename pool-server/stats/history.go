package stats

import (
	"time"

	"github.com/adit-mining/adit/miners/pow"
)

const (
	snapshotEvery = 10 * time.Second
	keepSnapshots = int(time.Hour / snapshotEvery)
	keepHours     = 7 * 24 // of the pool as a whole, in memory
)

// Snapshot is a pool at one moment.
type Snapshot struct {
	Time     time.Time
	Hashrate pow.Hashrate
	Miners   int
	Workers  int
}

// Hour is one finished hour of a worker, or with an empty Account of a pool.
type Hour struct {
	Pool, Account, Worker string
	Start                 time.Time
	Hashrate              pow.Hashrate // average over the hour
	Accepted, Rejected    int64
}

// Minute is a point of a curve of the last hour.
type Minute struct {
	Start    time.Time
	Hashrate pow.Hashrate // average over the minute
}

// hourSum collects the running hour.
type hourSum struct {
	work     float64
	accepted int64
	rejected int64
}

func (h *hourSum) add(work float64) {
	h.work += work
	h.accepted++
}

// finish returns the hour that began at start and begins the next one.
func (h *hourSum) finish(k key, start time.Time) Hour {
	done := Hour{
		Pool: k.pool, Account: k.account, Worker: k.worker, Start: start,
		Hashrate: pow.Hashrate(h.work / time.Hour.Seconds()), Accepted: h.accepted, Rejected: h.rejected,
	}
	*h = hourSum{}
	return done
}

// Tick takes a snapshot of every pool and is to be called every ten seconds. With
// the first call of a new hour it returns the finished one: a row for each worker
// that did something and a row for each pool.
func (s *Stats) Tick(now time.Time) (finished []Hour) {
	s.mu.Lock()
	defer s.mu.Unlock()
	hour := now.UTC().Truncate(time.Hour)
	if s.hour.IsZero() {
		s.hour = hour
	}
	if hour.After(s.hour) {
		finished = s.finishHour(now)
		s.hour = hour
	}
	for _, p := range s.pools {
		view := s.poolView(p, now)
		p.snapshots = appendBounded(p.snapshots, Snapshot{now, view.Rate.Hashrate, view.Miners, view.Workers}, keepSnapshots)
	}
	return finished
}

// finishHour closes the running hour and forgets who has been silent for long.
func (s *Stats) finishHour(now time.Time) (finished []Hour) {
	for name, p := range s.pools {
		h := p.hour.finish(key{pool: name}, s.hour)
		p.hours = appendBounded(p.hours, h, keepHours)
		finished = append(finished, h)
	}
	for _, w := range s.workers {
		if w.hour != (hourSum{}) {
			finished = append(finished, w.hour.finish(w.key, s.hour))
		}
		if now.Sub(w.seen) > s.o.ForgetAfter {
			s.drop(w)
		}
	}
	return finished
}

func appendBounded[T any](list []T, item T, limit int) []T {
	if len(list) >= limit {
		list = append(list[:0], list[len(list)-limit+1:]...)
	}
	return append(list, item)
}

// Snapshots returns the pool's snapshots of the last hour, oldest first.
func (s *Stats) Snapshots(pool string) []Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.pools[pool]; p != nil {
		return append([]Snapshot(nil), p.snapshots...)
	}
	return nil
}

// Hours returns the pool's finished hours, at most a week of them, oldest first.
func (s *Stats) Hours(pool string) []Hour {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.pools[pool]; p != nil {
		return append([]Hour(nil), p.hours...)
	}
	return nil
}

// SlidingHour returns the 60 full minutes before now of an account, all its
// workers together, oldest first.
func (s *Stats) SlidingHour(pool, account string, now time.Time) []Minute {
	first := now.UTC().Truncate(time.Minute).Add(-time.Hour)
	minutes := make([]Minute, 60)
	for i := range minutes {
		minutes[i].Start = first.Add(time.Duration(i) * time.Minute)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.of(pool, account) {
		for _, slot := range w.window.slots {
			if i := int(slot.start.Sub(first) / time.Minute); !slot.start.Before(first) && i < len(minutes) {
				minutes[i].Hashrate += pow.Hashrate(slot.work / time.Minute.Seconds())
			}
		}
	}
	return minutes
}
