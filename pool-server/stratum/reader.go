package stratum

import (
	"bytes"
	"errors"
	"io"
	"net/netip"
	"time"
)

// Sizes of the reader's buffer. Most requests fit into the small one, which is all
// that an idle session has; the large one takes the bursts of a busy one.
const (
	smallBuffer = 256
	largeBuffer = 16 << 10
)

// Why a session ends before its first request.
var (
	errTooLong = errors.New("line too long")
	errForeign = errors.New("speaks another protocol")
)

// reading is what a session's reader knows from one read to the next.
type reading struct {
	in      io.Reader
	buf     []byte
	held    int           // bytes of buf in use
	proxied bool          // a PROXY header is still to come
	greeted bool          // requests have begun
	spoke   time.Duration // when requests were last handled
	errands int           // that clerks have run for it
}

// run is the reader. Below it and in it there are no large frames: an idle session has
// the smallest stack there is, see clerks.
func (s *session) run() {
	r := reading{in: s.conn, buf: make([]byte, smallBuffer), proxied: s.proxied()}
	var err error
	for err == nil {
		var n int
		n, err = r.in.Read(r.buf[r.held:])
		err = s.digest(&r, n, err)
	}
	s.end(err)
}

func (s *session) proxied() bool { return s.server.behindProxy(addressOf(s.conn)) }

func (s *session) end(err error) {
	s.finish(err)
	s.server.forget(s)
	s.server.cfg.Log.Debug("session ended", "session", s.id, "address", s.address, "err", err)
}

// digest takes n bytes that were read, and readErr, which came with them.
func (s *session) digest(r *reading, n int, readErr error) (err error) {
	s.server.measures.received.Add(uint64(n))
	r.held += n
	full := r.held == len(r.buf)
	if n > 0 && !r.greeted {
		if err := s.greet(r); err != nil {
			return err
		}
	}
	if r.greeted && r.held > 0 {
		used, err := s.serve(r)
		if err != nil {
			return err
		}
		r.held = copy(r.buf, r.buf[used:r.held])
	}
	if readErr != nil {
		return readErr
	}
	limit := s.server.cfg.Limits.LineBytes
	if !r.greeted {
		limit = max(limit, longestHello)
	}
	r.buf, err = s.resize(r.buf, r.held, n, full, limit)
	return err
}

// serve handles the whole lines that were read, and says how many bytes they were.
func (s *session) serve(r *reading) (used int, err error) {
	signedIn := s.working || r.errands >= loginErrands
	if signedIn && s.server.now()-r.spoke < busyWithin {
		used, err = s.lines(r.buf[:r.held])
	} else {
		r.errands++
		used, err = s.viaClerk(r.buf[:r.held])
	}
	r.spoke = s.server.now()
	return used, err
}

// greet takes what comes before the first request: a PROXY header from a proxy, a TLS
// hello. Nothing happens until it is whole.
func (s *session) greet(r *reading) error {
	if r.proxied {
		from, length, err := proxyHeader(r.buf[:r.held])
		switch {
		case err != nil:
			s.server.headerMissing(s.conn.RemoteAddr())
			return err
		case length == 0:
			return nil
		}
		r.held, r.proxied = copy(r.buf, r.buf[length:r.held]), false
		if err := s.comesFrom(from); err != nil || r.held == 0 {
			return err
		}
	}
	if r.buf[0] == recordHandshake && s.server.cfg.TLS != nil {
		return s.secure(r)
	}
	r.greeted = true
	if foreign(r.buf[:r.held]) {
		return errForeign
	}
	return nil
}

// comesFrom lets in a miner that a proxy has brought.
func (s *session) comesFrom(from netip.AddrPort) error {
	if !from.IsValid() {
		return nil // the proxy's own connection
	}
	from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	who, err := s.server.door.enter(countedAs(from.Addr()))
	if err != nil {
		s.server.counters.refused.Add(1)
		s.server.measures.refuse(err)
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.peer, s.address = who, tcpAddr(from)
	return nil
}

// foreign recognises a TLS hello without a certificate to answer it (bfgminer tries
// that first and comes back without when it is refused) and a browser.
func foreign(b []byte) bool {
	for _, start := range []string{"\x16", "GET ", "HEAD ", "POST ", "PUT ", "OPTIONS ", "CONNECT "} {
		if bytes.HasPrefix(b, []byte(start)) {
			return true
		}
	}
	return false
}

// resize fits the buffer, of which held bytes are in use, to what was last read,
// which may have filled it. More than limit is refused.
func (s *session) resize(buf []byte, held, read int, full bool, limit int) ([]byte, error) {
	size := len(buf)
	switch {
	case held > limit:
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
