package load

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// WriteTable writes the report for people.
func (r Report) WriteTable(w io.Writer) error {
	var b strings.Builder
	r.counts(&b)
	r.latencies(&b)
	writeChart(&b, r.distribution)
	r.misbehaved(&b)
	for _, list := range []map[string]int64{r.Rejects, r.Errors} {
		keys := slices.Collect(maps.Keys(list))
		slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(list[b], list[a]), cmp.Compare(a, b)) })
		for _, key := range keys {
			fmt.Fprintf(&b, "%8d  %s\n", list[key], key)
		}
	}
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "note: %s\n", note)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func columns(w io.Writer) *tabwriter.Writer {
	return tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
}

func (r Report) counts(w io.Writer) {
	t := columns(w)
	defer fmt.Fprintln(w)
	defer t.Flush()
	fmt.Fprintf(t, "connections\t%d\tfailed\t%d\tlost\t%d\t\n", r.Connections, r.Failed, r.Lost)
	fmt.Fprintf(t, "connects/s\t%.0f\tcame back\t%d\tresumed\t%d\t\n", r.ConnectsPerSec, r.Returned, r.Resumed)
	fmt.Fprintf(t, "shares sent\t%d\taccepted\t%d\trejected\t%d\t\n", r.Sent, r.Accepted, r.Rejected)
	fmt.Fprintf(t, "seconds\t%.1f\taccepted/s\t%.1f\tunanswered\t%d\t\n", r.Seconds, r.SharesPerSecond, r.Unanswered)
	fmt.Fprintf(t, "skipped\t%d\tlate\t%d\tovertaken\t%d\t\n", r.Skipped, r.Late, r.Overtaken)
	fmt.Fprintf(t, "hashes\t%d\tjobs\t%d\town CPU/share\t%.1f µs\t\n", r.Hashes, r.Jobs, r.CPUPerShare)
	fmt.Fprintf(t, "kB in\t%d\tkB out\t%d\t\n", r.BytesIn/1000, r.BytesOut/1000)
}

func (r Report) latencies(w io.Writer) {
	t := columns(w)
	defer t.Flush()
	fmt.Fprintf(t, "milliseconds\tmin\tmean\tp50\tp90\tp99\tp99.9\tmax\t\n")
	for _, row := range []struct {
		name string
		Latency
	}{
		{"share, from when due", r.Latency}, {"from when sent", r.Service}, {"login", r.Login},
		{"job, first to last", r.Spread}, {"of new blocks", r.CleanSpread},
		{"block to first", r.BlockFirst}, {"block to last", r.BlockLast},
	} {
		if row.Count > 0 {
			fmt.Fprintf(t, "%s\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t\n", row.name, row.Min, row.Mean, row.P50, row.P90, row.P99, row.P999, row.Max)
		}
	}
}

func (r Report) misbehaved(w io.Writer) {
	if len(r.Bad) == 0 {
		return
	}
	fmt.Fprintln(w)
	t := columns(w)
	defer t.Flush()
	fmt.Fprintf(t, "misbehaving\tconnections\tsent\trefused\ttaken for good\tunanswered\tgood shares\tdropped\tturned away\t\n")
	for _, role := range slices.Sorted(maps.Keys(r.Bad)) {
		b := r.Bad[role]
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t\n", role, b.Connections, b.Sent, b.Refused, b.Wrong, b.Unanswered, b.Accepted, b.Dropped, b.TurnedAway)
	}
}

// chartWidth is the longest bar.
const chartWidth = 50

// writeChart draws how many shares were answered in which time, in steps of 1, 2 and 5.
func writeChart(w io.Writer, h *hdrhistogram.Histogram) {
	if h == nil || h.TotalCount() == 0 {
		return
	}
	var edges []int64 // upper, in microseconds
	for decade := int64(10); len(edges) == 0 || edges[len(edges)-1] < h.Max(); decade *= 10 {
		edges = append(edges, decade, 2*decade, 5*decade)
	}
	counts := make([]int64, len(edges))
	for _, bar := range h.Distribution() {
		i, _ := slices.BinarySearch(edges, bar.To)
		counts[min(i, len(counts)-1)] += bar.Count
	}
	first := slices.IndexFunc(counts, func(n int64) bool { return n > 0 })
	last := len(counts)
	for counts[last-1] == 0 {
		last--
	}
	fmt.Fprintf(w, "\nshares by the time to their answer\n")
	for i := first; i < last; i++ {
		length := int(counts[i] * chartWidth / slices.Max(counts))
		if counts[i] > 0 && length == 0 {
			length = 1
		}
		fmt.Fprintf(w, "%9s ms %6.2f %%  %s\n", fmt.Sprintf("≤ %g", float64(edges[i])/1000), 100*float64(counts[i])/float64(h.TotalCount()), strings.Repeat("█", length))
	}
}
