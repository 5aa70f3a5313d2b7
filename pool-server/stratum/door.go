package stratum

import (
	"container/list"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Door is what several servers of one process share: who may come in, from which
// address, and how many at once.
//
// When all places are taken, who comes in gets that of the session which has waited
// longest without authorising, as far as there is one. So a crowd of silent connections
// cannot shut out those who know what to say: that takes them less than a second, and
// the crowd would have to be renewed as often.
type Door struct {
	limits Limits
	begun  time.Time // all time.Durations in here are since then
	peers  peers
	pace   *rate.Limiter // of those who come in

	mu       sync.Mutex
	sessions int
	halfOpen list.List // of *session: those without a worker, the oldest first
}

// place is a session's place behind the door, which guards it.
type place struct {
	waiting *list.Element // in halfOpen, nil if it has authorised
	lost    bool          // somebody else has it
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

// take gives s a place, and says who has lost his for it, if somebody has. The caller
// shows that one out.
func (d *Door) take(s *session) (loser *session, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sessions < d.limits.Sessions {
		d.sessions++
	} else {
		oldest := d.halfOpen.Front()
		if oldest == nil {
			return nil, errFull
		}
		loser = d.halfOpen.Remove(oldest).(*session)
		loser.place = place{lost: true}
	}
	s.place.waiting = d.halfOpen.PushBack(s)
	return loser, nil
}

// authorized says that s has a worker, and may keep its place.
func (d *Door) authorized(s *session) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopWaiting(s)
}

func (d *Door) stopWaiting(s *session) {
	if s.place.waiting != nil {
		d.halfOpen.Remove(s.place.waiting)
		s.place.waiting = nil
	}
}

// giveBack gives the place of s back when it has gone.
func (d *Door) giveBack(s *session) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopWaiting(s)
	if !s.place.lost {
		d.sessions--
	}
}

// crowded reports whether silent sessions have so many places that waiting would hit
// those who have something to say.
func (d *Door) crowded() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.halfOpen.Len() > d.limits.Sessions/4
}

// giveWay ends a session that has not authorised at once: the place is needed, or its
// time is up and it has said nothing.
func (s *session) giveWay() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.giveWayLocked()
}

func (s *session) giveWayLocked() {
	reset(s.conn)
	s.kill("has not authorised")
}
