package stratum

import (
	"container/list"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"time"
)

// ticket is a session's id on the wire: who shows it to mining.subscribe after a
// broken connection goes on where it was. Nobody can guess one.
type ticket [16]byte

// ticketPrefix begins each ticket. NiceHash takes the id that stands beside
// mining.set_difficulty for a difficulty if it begins with digits (yiimp puts one
// there), and refuses the pool for it.
const ticketPrefix = "adit"

func newTicket() (t ticket) {
	rand.Read(t[:]) // never fails
	return t
}

func (t ticket) String() string { return ticketPrefix + hex.EncodeToString(t[:]) }

// parseTicket reads what String wrote; ok is false for the ids of other pools.
func parseTicket(s string) (t ticket, ok bool) {
	digits, ours := strings.CutPrefix(s, ticketPrefix)
	if !ours || len(digits) != 2*len(t) {
		return t, false
	}
	_, err := hex.Decode(t[:], []byte(digits))
	return t, err == nil
}

// former is a session that has ended, or whose connection another one takes over.
type former struct {
	ticket      ticket
	extranonce1 uint32
	level       *level // the difficulty that it worked with
	had         [pastJobs]pastJob
	proven      bool // it has had a share
	ended       time.Duration
}

// pastJobs is how many of its jobs a former session is remembered with: shares of
// them may still come, cgminer keeps those that it could not send.
const pastJobs = 4

// pastJob is a job that was sent to a former session. It holds no job: those would
// live on with it.
type pastJob struct {
	number      uint64 // of the job, 0 for none
	level       *level
	extranonce1 [4]byte
	alias       uint8
}

// formers remembers sessions for a while, the oldest first, and not too many. Its
// owner guards it.
type formers struct {
	limit    int
	within   time.Duration
	byTicket map[ticket]*list.Element
	order    list.List // of former
}

func newFormers(limit int, within time.Duration) *formers {
	return &formers{limit: limit, within: within, byTicket: map[ticket]*list.Element{}}
}

func (f *formers) add(x former) {
	f.byTicket[x.ticket] = f.order.PushBack(x)
	f.forget(x.ended)
}

// forget drops those that are too old, and the oldest of too many.
func (f *formers) forget(now time.Duration) {
	for e := f.order.Front(); e != nil; e = f.order.Front() {
		x := e.Value.(former)
		if f.order.Len() <= f.limit && now-x.ended <= f.within {
			return
		}
		f.remove(e, x.ticket)
	}
}

func (f *formers) take(t ticket, now time.Duration) (x former, ok bool) {
	f.forget(now)
	e := f.byTicket[t]
	if e == nil {
		return former{}, false
	}
	f.remove(e, t)
	return e.Value.(former), true
}

func (f *formers) remove(e *list.Element, t ticket) {
	f.order.Remove(e)
	delete(f.byTicket, t)
}

// idleShare is which part of the remembered sessions may be ones without a share:
// connecting costs nothing, and must not push out those who work.
const idleShare = 16

// remember keeps what a session was for its miner's return. The caller holds s.mu.
func (s *Server) remember(x former) {
	if x.proven {
		s.worked.add(x)
		return
	}
	s.idle.add(x)
}

// former is what s leaves behind. The caller holds s.mu.
func (s *session) former(now time.Duration) former {
	x := former{level: s.wanted, proven: s.vardiff.proven || s.returned, ended: now}
	if s.told != nil {
		x.level = s.told
	}
	for i := range x.had { // the newest first
		if e := s.sent.recent(i); e.it != nil {
			x.had[i] = pastJob{e.it.number, e.level, e.extranonce1, e.alias}
		}
	}
	return x
}

// recall puts the jobs of a former session that are still remembered into s's ring.
// The caller holds s.mu.
func (s *session) recall(had [pastJobs]pastJob) {
	for _, past := range slices.Backward(had[:]) {
		if it := s.server.job(past.number); it != nil {
			s.sent.add(sent{it, past.level, past.extranonce1, past.alias})
		}
	}
}

// job returns the job with that number, nil if it is too old or none.
func (s *Server) job(number uint64) *issued {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, it := range s.jobs {
		if it.number == number {
			return it
		}
	}
	return nil
}

// resume makes s go on where the session with that ticket was: with its
// extranonce1 and its difficulty. A connection that is still open with it is dead
// and not noticed yet: it is closed, for it cannot be told apart from one that its
// miner has given up. ok is false if nobody knows the ticket any more; then s stays
// as it is.
func (s *session) resume(t ticket) (ok bool) {
	x, open, ok := s.server.claim(s, t)
	if !ok {
		return false
	}
	if open != nil {
		was := open.giveUp()
		x.level, x.proven, x.had = was.level, was.proven, was.had
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	binary.BigEndian.PutUint32(s.extranonce1[:], x.extranonce1)
	s.granted = s.extranonce1
	s.wanted, s.settled = x.level, true
	s.vardiff.expected, s.returned = x.proven, x.proven
	s.recall(x.had)
	s.server.measures.resumed.Add(1)
	return true
}

// claim gives s the extranonce1 and the ticket of a former session. open is the
// session that still had them.
func (s *Server) claim(session *session, t ticket) (x former, open *session, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if open = s.tickets[t]; open != nil {
		x = former{ticket: t, extranonce1: open.key}
	} else if x, ok = s.worked.take(t, s.now()); !ok {
		if x, ok = s.idle.take(t, s.now()); !ok {
			return former{}, nil, false
		}
	}
	if holder := s.sessions[x.extranonce1]; holder != nil && holder != open {
		return former{}, nil, false // all 2^32 have been given out since
	}
	delete(s.sessions, session.key)
	session.key, session.ticket = x.extranonce1, t
	s.sessions[session.key], s.tickets[t] = session, session
	return x, open, true
}

// giveUp ends a session whose ticket another connection has shown.
func (s *session) giveUp() former {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kill("its miner has come back on another connection")
	return s.former(0)
}

// enroll gives a session a ticket of its own, once, and returns it.
func (s *Server) enroll(session *session) ticket {
	s.mu.Lock()
	defer s.mu.Unlock()
	if session.ticket == (ticket{}) {
		session.ticket = newTicket()
		s.tickets[session.ticket] = session
	}
	return session.ticket
}

// enrolled reports whether s has a ticket.
func (s *session) enrolled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.subscribed
}
