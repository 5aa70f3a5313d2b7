package load

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// Sizes of a histogram: each power of two of nanoseconds has buckets of equal
// width, so a value is known to one part in 32.
const (
	subBits = 5
	sub     = 1 << subBits
	buckets = (64 - subBits) * sub
)

// histogram counts durations in buckets that grow with the value, from nanoseconds
// to years, in constant memory. It is safe for concurrent use.
type histogram struct {
	counts [buckets]atomic.Int64
	count  atomic.Int64
	sum    atomic.Int64
	max    atomic.Int64
}

// bucket is the index for d, and edge the largest duration of a bucket.
func bucket(d time.Duration) int {
	n := uint64(max(d, 0))
	if n < sub {
		return int(n)
	}
	shift := bits.Len64(n) - subBits - 1
	return (shift+1)*sub + int(n>>shift) - sub
}

func edge(i int) time.Duration {
	if i < sub {
		return time.Duration(i)
	}
	shift := i/sub - 1
	return time.Duration(uint64(i%sub+sub+1)<<shift - 1)
}

func (h *histogram) add(d time.Duration) {
	h.counts[bucket(d)].Add(1)
	h.count.Add(1)
	h.sum.Add(int64(d))
	for {
		old := h.max.Load()
		if int64(d) <= old || h.max.CompareAndSwap(old, int64(d)) {
			return
		}
	}
}

// quantile returns a duration that the given part of the values does not exceed,
// zero if there are none.
func (h *histogram) quantile(part float64) time.Duration {
	wanted := int64(part * float64(h.count.Load()))
	var seen int64
	for i := range h.counts {
		seen += h.counts[i].Load()
		if seen > wanted {
			return min(edge(i), time.Duration(h.max.Load()))
		}
	}
	return time.Duration(h.max.Load())
}

func (h *histogram) latency() Latency {
	l := Latency{
		P50: milliseconds(h.quantile(0.5)), P90: milliseconds(h.quantile(0.9)), P99: milliseconds(h.quantile(0.99)),
		P999: milliseconds(h.quantile(0.999)), Max: milliseconds(time.Duration(h.max.Load())),
	}
	if n := h.count.Load(); n > 0 {
		l.Mean = milliseconds(time.Duration(h.sum.Load() / n))
	}
	return l
}

// milliseconds keeps microseconds.
func milliseconds(d time.Duration) float64 { return float64(d.Round(time.Microsecond)) / 1e6 }
