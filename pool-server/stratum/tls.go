package stratum

import (
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"time"
)

// What the first record of a TLS connection begins with, and how long it may be.
const (
	recordHandshake = 0x16
	recordHeader    = 5
	longestHello    = 16 << 10
)

// mostSealed is how much may wait that TLS says by itself, such as new keys that the
// miner asks for. It goes out with the next answer, before which it must.
const mostSealed = 64 << 10

// secured is the TLS of a session: it seals what is sent and opens what is read.
type secured struct {
	tls  *tls.Conn
	wire wire
}

// wire is what TLS takes for the network. During the handshake, when nobody else
// writes, it is. After that it only keeps what was sealed, so that sealing never waits
// for the miner, and what is sealed goes the way of all answers.
type wire struct {
	net.Conn
	server *Server
	early  []byte // was read before TLS began

	mu     sync.Mutex
	ready  bool       // the handshake is over
	sealed *outBuffer // what nobody has taken yet
}

func (w *wire) Read(b []byte) (int, error) {
	if len(w.early) > 0 {
		n := copy(b, w.early)
		w.early = w.early[n:]
		return n, nil
	}
	w.early = nil
	return w.Conn.Read(b)
}

var errSealed = errors.New("too much that TLS has to say")

func (w *wire) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.ready {
		return w.Conn.Write(b)
	}
	if w.sealed == nil {
		w.sealed = w.server.takeBuffer()
	}
	if len(w.sealed.b) > mostSealed+w.server.cfg.Limits.PendingBytes {
		return 0, errSealed
	}
	w.sealed.b = append(w.sealed.b, b...)
	return len(b), nil
}

// SetWriteDeadline does nothing: TLS would set one when it takes its leave, but what it
// writes does not go to the network at once.
func (w *wire) SetWriteDeadline(time.Time) error { return nil }

// take returns what was sealed, nil if there is nothing.
func (w *wire) take() *outBuffer {
	w.mu.Lock()
	defer w.mu.Unlock()
	o := w.sealed
	w.sealed = nil
	return o
}

// seal turns what is to be sent into what goes over the network: the same bytes if
// the session is plain. It may be called by whoever has set s.writing, and waits for
// nobody.
func (s *session) seal(o *outBuffer) *outBuffer {
	if s.secured == nil {
		return o
	}
	if _, err := s.secured.tls.Write(o.b); err != nil {
		s.mu.Lock()
		s.kill("TLS: " + err.Error())
		s.mu.Unlock()
	}
	if sealed := s.secured.wire.take(); sealed != nil {
		s.server.returnBuffer(o)
		return sealed
	}
	o.b = o.b[:0]
	return o
}

// secure answers a TLS hello once its record is whole: who sends it a byte now and then
// costs no more than one who does the same in plain. From then on the session reads and
// writes through TLS.
func (s *session) secure(r *reading) error {
	if r.held < recordHeader {
		return nil
	}
	switch size := recordHeader + int(r.buf[3])<<8 + int(r.buf[4]); {
	case size > longestHello:
		return errForeign
	case r.held < size:
		return nil
	}
	layer := &secured{wire: wire{Conn: s.conn, server: s.server, early: r.buf[:r.held]}}
	layer.tls = tls.Server(&layer.wire, s.server.cfg.TLS)
	s.conn.SetWriteDeadline(time.Now().Add(s.server.cfg.Limits.WriteWithin))
	// On a goroutine of its own: a handshake takes a deep stack, and this one's would
	// keep it.
	shaken := make(chan error, 1)
	s.server.running.Go(func() { shaken <- layer.tls.Handshake() })
	if err := <-shaken; err != nil {
		return err
	}
	s.conn.SetWriteDeadline(time.Time{})
	layer.wire.mu.Lock()
	layer.wire.ready = true
	layer.wire.mu.Unlock()
	s.mu.Lock()
	s.secured = layer
	s.mu.Unlock()
	*r = reading{in: layer.tls, buf: make([]byte, smallBuffer), greeted: true}
	return nil
}

// takeLeave tells the miner that nothing more comes, so that it can tell the end from
// an attack. The caller is the reader, and nobody else writes any more.
func (s *session) takeLeave() {
	if s.secured == nil {
		return
	}
	s.secured.tls.CloseWrite()
	if sealed := s.secured.wire.take(); sealed != nil {
		s.conn.SetWriteDeadline(time.Now().Add(lingering))
		s.conn.Write(sealed.b)
		s.server.returnBuffer(sealed)
	}
}
