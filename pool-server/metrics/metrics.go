// Package metrics shows the pool's inner numbers to its operator's monitoring, in the
// text form that Prometheus reads: https://prometheus.io/docs/instrumenting/exposition_formats/.
// The names follow https://prometheus.io/docs/practices/naming/; nothing that a miner
// chooses is ever a label, so the number of series follows the configuration and not
// the miners.
//
// Nothing here runs between two requests. The numbers are counted by the packages that
// they are about, whose counters are read at each request; the way of a share is not
// touched. The package starts no goroutine and changes nothing. A ledger that cannot be
// read is itself a number (adit_ledger_up), not a failed answer.
package metrics

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/pool-server/sharelog"
	"github.com/adit-mining/adit/pool-server/stats"
	"github.com/adit-mining/adit/pool-server/stratum"
)

// Path is where the metrics are, on whatever listener.
const Path = "/metrics"

// readTime is how long the ledger may take for its few numbers.
const readTime = 5 * time.Second

// atOnce is how many requests are answered at a time: more than one monitoring system
// is rare, and a page that somebody keeps loading shall cost nobody anything.
const atOnce = 4

// Source is where the numbers come from. Its functions are called at each request.
type Source struct {
	Version  string                                                 // of the program
	Pools    func() []Pool                                          // as they are now
	ShareLog func() (sharelog.Status, sharelog.Measures)            // of the whole server
	Counting func() bool                                            // whether the ledger takes what the share log has
	Position func(ctx context.Context) (uint64, error)              // that the ledger has applied
	Blocks   func(ctx context.Context, pool string) (Blocks, error) // that a pool has found
	Log      *slog.Logger                                           // nil means none
}

// Blocks is how many blocks are in which state.
type Blocks = map[ledger.BlockStatus]int64

// Pool is one coin of the server.
type Pool struct {
	ID                string
	Ports             []Port
	Nodes             []Node
	ByHeader          uint64 // new blocks that a header told of first
	ByTemplate        uint64 // new blocks that a daemon's template told of first
	Stats             stats.Pool
	Payouts           payouts.Status
	Fresh             bool    // there is work that is worth doing
	Height            int64   // of the block that is worked on; 0 before the first template
	NetworkDifficulty float64 // in the unit of share difficulties
}

// Port is one stratum port.
type Port struct {
	Listen   string // host:port
	Stats    stratum.Stats
	Measures stratum.Measures
}

// Node is one daemon of a pool's coin.
type Node struct {
	Status   node.NodeStatus
	Measures node.Measures
}

// handler answers with the numbers of source, and those of the Go runtime and the
// process.
type handler struct {
	source  Source
	runtime *prometheus.Registry
	turns   chan struct{}
}

// New returns what answers requests for Path.
func New(s Source) http.Handler {
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	h := &handler{source: s, runtime: prometheus.NewRegistry(), turns: make(chan struct{}, atOnce)}
	h.runtime.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return h
}

// ServeHTTP answers a request.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case h.turns <- struct{}{}:
		defer func() { <-h.turns }()
	default:
		http.Error(w, "too many requests for metrics at once", http.StatusServiceUnavailable)
		return
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(h.source.read(r.Context()))
	gatherers := prometheus.Gatherers{h.runtime, registry}
	promhttp.HandlerFor(gatherers, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError, // one doubtful number hides no others
		ErrorLog:      slog.NewLogLogger(h.source.Log.Handler(), slog.LevelWarn),
	}).ServeHTTP(w, r)
}

// reading is all numbers at one moment.
type reading struct {
	at       time.Time
	version  string
	pools    []Pool
	log      sharelog.Status
	measures sharelog.Measures
	counting bool
	position uint64
	blocks   map[string]Blocks // by pool
	err      error             // why the ledger cannot be read
}

func (s *Source) read(ctx context.Context) *reading {
	r := &reading{at: time.Now(), version: s.Version, pools: s.Pools(), counting: s.Counting(), blocks: map[string]Blocks{}}
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	// The ledger before the log, so that it is never ahead of it.
	r.position, r.err = s.Position(ctx)
	for i := range r.pools {
		if r.err == nil {
			r.blocks[r.pools[i].ID], r.err = s.Blocks(ctx, r.pools[i].ID)
		}
	}
	if r.err != nil {
		s.Log.Warn("metrics without the ledger's", "err", r.err)
	}
	r.log, r.measures = s.ShareLog()
	return r
}

// Describe names nothing beforehand: which series there are follows the configuration.
func (r *reading) Describe(chan<- *prometheus.Desc) {}

// Collect hands out the numbers.
func (r *reading) Collect(out chan<- prometheus.Metric) {
	buildInfo.send(out, 1, r.version)
	r.collectShareLog(out)
	r.collectLedger(out)
	for i := range r.pools {
		p := &r.pools[i]
		r.collectPool(out, p)
		for j := range p.Ports {
			p.Ports[j].collect(out, p.ID)
		}
		for j := range p.Nodes {
			p.Nodes[j].collect(out, p.ID, r.at)
		}
	}
}
