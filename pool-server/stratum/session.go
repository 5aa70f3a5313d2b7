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
	peer      *peer           // nil for a trusted address
	id        uint64
	connected time.Time
	budget    budget // the reader's
	more      bool   // the line at hand is not the last one that came; the reader's
	ticket    ticket // by which its miner may come back; Server.mu guards it and key
	key       uint32 // extranonce1 in Server.sessions

	mu      sync.Mutex
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

// Sizes of the reader's buffer. Most requests fit into the small one, which is all
// that an idle session has; the large one takes the bursts of a busy one.
const (
	smallBuffer = 256
	largeBuffer = 16 << 10
)

// How long a session that we end waits for the miner to hang up, so that our last
// words are not lost by a reset, and how much it reads meanwhile: who sends without
// end does not hear them.
const (
	lingering      = 300 * time.Millisecond
	lingeringBytes = 64 << 10
)

// Why a session ends.
var (
	errTooLong  = errors.New("line too long")
	errForeign  = errors.New("speaks another protocol")
	errAskedFor = errors.New("sent away")
)

func (s *session) run() {
	err := s.read()
	s.finish(err)
	s.server.forget(s)
	s.server.cfg.Log.Debug("session ended", "session", s.id, "address", s.conn.RemoteAddr(), "err", err)
}

// read handles requests until the session ends. The error is never nil.
func (s *session) read() error {
	buf := make([]byte, smallBuffer)
	held := 0
	for first := true; ; first = false {
		n, err := s.conn.Read(buf[held:])
		held += n
		full := held == len(buf)
		if first && n > 0 && foreign(buf[:held]) {
			return errForeign
		}
		if n > 0 {
			used, lineErr := s.lines(buf[:held])
			if lineErr != nil {
				return lineErr
			}
			held = copy(buf, buf[used:held])
		}
		if err != nil {
			return err
		}
		if buf, err = s.resize(buf, held, n, full); err != nil {
			return err
		}
	}
}

// foreign recognises a TLS hello (bfgminer tries that first and comes back without
// when it is refused) and a browser.
func foreign(b []byte) bool {
	for _, start := range []string{"\x16", "GET ", "HEAD ", "POST ", "PUT ", "OPTIONS ", "CONNECT "} {
		if bytes.HasPrefix(b, []byte(start)) {
			return true
		}
	}
	return false
}

// resize fits the buffer, of which held bytes are in use, to what was last read,
// which may have filled it.
func (s *session) resize(buf []byte, held, read int, full bool) ([]byte, error) {
	size := len(buf)
	switch {
	case held > s.server.cfg.Limits.LineBytes:
		s.punish(pointsTooLong)
		return buf, errTooLong
	case held == size, full && size < largeBuffer:
		size *= 2
	case held == 0 && read < smallBuffer/2 && size > smallBuffer:
		size = smallBuffer
	}
	if size == len(buf) {
		return buf, nil
	}
	resized := make([]byte, size)
	copy(resized, buf[:held])
	return resized, nil
}

// lines handles the whole lines in b and says how many bytes they were. Their
// answers go out together.
func (s *session) lines(b []byte) (used int, err error) {
	now := s.server.now()
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
	if pause := s.budget.pause(); pause > 0 && err == nil {
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
	dead := s.dead
	s.mu.Unlock()
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
	if !s.server.peers.score(s.peer, points, s.server.now()) {
		return
	}
	s.server.counters.bans.Add(1)
	s.server.cfg.Log.Warn("address banned", "session", s.id, "address", s.conn.RemoteAddr(), "for", s.server.cfg.Limits.BanFor)
	s.leave()
}
