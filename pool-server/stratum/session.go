package stratum

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/adit-mining/adit/miners/pow"
)

// session is one connection. Its reader is the only goroutine that handles
// requests; what others touch too is below mu.
type session struct {
	server    *Server
	conn      net.Conn
	raw       syscall.RawConn // see tryWrite
	peer      *peer           // nil for a trusted address; the reader's
	id        uint64
	connected time.Time
	place     place  // the door's
	budget    budget // the reader's
	more      bool   // the line at hand is not the last one that came; the reader's
	working   bool   // it has had a share; the reader's
	ticket    ticket // by which its miner may come back; Server.mu guards it and key
	key       uint32 // extranonce1 in Server.sessions

	mu      sync.Mutex
	address net.Addr      // of the miner, also behind a proxy
	secured *secured      // nil while the session is plain
	out     *outBuffer    // not sent yet
	waiter  chan struct{} // closed when something changes that the reader waits for
	writing bool          // somebody writes to conn
	queued  bool          // a flusher will flush
	corked  bool          // the reader will flush
	dead    bool          // conn is closed, nothing more can be said
	ended   bool          // nothing more shall be said

	leaving    bool // the reader shall finish
	subscribed bool
	renewable  bool          // the miner understands mining.set_extranonce
	returned   bool          // it goes on where one was that had had a share
	settled    bool          // the miner has said, or it is known, what difficulty to begin with
	leaveAt    time.Duration // when to hang up on a miner that was sent away; 0 = not at all
	inFlight   int           // shares in Accept or Candidate
	workers    []worker
	agent      string        // what the miner calls itself
	active     time.Duration // time of the last request
	accepted   uint64        // shares
	refused    uint64        // shares
	lastShare  time.Time

	extranonce1 [4]byte // what the miner was told
	granted     [4]byte // what holds from the next job on
	extranonce2 uint8   // bytes, as the miner was told
	rolling     rolling

	wanted  *level         // the difficulty that it should have
	told    *level         // the one that it was last told, nil before the first
	floor   pow.Difficulty // the miner's own minimum, 0 if it has none
	vardiff estimator
	sent    ring
}

// worker is a name that authorised on the session.
type worker struct {
	user string // as the miner spells it
	Identity
	since  time.Time
	shares bool // it has had one
}

// How long a session that we end waits for the miner to hang up, so that our last
// words are not lost by a reset, and how much it reads meanwhile: who sends without
// end does not hear them.
const (
	lingering      = 300 * time.Millisecond
	lingeringBytes = 64 << 10
)

// errAskedFor is why a session ends that was asked to leave.
var errAskedFor = errors.New("sent away")

// lines handles the whole lines in b and says how many bytes they were. Their
// answers go out together.
func (s *session) lines(b []byte) (used int, err error) {
	now, lines := s.server.now(), 0
	s.budget.earn(now)
	s.mu.Lock()
	s.corked, s.active = true, now
	s.mu.Unlock()
	for err == nil {
		i := bytes.IndexByte(b[used:], '\n')
		if i < 0 {
			break
		}
		s.budget.spend(requestCosts)
		lines++
		line := bytes.Trim(b[used:used+i], " \t\r")
		used += i + 1
		if i > s.server.cfg.Limits.LineBytes {
			s.punish(pointsTooLong)
			err = errTooLong
		} else if len(line) > 0 {
			s.more = used < len(b)
			err = s.handle(string(line))
		}
	}
	s.mu.Lock()
	s.corked = false
	s.flushLocked()
	slow := s.tooMuch()
	if s.leaving && err == nil {
		err = errAskedFor
	}
	s.mu.Unlock()
	if slow {
		// The miner shall read its answers before it gets more of them.
		s.await(s.server.cfg.Limits.WriteWithin, func() bool { return !s.tooMuch() })
	}
	pause := max(s.budget.pause(), s.peer.charge(used, lines, s.server.door.now()))
	if pause > 0 && err == nil {
		s.await(pause, func() bool { return s.dead || s.leaving })
	}
	return used, err
}

// tooMuch reports whether the miner has fallen behind with reading. The caller
// holds s.mu.
func (s *session) tooMuch() bool {
	return !s.dead && s.writing && s.out != nil && len(s.out.b) > largeBuffer
}

// await waits until ok, which is called with s.mu held, or until the time is up.
func (s *session) await(limit time.Duration, ok func() bool) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		s.mu.Lock()
		if ok() {
			s.mu.Unlock()
			return
		}
		if s.waiter == nil {
			s.waiter = make(chan struct{})
		}
		changed := s.waiter
		s.mu.Unlock()
		select {
		case <-changed:
		case <-timer.C:
			return
		}
	}
}

// signal wakes await. The caller holds s.mu.
func (s *session) signal() {
	if s.waiter != nil {
		close(s.waiter)
		s.waiter = nil
	}
}

// leave asks the session to finish: shares in Accept are still answered.
func (s *session) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leaveLocked()
}

func (s *session) leaveLocked() {
	s.leaving = true
	s.signal()
	s.conn.SetReadDeadline(time.Unix(1, 0)) // long past: wakes the reader
}

// kill ends the session without a word. The caller holds s.mu.
func (s *session) kill(why string) {
	if s.dead {
		return
	}
	s.dead = true
	s.conn.Close()
	s.signal()
	s.server.counters.dropped.Add(1)
	s.server.cfg.Log.Debug("session dropped", "session", s.id, "why", why)
}

// finish says what there is still to say, and closes the connection.
func (s *session) finish(cause error) {
	limits := s.server.cfg.Limits
	s.await(limits.Grace, func() bool { return s.dead || s.inFlight == 0 })
	s.flush()
	s.await(limits.WriteWithin, func() bool { return s.dead || !s.writing && s.out == nil })

	s.mu.Lock()
	s.ended = true
	dead, writing := s.dead, s.writing
	s.mu.Unlock()
	if errors.Is(cause, errBanned) || errors.Is(cause, errTooManyHere) || errors.Is(cause, errTooFast) {
		refuse(s.conn) // a proxy brought it: all others are refused before they are a session
		return
	}
	if !dead && !writing {
		s.takeLeave()
	}
	if half, ok := s.conn.(interface{ CloseWrite() error }); ok && !dead && !errors.Is(cause, io.EOF) {
		half.CloseWrite()
		s.conn.SetReadDeadline(time.Now().Add(lingering))
		io.CopyN(io.Discard, s.conn, lingeringBytes)
	}
	s.conn.Close()
	// A drainer notices the closed connection at once.
	s.await(limits.WriteWithin, func() bool { return !s.writing })
}

// punish scores points against the session's address, and against its budget. If
// that bans the address, the session finishes.
func (s *session) punish(points float64) {
	s.budget.spend(time.Duration(points * float64(pointCosts)))
	if !s.server.door.peers.score(s.peer, points, s.server.door.now()) {
		return
	}
	s.server.counters.bans.Add(1)
	s.server.cfg.Log.Warn("address banned", "session", s.id, "address", s.address, "for", s.server.cfg.Limits.BanFor)
	s.leave()
}
