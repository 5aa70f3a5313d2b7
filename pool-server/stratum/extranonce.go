package stratum

import (
	"encoding/binary"
	"encoding/hex"
	"strconv"
)

// NewExtranonces gives every session another extranonce1, from its next job on:
// shares of jobs that it has already are still judged by the one before. Miners that
// have asked for it learn it by mining.set_extranonce together with that job; the
// others have no way to, and are told to reconnect. The counts say how many were
// which.
//
// A job with another size of extranonce2 than the one before does the same for the
// size: SetJob sees to it.
func (s *Server) NewExtranonces() (renewed, sentAway int) {
	s.mu.Lock()
	all := s.all()
	s.mu.Unlock()
	for i, session := range all {
		if session.renew() {
			renewed++
		} else if session.sendBack(s.stagger(i, len(all))) {
			sentAway++
		}
	}
	return renewed, sentAway
}

// renew grants a new extranonce1, if the miner can be told.
func (s *session) renew() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.subscribed || !s.renewable || s.leaving {
		return false
	}
	binary.BigEndian.PutUint32(s.granted[:], s.server.rekey(s))
	return true
}

// rekey moves a session to an unused extranonce1.
func (s *Server) rekey(session *session) uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions[session.key] != session {
		return session.key // it has been taken over, and is on its way out
	}
	delete(s.sessions, session.key)
	session.key = s.nextExtranonce1()
	s.sessions[session.key] = session
	return session.key
}

// extranonce2Size returns the bytes that the newest job leaves to the miner.
func (s *Server) extranonce2Size() uint8 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return uint8(s.extranonce2)
}

// nextExtranonce1 returns one that no session has. The caller holds s.mu.
func (s *Server) nextExtranonce1() uint32 {
	for taken := true; taken; {
		s.extranonce1++
		_, taken = s.sessions[s.extranonce1]
	}
	return s.extranonce1
}

// fits reports whether the session can work on it: a miner that does not know
// mining.set_extranonce cannot learn of another size. The caller holds s.mu.
func (s *session) fits(it *issued) bool {
	return s.renewable || int(s.extranonce2) == it.job.Extranonce2Size()
}

// announceExtranonce pushes mining.set_extranonce if the miner was told another one
// than holds for it. The caller holds s.mu.
func (s *session) announceExtranonce(it *issued) (changed bool) {
	size := it.job.Extranonce2Size()
	if s.granted == s.extranonce1 && int(s.extranonce2) == size {
		return false
	}
	s.extranonce1, s.extranonce2 = s.granted, uint8(size)
	b := append(s.begin(), `{"id":null,"method":"mining.set_extranonce","params":["`...)
	b = hex.AppendEncode(b, s.extranonce1[:])
	b = strconv.AppendInt(append(b, `",`...), int64(size), 10)
	s.commit(append(b, "]}\n"...))
	return true
}
