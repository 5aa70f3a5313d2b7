package load

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// tally is a Report in the making.
type tally struct {
	sent, accepted, rejected, unanswered atomic.Int64 // honest shares
	skipped, late, overtaken             atomic.Int64
	hashes, bytesIn, bytesOut            atomic.Int64
	churned, returned, resumed           atomic.Int64
	connects                             time.Duration // what connecting took
	roles                                map[Role]int
	books                                map[Role]*book // of those that misbehave

	mu      sync.Mutex
	logged  int // connections that logged in
	failed  int64
	broken  int64
	errors  map[string]int64
	rejects map[string]int64
}

// book is what became of the connections of one role that misbehaves.
type book struct {
	sent, refused, accepted, wrong, unanswered, dropped, away atomic.Int64
}

func (t *tally) init(roles map[Role]int) {
	t.roles, t.books = roles, map[Role]*book{}
	for role := range roles {
		if role != Honest {
			t.books[role] = new(book)
		}
	}
	t.errors, t.rejects = map[string]int64{}, map[string]int64{}
}

// maxReasons is how many different reasons are kept apart: a server may put
// anything into them.
const maxReasons = 100

func count(m map[string]int64, reason string) {
	if _, known := m[reason]; !known && len(m) >= maxReasons {
		reason = "others"
	}
	m[reason]++
}

// connected ends the time of connecting.
func (r *run) connected(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.logged, r.connects = n, r.now()
}

func (t *tally) fail(why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failed++
	count(t.errors, why)
}

func (t *tally) lost(why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.broken++
	count(t.errors, "lost: "+why)
}

func (t *tally) note(why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	count(t.errors, why)
}

// reject books a share that got an error.
func (t *tally) reject(why string) {
	t.rejected.Add(1)
	t.mu.Lock()
	defer t.mu.Unlock()
	count(t.rejects, why)
}

func (t *tally) firstError() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, why := range slices.Sorted(maps.Keys(t.errors)) {
		return why
	}
	return "no reason known"
}

// Progress is how a Run goes.
type Progress struct {
	Elapsed  time.Duration
	Sent     int64 // honest shares
	Accepted int64
	Rejected int64
	Lost     int64         // connections
	P50, P99 time.Duration // of all shares so far
}

func (r *run) progress(elapsed time.Duration) Progress {
	l := latency(r.merged(func(s *shard) *histogram { return &s.latency }))
	r.mu.Lock()
	defer r.mu.Unlock()
	ms := func(v float64) time.Duration { return time.Duration(v * float64(time.Millisecond)) }
	return Progress{
		Elapsed: elapsed, Sent: r.sent.Load(), Accepted: r.accepted.Load(), Rejected: r.rejected.Load(),
		Lost: r.broken, P50: ms(l.P50), P99: ms(l.P99),
	}
}

// String is one line for a terminal.
func (p Progress) String() string {
	return fmt.Sprintf("%3.0f s: %d sent, %d accepted, %d rejected, %d connections lost, p50 %.2f ms, p99 %.2f ms",
		p.Elapsed.Seconds(), p.Sent, p.Accepted, p.Rejected, p.Lost, float64(p.P50)/1e6, float64(p.P99)/1e6)
}
