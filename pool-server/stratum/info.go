package stratum

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/work"
)

// SessionInfo is what there is to know of one session.
type SessionInfo struct {
	ID         uint64
	Address    string     // host:port of the miner
	TLS        bool       // it speaks TLS
	Agent      string     // what it calls itself; a stranger's text
	Workers    []Identity // in the order of their authorisation
	Difficulty pow.Difficulty
	Connected  time.Time
	LastShare  time.Time // accepted; zero if there was none
	Accepted   uint64
	Rejected   uint64
	InFlight   int // shares not durable yet
}

// Sessions returns all sessions, the oldest first.
func (s *Server) Sessions() []SessionInfo {
	s.mu.Lock()
	all := s.all()
	s.mu.Unlock()
	infos := make([]SessionInfo, len(all))
	for i, session := range all {
		infos[i] = session.info()
	}
	slices.SortFunc(infos, func(a, b SessionInfo) int { return cmp.Compare(a.ID, b.ID) })
	return infos
}

func (s *session) info() SessionInfo {
	s.mu.Lock()
	defer s.mu.Unlock()
	info := SessionInfo{
		ID: s.id, Address: s.address.String(), TLS: s.secured != nil, Agent: s.agent,
		Difficulty: s.wanted.difficulty, Connected: s.connected, LastShare: s.lastShare,
		Accepted: s.accepted, Rejected: s.refused, InFlight: s.inFlight,
	}
	if s.told != nil {
		info.Difficulty = s.told.difficulty
	}
	for _, w := range s.workers {
		info.Workers = append(info.Workers, w.Identity)
	}
	return info
}

// Stats are counts since the server was made, but for Sessions.
type Stats struct {
	Sessions    int    // now
	Connections uint64 // accepted from the listener
	Refused     uint64 // of these: banned, or too many
	Dropped     uint64 // sessions that broke, or did not read
	Bans        uint64
	Garbage     uint64 // lines that were no request
	Accepted    uint64 // shares, durable
	Candidates  uint64
	Rejected    map[int]uint64 // shares by reject code
}

// counters are the growing part of Stats.
type counters struct {
	connections, refused, dropped, bans, garbage, accepted, candidates atomic.Uint64
	rejects                                                            [work.CodeNotSubscribed - work.CodeOther + 1]atomic.Uint64
}

func (c *counters) reject(code int) { c.rejects[code-work.CodeOther].Add(1) }

// Stats returns the server's counters.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	sessions := len(s.sessions)
	s.mu.Unlock()
	c := &s.counters
	stats := Stats{
		Sessions: sessions, Connections: c.connections.Load(), Refused: c.refused.Load(),
		Dropped: c.dropped.Load(), Bans: c.bans.Load(), Garbage: c.garbage.Load(),
		Accepted: c.accepted.Load(), Candidates: c.candidates.Load(), Rejected: map[int]uint64{},
	}
	for i := range c.rejects {
		if n := c.rejects[i].Load(); n > 0 {
			stats.Rejected[work.CodeOther+i] = n
		}
	}
	return stats
}
