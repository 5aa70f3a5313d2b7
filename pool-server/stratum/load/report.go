package load

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"
)

// Report is what a Run saw. Its JSON is an interface for scripts.
type Report struct {
	Addr            string           `json:"addr"`
	Algorithm       string           `json:"algorithm"`
	Connections     int              `json:"connections"`     // that logged in
	Failed          int64            `json:"failed"`          // that did not
	Lost            int64            `json:"lost"`            // that broke before the end
	Seconds         float64          `json:"seconds"`         // in which shares were sent
	Sent            int64            `json:"sent"`            // shares
	Accepted        int64            `json:"accepted"`        // answered with true
	Rejected        int64            `json:"rejected"`        // answered with an error
	Unanswered      int64            `json:"unanswered"`      // still without answer at the end
	Skipped         int64            `json:"skipped"`         // not sent at their time: the pipeline was full
	Hashes          int64            `json:"hashes"`          // it took to find them
	SharesPerSecond float64          `json:"sharesPerSecond"` // accepted
	Latency         Latency          `json:"latencyMs"`       // from sending a share to its answer
	Login           Latency          `json:"loginMs"`         // from connecting to the first job
	Jobs            int              `json:"jobs"`            // seen, the first one included
	Spread          Latency          `json:"spreadMs"`        // from a job's first arrival to its last, jobs that came to all
	Rejects         map[string]int64 `json:"rejects"`         // by reason
	Errors          map[string]int64 `json:"errors"`          // of connections
}

// Latency is a distribution, in milliseconds, to about 3 %.
type Latency struct {
	Mean float64 `json:"mean"`
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	Max  float64 `json:"max"`
}

// tally is a Report in the making.
type tally struct {
	sent, accepted, rejected, unanswered, skipped, hashes atomic.Int64
	latency, login                                        histogram

	mu      sync.Mutex
	failed  int64
	broken  int64
	errors  map[string]int64
	rejects map[string]int64
	jobs    map[string]*arrival
}

// arrival is when connections got a job.
type arrival struct {
	first, last time.Time
	count       int
}

// maxReasons is how many different reasons are kept apart: a server may put
// anything into them.
const maxReasons = 100

func note(m map[string]int64, reason string) {
	if _, known := m[reason]; !known && len(m) >= maxReasons {
		reason = "others"
	}
	m[reason]++
}

func (t *tally) fail(why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failed++
	note(t.errors, why)
}

func (t *tally) lost(why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.broken++
	note(t.errors, "lost: "+why)
}

func (t *tally) reject(why string) {
	t.rejected.Add(1)
	t.mu.Lock()
	defer t.mu.Unlock()
	note(t.rejects, why)
}

func (t *tally) arrived(job string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.jobs[job]
	if a == nil {
		a = &arrival{first: time.Now()}
		t.jobs[job] = a
	}
	a.last = time.Now()
	a.count++
}

func (t *tally) firstError() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, why := range slices.Sorted(maps.Keys(t.errors)) {
		return why
	}
	return "no reason known"
}

func (t *tally) report(o Options, passed time.Duration) Report {
	t.mu.Lock()
	defer t.mu.Unlock()
	var spread histogram
	for _, a := range t.jobs {
		if a.count == o.Connections && a.count > 1 {
			spread.add(a.last.Sub(a.first))
		}
	}
	return Report{
		Addr: o.Addr, Algorithm: string(o.Algorithm), Failed: t.failed, Lost: t.broken, Seconds: passed.Seconds(),
		Sent: t.sent.Load(), Accepted: t.accepted.Load(), Rejected: t.rejected.Load(),
		Unanswered: t.unanswered.Load(), Skipped: t.skipped.Load(), Hashes: t.hashes.Load(),
		Latency: t.latency.latency(), Login: t.login.latency(), Jobs: len(t.jobs), Spread: spread.latency(),
		Rejects: maps.Clone(t.rejects), Errors: maps.Clone(t.errors),
	}
}

// WriteTable writes the report for people.
func (r Report) WriteTable(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "connections\t%d\tfailed\t%d\tlost\t%d\t\n", r.Connections, r.Failed, r.Lost)
	fmt.Fprintf(t, "shares sent\t%d\taccepted\t%d\trejected\t%d\t\n", r.Sent, r.Accepted, r.Rejected)
	fmt.Fprintf(t, "seconds\t%.1f\taccepted/s\t%.1f\tunanswered\t%d\t\n", r.Seconds, r.SharesPerSecond, r.Unanswered)
	fmt.Fprintf(t, "hashes\t%d\tjobs\t%d\tskipped\t%d\t\n", r.Hashes, r.Jobs, r.Skipped)
	fmt.Fprintf(t, "\t\t\t\t\t\t\n")
	fmt.Fprintf(t, "milliseconds\tmean\tp50\tp90\tp99\tp99.9\tmax\t\n")
	for _, row := range []struct {
		name string
		Latency
	}{{"share", r.Latency}, {"login", r.Login}, {"job spread", r.Spread}} {
		fmt.Fprintf(t, "%s\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t\n", row.name, row.Mean, row.P50, row.P90, row.P99, row.P999, row.Max)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for _, list := range []map[string]int64{r.Rejects, r.Errors} {
		keys := slices.Collect(maps.Keys(list))
		slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(list[b], list[a]), cmp.Compare(a, b)) })
		for _, key := range keys {
			if _, err := fmt.Fprintf(w, "%8d  %s\n", list[key], key); err != nil {
				return err
			}
		}
	}
	return nil
}
