package view

import (
	"math"
	"time"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/miners/pow"
)

// buckets are samples sorted into equal spans of time, oldest first.
type buckets struct {
	from  time.Time
	each  time.Duration
	inner [][]model.Sample
}

// sorted sorts samples into n spans of each before end.
func sorted(samples []model.Sample, end time.Time, each time.Duration, n int) buckets {
	b := buckets{end.Add(-time.Duration(n) * each), each, make([][]model.Sample, n)}
	for _, sample := range samples {
		if i := int(sample.At.Sub(b.from) / each); sample.At.After(b.from) && i < n {
			b.inner[i] = append(b.inner[i], sample)
		}
	}
	return b
}

// mean returns each span's mean of what of says; what it says to be 0 or less is
// not known.
func (b buckets) mean(of func(model.Sample) float64) []float64 {
	all := make([]float64, len(b.inner))
	for i, samples := range b.inner {
		sum, n := 0.0, 0
		for _, s := range samples {
			if v := of(s); v > 0 {
				sum += v
				n++
			}
		}
		all[i] = math.NaN()
		if n > 0 {
			all[i] = sum / float64(n)
		}
	}
	return bridged(all)
}

// sum returns each span's sum of what of says.
func (b buckets) sum(of func(model.Sample) float64) []float64 {
	all := make([]float64, len(b.inner))
	for i, samples := range b.inner {
		for _, s := range samples {
			all[i] += of(s)
		}
	}
	return all
}

// What a sample tells.
func hashrateOf(s model.Sample) float64 { return float64(s.Hashrate) }
func celsiusOf(s model.Sample) float64  { return s.Celsius }
func acceptedOf(s model.Sample) float64 { return float64(s.Accepted) }

// earnedIn returns what tells the coins of one kind; other kinds do not add up with it.
func earnedIn(symbol string) func(model.Sample) float64 {
	return func(s model.Sample) float64 {
		if s.Symbol != symbol {
			return 0
		}
		return s.Earned
	}
}

// largest returns the largest of values that are known, 0 without any.
func largest(values []float64) float64 {
	most := 0.0
	for _, v := range values {
		if v > most { // false for NaN
			most = v
		}
	}
	return most
}

// round returns the next larger number of one digit that people like: 1, 2, 5, 10.
func round(v float64) float64 {
	if v <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, step := range []float64{1, 1.2, 1.5, 2, 3, 4, 5, 6, 8} {
		if v <= step*power {
			return step * power
		}
	}
	return 10 * power
}

// rateGraph is a graph of hashrates.
func rateGraph(values []float64) graph {
	top := round(largest(values) * 1.05)
	return graph{values: values, top: top, most: number(pow.Hashrate(top).String())}
}

// heatGraph is a graph of temperatures.
func heatGraph(values []float64) graph {
	top := max(math.Ceil(largest(values)/10)*10, 60)
	return graph{values: values, bottom: 20, top: top, most: degrees(top)}
}

// lastHour is the graph of the hashrate in the last hour, or since mining began when
// that is shorter; it ends with the last sample, so that it changes with a new one
// only.
func lastHour(samples []model.Sample) graph {
	if len(samples) == 0 {
		return graph{}
	}
	const points = 120
	end := samples[len(samples)-1].At.Add(time.Second)
	span := min(max(end.Sub(samples[0].At), 5*time.Minute), time.Hour)
	each := span / points
	if every := cadence(samples); each < every {
		each = every
	}
	n := int(span / each)
	g := rateGraph(sorted(samples, end, each, n).mean(hashrateOf))
	g.begin, g.end = clock(end.Add(-span)), clock(end)
	return g
}

// cadence returns the usual time between samples.
func cadence(samples []model.Sample) time.Duration {
	if len(samples) < 2 {
		return time.Second
	}
	return samples[len(samples)-1].At.Sub(samples[len(samples)-2].At)
}

// bridged closes holes of one span: measurements come a little early or late.
func bridged(values []float64) []float64 {
	for i := 1; i < len(values)-1; i++ {
		if math.IsNaN(values[i]) && !math.IsNaN(values[i-1]) && !math.IsNaN(values[i+1]) {
			values[i] = (values[i-1] + values[i+1]) / 2
		}
	}
	return values
}
