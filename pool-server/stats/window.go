package stats

import "time"

const (
	liveTime  = 10 * time.Minute // what a live hashrate looks back on
	hourTime  = time.Hour        // what it looks back on when shares are rare
	fewShares = 20               // below this in liveTime shares are rare
	breakTime = time.Minute      // a new session this long after the last share starts the estimate anew
	leastTime = time.Second      // shorter spans say nothing about a rate
)

// window is the last hour of a worker, in minutes.
type window struct {
	since time.Time // the worker is at work since then, as far as shares can tell
	last  time.Time // last share
	slots []slot    // oldest first; minutes without shares are left out
}

// slot sums the shares of a minute, or of the part of a minute since start.
type slot struct {
	start  time.Time
	shares int64
	work   float64 // hashes
	square float64 // sum of the squares of each share's hashes: tells the error
}

// add takes in a share. Times may be a little out of order.
func (w *window) add(at, connected time.Time, work float64) {
	if connected.IsZero() || connected.After(at) {
		connected = at
	}
	if w.last.IsZero() || connected.Sub(w.last) >= breakTime {
		w.since = connected
	}
	w.last = later(w.last, at)
	start := later(at.Truncate(time.Minute), w.since)
	n := len(w.slots)
	if n == 0 || start.After(w.slots[n-1].start) {
		w.forget(at)
		w.slots = append(w.slots, slot{start: start})
		n = len(w.slots)
	}
	last := &w.slots[n-1]
	last.shares++
	last.work += work
	last.square += work * work
}

// forget lets go of what is older than an hour.
func (w *window) forget(now time.Time) {
	old := 0
	for old < len(w.slots) && now.Sub(w.slots[old].start) > hourTime+time.Minute {
		old++
	}
	w.slots = append(w.slots[:0], w.slots[old:]...)
}

// online tells whether the worker is still at work: silent no longer than
// offlineAfter, or than six times its usual pause between shares.
func (w *window) online(now time.Time, offlineAfter time.Duration) bool {
	if w.last.IsZero() {
		return false
	}
	silent := now.Sub(w.last)
	if silent <= offlineAfter {
		return true
	}
	sum := w.sum(now.Add(-hourTime))
	if sum.shares < 3 || silent >= hourTime {
		return false
	}
	return silent <= 6*w.last.Sub(sum.start)/time.Duration(sum.shares)
}

// sum adds up the slots from the first full minute after start, or from the
// beginning of the worker's work. The sum's start is where it really begins.
func (w *window) sum(start time.Time) slot {
	start = start.Add(time.Minute - time.Nanosecond).Truncate(time.Minute)
	sum := slot{start: later(start, w.since)}
	for i := len(w.slots) - 1; i >= 0 && !w.slots[i].start.Before(sum.start); i-- {
		sum.shares += w.slots[i].shares
		sum.work += w.slots[i].work
		sum.square += w.slots[i].square
	}
	return sum
}

// live returns the present rate of work.
func (w *window) live(now time.Time) flow {
	sum := w.sum(now.Add(-liveTime))
	if sum.shares < fewShares {
		sum = w.sum(now.Add(-hourTime))
	}
	return newFlow(sum.work, sum.square, now.Sub(sum.start))
}
