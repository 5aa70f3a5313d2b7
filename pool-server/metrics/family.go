package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/adit-mining/adit/pool-server/histogram"
)

// family is one metric: its series differ in their labels.
type family struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
}

func counter(name, help string, labels ...string) family {
	return family{prometheus.NewDesc("adit_"+name, help, labels, nil), prometheus.CounterValue}
}

func gauge(name, help string, labels ...string) family {
	return family{prometheus.NewDesc("adit_"+name, help, labels, nil), prometheus.GaugeValue}
}

// distribution is a family of histograms.
func distribution(name, help string, labels ...string) family {
	return family{desc: prometheus.NewDesc("adit_"+name, help, labels, nil)}
}

func (f family) send(out chan<- prometheus.Metric, value float64, labels ...string) {
	out <- prometheus.MustNewConstMetric(f.desc, f.kind, value, labels...)
}

func (f family) sendBool(out chan<- prometheus.Metric, value bool, labels ...string) {
	number := 0.0
	if value {
		number = 1
	}
	f.send(out, number, labels...)
}

// sendTimes sends a histogram of nanoseconds, in seconds.
func (f family) sendTimes(out chan<- prometheus.Metric, s histogram.Snapshot, labels ...string) {
	f.sendScaled(out, s, float64(time.Second), labels...)
}

// sendScaled sends a histogram whose values are so many units each.
func (f family) sendScaled(out chan<- prometheus.Metric, s histogram.Snapshot, unit float64, labels ...string) {
	buckets := make(map[float64]uint64, len(s.Bounds))
	for i, bound := range s.Bounds {
		buckets[float64(bound)/unit] = s.UpTo[i]
	}
	out <- prometheus.MustNewConstHistogram(f.desc, s.Count, float64(s.Sum)/unit, buckets, labels...)
}
