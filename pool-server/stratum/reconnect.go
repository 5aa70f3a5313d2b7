package stratum

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"
)

// Bounds of how long miners are asked to stay away, so that they do not all come
// back in the same second.
const (
	shortestAbsence = time.Second
	longestAbsence  = 30 * time.Second
	returnsPerSec   = 500
)

// sentBackGrace is how long a miner may take to act on client.reconnect beyond the
// time that it was asked to wait. Many programs do not know the message, or do not
// follow it: those are hung up on, and come back by themselves.
const sentBackGrace = 5 * time.Second

// Reconnect asks all miners to come back: to host and port, or with "" and 0 to
// where they are now, each after a time of its own within spread. A host must be
// one of Config.ReconnectTo: a pool that sends its miners elsewhere is what an
// attacker would like it to be.
func (s *Server) Reconnect(host string, port int, spread time.Duration) error {
	switch {
	case host != "" && !slices.Contains(s.cfg.ReconnectTo, host):
		return fmt.Errorf("stratum: reconnect to %q: not among the hosts that miners may be sent to", host)
	case port < 0 || port > 65535 || host != "" && port == 0:
		return fmt.Errorf("stratum: reconnect to %q: bad port %d", host, port)
	}
	s.mu.Lock()
	all := s.all()
	s.mu.Unlock()
	for _, session := range all {
		session.sendTo(host, port, rand.N(spread+1))
	}
	return nil
}

// stagger is how long the i'th of n miners should stay away.
func (s *Server) stagger(i, n int) time.Duration {
	window := min(shortestAbsence+time.Duration(n)*time.Second/returnsPerSec, longestAbsence)
	return shortestAbsence + window*time.Duration(i)/time.Duration(max(n, 1))
}

// absence is how long one miner should stay away, if all may be sent at this moment.
func (s *Server) absence(x *session) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := max(len(s.sessions), 1)
	return s.stagger(int(x.key)%n, n)
}

// sendBack asks a miner to come back to the same place.
func (s *session) sendBack(wait time.Duration) bool { return s.sendTo("", 0, wait) }

// sendTo asks a miner to reconnect, and sees to it that it goes.
func (s *session) sendTo(host string, port int, wait time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.subscribed || s.leaving {
		return false
	}
	s.pushReconnect(host, port, wait)
	s.leaveAt = s.server.now() + wait + sentBackGrace
	s.flushLocked()
	return true
}

// pushReconnect pushes client.reconnect. The same place is null, not "": cgminer
// compares the domains of any text that it gets, and refuses. The caller holds s.mu.
func (s *session) pushReconnect(host string, port int, wait time.Duration) {
	b := append(s.begin(), `{"id":null,"method":"client.reconnect","params":[`...)
	if host == "" {
		b = append(b, "null,null"...)
	} else {
		b = strconv.AppendInt(append(appendText(b, host), ','), int64(port), 10)
	}
	seconds := (wait + time.Second - 1) / time.Second
	b = strconv.AppendInt(append(b, ','), int64(seconds), 10)
	s.commit(append(b, "]}\n"...))
}

// ShowMessage sends all miners a text that most programs print.
func (s *Server) ShowMessage(text string) {
	message := showMessage(text)
	s.mu.Lock()
	all := s.all()
	s.mu.Unlock()
	for _, session := range all {
		session.mu.Lock()
		session.pushMessage(message)
		session.mu.Unlock()
	}
}

// showMessage makes the line that shows a text.
func showMessage(text string) []byte {
	line := []byte(`{"id":null,"method":"client.show_message","params":[`)
	return append(appendText(line, text), "]}\n"...)
}

// pushMessage sends a line to a miner that has subscribed. The caller holds s.mu.
func (s *session) pushMessage(line []byte) {
	if s.subscribed && !s.leaving {
		s.push(line)
		s.flushLocked()
	}
}
