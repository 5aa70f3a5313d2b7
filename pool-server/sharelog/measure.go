package sharelog

import (
	"sync/atomic"
	"time"

	"github.com/adit-mining/adit/pool-server/histogram"
)

// measures are what nobody but the operator's metrics asks for.
type measures struct {
	commit *histogram.Histogram
	size   *histogram.Histogram
	lost   atomic.Uint64
}

func newMeasures() measures {
	return measures{commit: histogram.Times(), size: histogram.New(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)}
}

// durable counts a batch whose writing began at begun.
func (m *measures) durable(records int, begun time.Time) {
	m.commit.Since(begun)
	m.size.Observe(int64(records))
}

// Measures are what metrics show beside Status, since Open.
type Measures struct {
	Lost   uint64             // records that were answered with an error
	Commit histogram.Snapshot // nanoseconds until a batch was durable
	Size   histogram.Snapshot // records of a batch
}

// Measures returns what was measured so far.
func (l *Log) Measures() Measures {
	m := &l.measures
	return Measures{Lost: m.lost.Load(), Commit: m.commit.Snapshot(), Size: m.size.Snapshot()}
}
