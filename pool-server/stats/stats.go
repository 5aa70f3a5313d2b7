// Package stats estimates hashrates and counts shares from the stream of shares:
// per worker, account and pool, in memory.
//
// A hashrate is an estimate from a Poisson process, so it comes with an error bar
// (see Rate). It is right from a worker's first share on, because time is counted
// from the moment of connection and not from the start of a fixed window. A pool's
// hashrate is the sum of its workers' and inherits their error bars.
//
// Every method takes the time it is asked for, and shares carry their own; the
// package reads no clock and starts no goroutine. Who owns a Stats calls Tick
// every ten seconds, keeps the finished hours that Tick returns (the ledger has
// the history of days), and may replay the share log of the last hour into it
// after a restart. It leaves money and all-time totals to the ledger.
//
// Memory is bounded: an hour in minutes for each worker, at most MaxWorkers of
// them, of which those without accepted shares and those longest silent go first.
// Nothing here fails. Methods are safe for concurrent use.
package stats

import (
	"maps"
	"sync"
	"time"

	"github.com/adit-mining/adit/miners/pow"
)

// Options are the limits of a Stats. Zero values mean the defaults that are named.
type Options struct {
	MaxWorkers   int           // workers remembered at most; default 100,000
	OfflineAfter time.Duration // silence after which a worker is offline; default 5 minutes, longer for one that rarely has a share
	ForgetAfter  time.Duration // silence after which a worker is forgotten; default 24 hours
}

// Share is an accepted share.
type Share struct {
	Pool, Account, Worker string
	Algorithm             pow.Algorithm
	Difficulty            pow.Difficulty // of the job
	Time                  time.Time      // when it was accepted
	Connected             time.Time      // when its session began; zero if unknown
}

// Reject is a refused share.
type Reject struct {
	Pool, Account, Worker string
	Reason                string // a short word or two, such as "stale"
	Time                  time.Time
}

// maxReasons bounds the reasons that are counted apart; the rest is "other".
const maxReasons = 16

// Counts are shares since the start of the program.
type Counts struct {
	Accepted int64
	Rejected int64
	Reasons  map[string]int64 // of the rejected ones
}

func (c *Counts) reject(reason string) {
	c.Rejected++
	if c.Reasons == nil {
		c.Reasons = map[string]int64{}
	}
	if _, known := c.Reasons[reason]; !known && len(c.Reasons) >= maxReasons {
		reason = "other"
	}
	c.Reasons[reason]++
}

func (c *Counts) add(o Counts) {
	c.Accepted += o.Accepted
	c.Rejected += o.Rejected
	for reason, n := range o.Reasons {
		if c.Reasons == nil {
			c.Reasons = map[string]int64{}
		}
		c.Reasons[reason] += n
	}
}

func (c Counts) clone() Counts {
	c.Reasons = maps.Clone(c.Reasons)
	return c
}

// Stats holds the statistics of all pools of a server.
type Stats struct {
	o Options

	mu      sync.Mutex
	pools   map[string]*pool
	workers map[key]*worker // all of them, for the limit
	hour    time.Time       // the running hour
}

type key struct{ pool, account, worker string }

// pool is one pool's accounts and history.
type pool struct {
	accounts  map[string]map[string]*worker
	counts    Counts
	hour      hourSum
	snapshots []Snapshot // of the last hour, oldest first
	hours     []Hour     // of the pool as a whole, oldest first
}

// worker is one worker's recent past.
type worker struct {
	key
	counts Counts
	window window
	hour   hourSum
	seen   time.Time // last share, accepted or not
}

// New returns an empty Stats.
func New(o Options) *Stats {
	if o.MaxWorkers <= 0 {
		o.MaxWorkers = 100_000
	}
	if o.OfflineAfter <= 0 {
		o.OfflineAfter = 5 * time.Minute
	}
	if o.ForgetAfter <= 0 {
		o.ForgetAfter = 24 * time.Hour
	}
	return &Stats{o: o, pools: map[string]*pool{}, workers: map[key]*worker{}}
}

// ShareAccepted counts an accepted share.
func (s *Stats) ShareAccepted(share Share) {
	work := share.Algorithm.Hashes(share.Difficulty)
	s.mu.Lock()
	defer s.mu.Unlock()
	p, w := s.find(key{share.Pool, share.Account, share.Worker})
	w.seen = later(w.seen, share.Time)
	w.window.add(share.Time, share.Connected, work)
	w.counts.Accepted++
	w.hour.add(work)
	p.counts.Accepted++
	p.hour.add(work)
}

// ShareRejected counts a refused share.
func (s *Stats) ShareRejected(r Reject) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, w := s.find(key{r.Pool, r.Account, r.Worker})
	w.seen = later(w.seen, r.Time)
	w.counts.reject(r.Reason)
	w.hour.rejected++
	p.counts.reject(r.Reason)
	p.hour.rejected++
}

// find returns the worker of k and its pool, making what is not there.
func (s *Stats) find(k key) (*pool, *worker) {
	p := s.pools[k.pool]
	if p == nil {
		p = &pool{accounts: map[string]map[string]*worker{}}
		s.pools[k.pool] = p
	}
	if w := s.workers[k]; w != nil {
		return p, w
	}
	if len(s.workers) >= s.o.MaxWorkers {
		s.evict()
	}
	w := &worker{key: k}
	s.workers[k] = w
	if p.accounts[k.account] == nil {
		p.accounts[k.account] = map[string]*worker{}
	}
	p.accounts[k.account][k.worker] = w
	return p, w
}

// evict makes room for one worker: of some picked at random, one that never had
// an accepted share (anybody can make those up), else the longest silent one.
func (s *Stats) evict() {
	var victim *worker
	looked := 0
	for _, w := range s.workers {
		if victim == nil || w.lessWorth(victim) {
			victim = w
		}
		if looked++; looked == 64 {
			break
		}
	}
	if victim != nil {
		s.drop(victim)
	}
}

func (w *worker) lessWorth(o *worker) bool {
	if mine, other := w.counts.Accepted > 0, o.counts.Accepted > 0; mine != other {
		return other
	}
	return w.seen.Before(o.seen)
}

func (s *Stats) drop(w *worker) {
	delete(s.workers, w.key)
	accounts := s.pools[w.pool].accounts
	delete(accounts[w.account], w.worker)
	if len(accounts[w.account]) == 0 {
		delete(accounts, w.account)
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
