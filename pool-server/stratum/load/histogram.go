package load

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// What a histogram tells apart: microseconds, up to an hour, to three digits.
const (
	histogramMax    = int64(time.Hour / time.Microsecond)
	histogramDigits = 3
)

func newHDR() *hdrhistogram.Histogram { return hdrhistogram.New(1, histogramMax, histogramDigits) }

// histogram counts durations. It is safe for concurrent use.
type histogram struct {
	mu     sync.Mutex
	counts *hdrhistogram.Histogram // nil before the first
}

func (h *histogram) add(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.counts == nil {
		h.counts = newHDR()
	}
	h.counts.RecordValue(min(max(int64((d+time.Microsecond/2)/time.Microsecond), 0), histogramMax)) // in range: no error
}

// merge returns the sum of histograms.
func merge(parts ...*histogram) *hdrhistogram.Histogram {
	sum := newHDR()
	for _, h := range parts {
		h.mu.Lock()
		if h.counts != nil {
			sum.Merge(h.counts)
		}
		h.mu.Unlock()
	}
	return sum
}

// latency reads a histogram out.
func latency(h *hdrhistogram.Histogram) Latency {
	if h.TotalCount() == 0 {
		return Latency{}
	}
	ms := func(microseconds int64) float64 { return float64(microseconds) / 1000 }
	at := func(percent float64) float64 { return ms(min(h.ValueAtQuantile(percent), h.Max())) }
	return Latency{
		Min: ms(h.Min()), Mean: float64(int64(h.Mean())) / 1000, P50: at(50), P90: at(90), P99: at(99), P999: at(99.9),
		Max: ms(h.Max()), Count: h.TotalCount(),
	}
}

// shards is how many pairs of histograms the connections share: one alone would have
// all readers wait for its lock.
const shards = 8

// shard are the latencies of some of the connections.
type shard struct {
	latency histogram // from when a share was due
	service histogram // from when it was sent
}
