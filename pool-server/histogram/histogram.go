// Package histogram counts measured values, such as how long shares wait for the
// disk, into a few classes while the server runs. Observing costs a few nanoseconds,
// takes no lock and no memory, so that it may stand in the way of every share. What
// the numbers are shown as is for package metrics.
package histogram

import (
	"sync/atomic"
	"time"
)

// A Histogram counts values by classes with fixed bounds. Its methods are safe for
// concurrent use. Make one with New or Times.
type Histogram struct {
	bounds  []int64
	classes []atomic.Uint64 // one more than bounds: the last is for what is above
	sum     atomic.Int64
}

// New returns an empty histogram. Class i holds values up to and including
// bounds[i], which must rise.
func New(bounds ...int64) *Histogram {
	for i := 1; i < len(bounds); i++ {
		if bounds[i] <= bounds[i-1] {
			panic("histogram: bounds do not rise")
		}
	}
	return &Histogram{bounds: bounds, classes: make([]atomic.Uint64, len(bounds)+1)}
}

// Times returns an empty histogram of durations, in nanoseconds, from a twentieth of a
// millisecond to half a minute, three classes for each power of ten.
func Times() *Histogram {
	const us, ms, s = int64(time.Microsecond), int64(time.Millisecond), int64(time.Second)
	return New(50*us, 100*us, 200*us, 500*us, ms, 2*ms, 5*ms, 10*ms, 20*ms, 50*ms, 100*ms, 200*ms, 500*ms, s, 2*s, 5*s, 10*s, 30*s)
}

// Observe counts v.
func (h *Histogram) Observe(v int64) {
	low, high := 0, len(h.bounds)
	for low < high {
		if middle := (low + high) / 2; h.bounds[middle] < v {
			low = middle + 1
		} else {
			high = middle
		}
	}
	h.classes[low].Add(1)
	h.sum.Add(v)
}

// Since counts the time since begun.
func (h *Histogram) Since(begun time.Time) { h.Observe(int64(time.Since(begun))) }

// Snapshot is what a histogram has counted until one moment.
type Snapshot struct {
	Bounds []int64
	UpTo   []uint64 // by bound: how many values were at most that
	Count  uint64   // all values
	Sum    int64    // of all values
}

// Snapshot returns what was counted so far. While others observe, Sum may be of a few
// values more than Count.
func (h *Histogram) Snapshot() Snapshot {
	s := Snapshot{Bounds: h.bounds, UpTo: make([]uint64, len(h.bounds))}
	for i := range h.classes {
		s.Count += h.classes[i].Load()
		if i < len(s.UpTo) {
			s.UpTo[i] = s.Count
		}
	}
	s.Sum = h.sum.Load()
	return s
}
