package load

import (
	"fmt"
	"maps"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/adit-mining/adit/miners/pow"
)

// Report is what a Run saw. Its JSON is an interface for scripts: keys are added, but
// never change. All of it is of honest connections, but for Bad.
type Report struct {
	Addr            string              `json:"addr"`
	Algorithm       string              `json:"algorithm"`
	TLS             bool                `json:"tls"`
	Connections     int                 `json:"connections"`       // that logged in
	Failed          int64               `json:"failed"`            // that did not
	Lost            int64               `json:"lost"`              // that broke before the end
	ConnectsPerSec  float64             `json:"connectsPerSecond"` // while they were made
	Churned         int64               `json:"churned"`           // were told to leave and come back
	Returned        int64               `json:"returned"`          // did come back, after that or after they broke
	Resumed         int64               `json:"resumed"`           // with the extranonce1 that they had asked for
	Seconds         float64             `json:"seconds"`           // in which shares were sent
	Sent            int64               `json:"sent"`              // shares
	Accepted        int64               `json:"accepted"`          // answered with true
	Rejected        int64               `json:"rejected"`          // answered with an error
	Overtaken       int64               `json:"overtaken"`         // of the rejected: stale, as a new block came while they were on their way
	Unanswered      int64               `json:"unanswered"`        // still without answer at the end, or when the connection broke
	Skipped         int64               `json:"skipped"`           // due but never sent: the pipeline was full, or no connection there
	Late            int64               `json:"late"`              // sent a millisecond or more late by this program itself
	Hashes          int64               `json:"hashes"`            // it took to find them
	SharesPerSecond float64             `json:"sharesPerSecond"`   // accepted
	BytesIn         int64               `json:"bytesIn"`           // of all connections, under TLS if there is
	BytesOut        int64               `json:"bytesOut"`          //
	CPUSeconds      float64             `json:"cpuSeconds"`        // of this program, connecting included; 0 where it cannot be told
	CPUPerShare     float64             `json:"cpuMicrosecondsPerShare"`
	Latency         Latency             `json:"latencyMs"`      // from when a share was due to its answer
	Service         Latency             `json:"serviceMs"`      // from sending it
	Login           Latency             `json:"loginMs"`        // from connecting to the first job
	Jobs            int                 `json:"jobs"`           // seen, the first one included
	Spread          Latency             `json:"spreadMs"`       // from a job's first arrival to its last, jobs that came to all
	CleanSpread     Latency             `json:"cleanSpreadMs"`  // the same of jobs for a new block
	BlockFirst      Latency             `json:"blockToFirstMs"` // from a block to the first arrival of its job, if blocks are told
	BlockLast       Latency             `json:"blockToLastMs"`  // to the last one
	Rejects         map[string]int64    `json:"rejects"`        // by reason
	Errors          map[string]int64    `json:"errors"`         // of connections
	Bad             map[Role]Misbehaved `json:"bad,omitempty"`  // those that misbehave
	Notes           []string            `json:"notes"`          // what a reader should know about these figures

	distribution *hdrhistogram.Histogram // of Latency, for the chart
}

// Misbehaved is what became of the connections of one role. Only Refused and Dropped
// are what a pool should do.
type Misbehaved struct {
	Connections int   `json:"connections"`
	Sent        int64 `json:"sent"`            // lines that are wrong, or bytes of those who only hold on
	Refused     int64 `json:"refused"`         // answered with an error
	Wrong       int64 `json:"wronglyAccepted"` // answered with true
	Unanswered  int64 `json:"unanswered"`      //
	Accepted    int64 `json:"accepted"`        // good shares among the others, answered with true
	Dropped     int64 `json:"dropped"`         // connections that the server ended
	TurnedAway  int64 `json:"turnedAway"`      // connections that could not be made
}

// Latency is a distribution in milliseconds, to three digits.
type Latency struct {
	Min   float64 `json:"min"`
	Mean  float64 `json:"mean"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P99   float64 `json:"p99"`
	P999  float64 `json:"p999"`
	Max   float64 `json:"max"`
	Count int64   `json:"count"`
}

func (r *run) merged(of func(*shard) *histogram) *hdrhistogram.Histogram {
	var parts []*histogram
	for i := range r.shards {
		parts = append(parts, of(&r.shards[i]))
	}
	return merge(parts...)
}

// report is what is known before the connections are closed.
func (r *run) report(passed time.Duration) Report {
	distribution := r.merged(func(s *shard) *histogram { return &s.latency })
	all, clean := r.broadcasts.spread()
	first, last := r.broadcasts.fromBlocks()
	r.mu.Lock()
	defer r.mu.Unlock()
	report := Report{
		Addr: r.Addr, Algorithm: string(r.Algorithm), TLS: r.TLS != nil,
		Connections: r.logged, Failed: r.failed, Lost: r.broken, Seconds: passed.Seconds(),
		Latency: latency(distribution), Service: latency(r.merged(func(s *shard) *histogram { return &s.service })),
		Login: latency(merge(&r.login)), Jobs: r.broadcasts.jobs(),
		Spread: all, CleanSpread: clean, BlockFirst: first, BlockLast: last,
		Errors: maps.Clone(r.errors), Notes: []string{}, distribution: distribution,
	}
	if r.connects > 0 {
		report.ConnectsPerSec = float64(r.logged) / r.connects.Seconds()
	}
	return report
}

// finish adds what is known only when all connections are closed: the last answers
// are counted then.
func (report *Report) finish(r *run, accepted int64, cpu time.Duration) {
	report.Sent, report.Accepted, report.Rejected = r.sent.Load(), r.accepted.Load(), r.rejected.Load()
	report.Overtaken, report.Unanswered = r.overtaken.Load(), r.unanswered.Load()
	report.Skipped, report.Late, report.Hashes = r.skipped.Load(), r.late.Load(), r.hashes.Load()
	report.Churned, report.Returned, report.Resumed = r.churned.Load(), r.returned.Load(), r.resumed.Load()
	report.BytesIn, report.BytesOut = r.bytesIn.Load(), r.bytesOut.Load()
	report.CPUSeconds = cpu.Seconds()
	if report.Seconds > 0 {
		report.SharesPerSecond = float64(accepted) / report.Seconds
	}
	if answered := report.Accepted + report.Rejected; answered > 0 {
		report.CPUPerShare = float64(cpu.Microseconds()) / float64(answered)
	}
	r.mu.Lock()
	report.Rejects = maps.Clone(r.rejects)
	r.mu.Unlock()
	for role, b := range r.books {
		if report.Bad == nil {
			report.Bad = map[Role]Misbehaved{}
		}
		report.Bad[role] = Misbehaved{
			Connections: r.roles[role], Sent: b.sent.Load(), Refused: b.refused.Load(), Wrong: b.wrong.Load(),
			Unanswered: b.unanswered.Load(), Accepted: b.accepted.Load(), Dropped: b.dropped.Load(), TurnedAway: b.away.Load(),
		}
	}
	report.explain(r)
}

// WronglyAccepted is how often a line that is wrong was answered with true.
func (report Report) WronglyAccepted() (n int64) {
	for _, b := range report.Bad {
		n += b.Wrong
	}
	return n
}

// explain says in words what the figures alone do not tell.
func (report *Report) explain(r *run) {
	say := func(format string, args ...any) { report.Notes = append(report.Notes, fmt.Sprintf(format, args...)) }
	answered := report.Accepted + report.Rejected
	if low := r.lowDifficulty(); low > 0 && low == answered {
		say("every share was below the target: the pool may be of another algorithm than %s (--algorithm)", report.Algorithm)
	}
	if d := r.difficulty.Load(); r.Rate >= 0 && d != nil && report.Sent == 0 && report.Connections > 0 {
		say("no share was found: at difficulty %g one takes %.0f hashes; ask for less with --password d=..., or set the port's difficulty lower",
			*d, r.Algorithm.Hashes(pow.Difficulty(*d)))
	}
	if report.Late > report.Sent/50 {
		say("this machine is too slow or too busy for the rate: %d shares were sent late by this program itself; the latencies from when due contain that", report.Late)
	}
	if report.Skipped > 0 {
		say("%d shares were due and never sent: the true latencies are higher than these", report.Skipped)
	}
	if n := report.WronglyAccepted(); n > 0 {
		say("the pool said true to %d shares that are wrong", n)
	}
	if report.Overtaken > 0 {
		say("%d shares were overtaken by a new block on their way; that is nobody's fault", report.Overtaken)
	}
	if report.Churned > 0 && report.Resumed == 0 {
		say("the pool resumes no sessions: who comes back begins anew")
	}
}

// lowDifficulty is how many shares were refused as below the target.
func (r *run) lowDifficulty() (n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for reason, times := range r.rejects {
		var number int
		if fmt.Sscan(reason, &number); number == codeLowDiff {
			n += times
		}
	}
	return n
}
