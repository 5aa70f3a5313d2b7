package stratum

import (
	"net/netip"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// Door is what several servers of one process share: who may come in, from which
// address, and how many at once. The zero Door is not usable; see NewDoor.
type Door struct {
	limits   Limits
	begun    time.Time // all time.Durations in here are since then
	peers    peers
	pace     *rate.Limiter // of those who come in
	sessions atomic.Int64  // now
	halfOpen atomic.Int64  // of these: nobody has authorised yet
}

// NewDoor returns a door with these limits, in which zero means the default.
func NewDoor(l Limits) *Door {
	l.fill()
	return &Door{
		limits: l, begun: time.Now(),
		peers: peers{limits: l, byAddr: map[netip.Addr]*peer{}},
		pace:  rate.NewLimiter(rate.Limit(l.Arrivals), max(1, l.Arrivals/10)),
	}
}

// now is the time since the door was made.
func (d *Door) now() time.Duration { return time.Since(d.begun) }

// enter counts a connection from addr, or says why there must not be one more. The
// peer is nil for an address that is not counted.
func (d *Door) enter(addr netip.Addr) (*peer, error) { return d.peers.enter(addr, d.now()) }

// take takes one of the places for sessions.
func (d *Door) take() error {
	if d.sessions.Add(1) > int64(d.limits.Sessions) {
		d.sessions.Add(-1)
		return errFull
	}
	d.halfOpen.Add(1)
	return nil
}

// authorized says that a session is not half open any more.
func (d *Door) authorized() { d.halfOpen.Add(-1) }

// giveBack gives a session's place back.
func (d *Door) giveBack(halfOpen bool) {
	d.sessions.Add(-1)
	if halfOpen {
		d.halfOpen.Add(-1)
	}
}

// Where patience begins to shrink, as a share of all places, and how far.
const (
	calm       = 0.25
	panicked   = 0.75
	mostHaste  = 15 // AuthorizeWithin is divided by it at most
	hasteRange = panicked - calm
)

// patience is how long a miner may take to authorise: Limits.AuthorizeWithin, and less
// the more places are taken by those who have not. Thus a flood of them cannot shut
// out those who know what to say, which takes them less than a second.
func (d *Door) patience() time.Duration {
	crowd := float64(d.halfOpen.Load()) / float64(d.limits.Sessions)
	haste := min(max((crowd-calm)/hasteRange, 0), 1)
	return time.Duration(float64(d.limits.AuthorizeWithin) / (1 + haste*(mostHaste-1)))
}
