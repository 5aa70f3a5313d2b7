package cpuminer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/pow"
)

// schemaVersion is the version of the list of events in the package comment.
const schemaVersion = 1

// A Line is what the program prints on its standard output; which fields an
// event has is in the package comment.
type Line struct {
	Event      string         `json:"event"`
	Version    int            `json:"version,omitempty"`
	Algorithm  pow.Algorithm  `json:"algorithm,omitempty"`
	Threads    int            `json:"threads,omitempty"`
	Pool       string         `json:"pool,omitempty"` // host:port
	Difficulty pow.Difficulty `json:"difficulty,omitempty"`
	Job        string         `json:"job,omitempty"`
	Height     int64          `json:"height,omitempty"`
	Clean      bool           `json:"clean,omitempty"`
	Hashrate   *pow.Hashrate  `json:"hashrate,omitempty"` // hashes per second
	PerThread  []pow.Hashrate `json:"per_thread,omitempty"`
	Accepted   *int64         `json:"accepted,omitempty"`
	Rejected   *int64         `json:"rejected,omitempty"`
	Code       string         `json:"code,omitempty"` // a miners.Code, or a share's reject code
	Reason     string         `json:"reason,omitempty"`
}

// errNobodyReads is that the lines cannot be printed any more.
var errNobodyReads = errors.New("nobody reads the output")

// A reporter prints the lines, and tells the same in the log.
type reporter struct {
	log  *slog.Logger
	fail context.CancelCauseFunc // ends all when out is broken

	mu       sync.Mutex
	out      io.Writer
	broken   error
	accepted int64
	rejected int64
}

// print writes l as one line with one Write.
func (r *reporter) print(l Line) {
	line, err := json.Marshal(l)
	if err != nil {
		panic(fmt.Sprintf("line %+v: %v", l, err))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken != nil {
		return
	}
	if _, err := r.out.Write(append(line, '\n')); err != nil {
		r.broken = fmt.Errorf("%w: %w", errNobodyReads, err)
		r.fail(r.broken)
	}
}

// failure returns why the lines could not be printed, or nil.
func (r *reporter) failure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.broken
}

func (r *reporter) started(a pow.Algorithm, threads int) {
	r.log.Info("started", "algorithm", string(a), "threads", threads)
	r.print(Line{Event: "started", Version: schemaVersion, Algorithm: a, Threads: threads})
}

func (r *reporter) connected(pool string) {
	r.log.Info("connected", "pool", pool)
	r.print(Line{Event: "connected", Pool: pool})
}

func (r *reporter) difficulty(d pow.Difficulty) {
	r.log.Info("new difficulty", "difficulty", float64(d))
	r.print(Line{Event: "difficulty", Difficulty: d})
}

func (r *reporter) job(j *job) {
	r.log.Info("new job", "job", j.id, "height", j.height, "clean", j.clean)
	r.print(Line{Event: "job", Job: j.id, Height: j.height, Clean: j.clean})
}

func (r *reporter) hashrate(total pow.Hashrate, threads []pow.Hashrate) {
	r.log.Info("hashrate", "hashrate", total.String())
	r.print(Line{Event: "hashrate", Hashrate: &total, PerThread: threads})
}

func (r *reporter) shareAccepted() {
	r.accepted++
	accepted, rejected := r.accepted, r.rejected
	r.log.Info("share accepted", "accepted", accepted, "rejected", rejected)
	r.print(Line{Event: "accepted", Accepted: &accepted, Rejected: &rejected})
}

func (r *reporter) shareRejected(code, reason string) {
	r.rejected++
	accepted, rejected := r.accepted, r.rejected
	r.log.Warn("share rejected", "accepted", accepted, "rejected", rejected, "code", code, "reason", reason)
	r.print(Line{Event: "rejected", Accepted: &accepted, Rejected: &rejected, Code: code, Reason: reason})
}

func (r *reporter) disconnected(code miners.Code, reason string) {
	r.log.Warn("disconnected", "code", string(code), "reason", reason)
	r.print(Line{Event: "disconnected", Code: string(code), Reason: reason})
}

func (r *reporter) problem(code miners.Code, reason string) {
	r.log.Warn("problem", "code", string(code), "reason", reason)
	r.print(Line{Event: "problem", Code: string(code), Reason: reason})
}

func (r *reporter) message(text string) {
	r.log.Info("message from the pool", "text", text)
	r.print(Line{Event: "message", Reason: text})
}
