package stratum

import (
	"errors"
	"net"
	"os"
	"syscall"
	"time"
)

// outBuffer holds what a session has not been sent yet. Sessions have one only
// while there is something in it.
type outBuffer struct{ b []byte }

// keepBuffer is the largest buffer that is kept for the next one who needs one.
const keepBuffer = 16 << 10

func (s *Server) takeBuffer() *outBuffer { return s.buffers.Get().(*outBuffer) }

func (s *Server) returnBuffer(o *outBuffer) {
	if cap(o.b) <= keepBuffer {
		o.b = o.b[:0]
		s.buffers.Put(o)
	}
}

// begin returns what is pending, to append one message to it, and commit takes it
// back. The caller holds s.mu over both, and calls flush without it.
func (s *session) begin() []byte {
	if s.out == nil {
		s.out = s.server.takeBuffer()
	}
	return s.out.b
}

func (s *session) commit(b []byte) {
	s.out.b = b
	if s.ended {
		s.server.returnBuffer(s.out)
		s.out = nil
		return
	}
	if len(b) > s.server.cfg.Limits.PendingBytes && !s.dead {
		s.server.measures.slow.Add(1)
		s.kill("reads too slowly")
	}
}

// push appends whole lines. The caller holds s.mu and calls flush without it.
func (s *session) push(lines []byte) { s.commit(append(s.begin(), lines...)) }

// flush sends what is pending as far as the socket takes it at once, and never
// waits. The rest is left to a goroutine of its own, which has Limits.WriteWithin
// for each buffer.
func (s *session) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flushLocked()
}

// flushLocked unlocks s.mu while it writes; s.writing keeps all others off.
func (s *session) flushLocked() {
	if s.writing {
		return
	}
	for s.out != nil && !s.dead && !s.ended {
		o := s.out
		s.out, s.writing = nil, true
		s.mu.Unlock()
		o = s.seal(o)
		n, err := s.tryWrite(o.b)
		s.mu.Lock()
		s.writing = false
		if err != nil {
			s.server.returnBuffer(o)
			s.kill("write: " + err.Error())
			return
		}
		if n < len(o.b) {
			s.drainLater(o, n)
			return
		}
		s.server.returnBuffer(o)
	}
	s.signal()
}

// sendShared sends a buffer that many sessions share, copying only what the socket
// does not take at once. The caller holds s.mu, and nothing is pending.
func (s *session) sendShared(lines []byte) {
	s.writing = true
	s.mu.Unlock()
	n, err := s.tryWrite(lines)
	s.mu.Lock()
	s.writing = false
	switch {
	case err != nil:
		s.kill("write: " + err.Error())
	case n < len(lines):
		o := s.server.takeBuffer()
		o.b = append(o.b, lines[n:]...)
		s.drainLater(o, 0)
	default:
		s.flushLocked() // what came meanwhile
	}
}

// drainLater gives o from byte n on to a goroutine that may wait. The session's
// reader lives until s.writing is false, so Serve still waits for this.
func (s *session) drainLater(o *outBuffer, n int) {
	s.writing = true
	s.server.running.Go(func() { s.drain(o, n) })
}

func (s *session) drain(o *outBuffer, n int) {
	for {
		s.conn.SetWriteDeadline(time.Now().Add(s.server.cfg.Limits.WriteWithin))
		written, err := s.conn.Write(o.b[n:])
		s.server.measures.sent.Add(uint64(written))
		s.conn.SetWriteDeadline(time.Time{}) // tryWrite heeds it too
		n = 0
		s.server.returnBuffer(o)

		s.mu.Lock()
		if err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) && !s.dead {
				s.server.measures.slow.Add(1)
			}
			s.kill("write: " + err.Error())
		}
		if s.out == nil || s.dead || s.ended {
			s.writing = false
			s.signal()
			s.mu.Unlock()
			return
		}
		o, s.out = s.out, nil
		s.signal()
		s.mu.Unlock()
		o = s.seal(o)
	}
}

// flushSoon has a flusher flush s: for those who must not spend time on writing,
// and so that what comes together goes together. It says whether the caller, who
// holds s.mu, must hand s to Server.queue once it has let go of it.
func (s *session) flushSoon() (mustQueue bool) {
	if s.queued || s.corked || s.writing || s.ended || s.dead {
		return false // somebody is about to flush anyway, or nobody listens
	}
	s.queued = true
	return true
}

// flushHere is how often the one who answers a share may flush its session himself.
// That takes him some twenty microseconds; waking a flusher costs more than that in
// all, but when answers come by the hundred they must not wait for each other.
const flushHere = 200 * time.Microsecond

// queue has session flushed: now, if nothing was for a while, or by a flusher.
func (s *Server) queue(session *session) {
	now, last := int64(s.now()), s.flushed.Load()
	if now-last > int64(flushHere) && s.flushed.CompareAndSwap(last, now) {
		session.flushQueued()
		return
	}
	select {
	case s.flushes <- session:
	case <-s.gone:
	}
}

func (s *session) flushQueued() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queued = false
	s.flushLocked()
}

// flusher flushes the sessions that were queued, until all sessions are gone.
func (s *Server) flusher() {
	for {
		select {
		case session := <-s.flushes:
			session.flushQueued()
		case <-s.gone:
			return
		}
	}
}

// attempt is one write that does not wait. Attempts are kept for the next write,
// because the closure that RawConn.Write wants would else be made anew each time.
type attempt struct {
	b   []byte
	n   int
	err error
	run func(fd uintptr) bool
}

func newAttempt() any {
	a := new(attempt)
	a.run = a.write
	return a
}

// rawConn returns what tryWrite needs, or nil where a connection or the system
// cannot write without waiting.
func rawConn(conn net.Conn) syscall.RawConn {
	c, ok := conn.(syscall.Conn)
	if !ok || !canTry {
		return nil
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// tryWrite writes as much of b as the socket takes at once.
func (s *session) tryWrite(b []byte) (int, error) {
	if s.raw == nil {
		return 0, nil
	}
	a := s.server.attempts.Get().(*attempt)
	a.b, a.n, a.err = b, 0, nil
	err := s.raw.Write(a.run)
	n := a.n
	s.server.measures.sent.Add(uint64(n))
	if err == nil {
		err = a.err
	}
	a.b = nil
	s.server.attempts.Put(a)
	return n, err
}
