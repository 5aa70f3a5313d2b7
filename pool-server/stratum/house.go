package stratum

import "time"

// houseEvery is how often sessions are looked at that say nothing.
const houseEvery = time.Second

// keepHouse looks after silent sessions and forgotten addresses until all sessions
// are gone. One timer serves all sessions: one each would cost memory, and a
// wake-up each.
func (s *Server) keepHouse() {
	tick := time.NewTicker(houseEvery)
	defer tick.Stop()
	for {
		select {
		case <-s.gone:
			return
		case <-tick.C:
		}
		s.mu.Lock()
		all := s.all()
		s.mu.Unlock()
		now := s.now()
		for _, session := range all {
			session.inspect(now)
		}
		s.door.peers.forget(s.door.now())
		s.mu.Lock()
		s.worked.forget(now)
		s.idle.forget(now)
		s.mu.Unlock()
	}
}

// inspect ends a session that has nothing to say and lowers the difficulty of one
// that finds nothing.
func (s *session) inspect(now time.Duration) {
	limits := s.server.cfg.Limits
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.leaving:
	case !s.subscribed && time.Since(s.connected) > limits.AuthorizeWithin:
		s.leaving = true
		s.giveWayLocked()
	case len(s.workers) == 0 && time.Since(s.connected) > limits.AuthorizeWithin,
		now-s.active > limits.IdleAfter,
		s.leaveAt != 0 && now > s.leaveAt:
		s.leaveLocked()
	default:
		s.adapt()
		s.flushLocked()
	}
}
