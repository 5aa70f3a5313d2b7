package stratum

import (
	"sync/atomic"

	"github.com/adit-mining/adit/pool-server/histogram"
)

// measures are what nobody but the operator's metrics asks for. Each costs a few
// nanoseconds where it is taken, and nothing while nobody asks.
type measures struct {
	received, sent atomic.Uint64 // bytes, as miners and we wrote them
	slow           atomic.Uint64 // sessions that did not read
	jobs           atomic.Uint64 // that went to a session
	resumed        atomic.Uint64 // sessions that go on where another one was
	difficulties   atomic.Uint64 // told after a session's first

	refused [len(refusals) + 1]atomic.Uint64 // connections, by refusals; the last is for others

	submit      *histogram.Histogram // from a share's arrival to its answer, of accepted ones
	first, last *histogram.Histogram // from SetJob to the first session, and to all
}

func newMeasures() measures {
	return measures{submit: histogram.Times(), first: histogram.Times(), last: histogram.Times()}
}

// refusals are why a connection is closed before it becomes a session, each with a
// word for it.
var refusals = [...]struct {
	err  error
	word string
}{
	{errBanned, "banned"},
	{errTooManyHere, "address_limit"},
	{errTooFast, "too_fast"},
	{errFull, "full"},
	{errStopping, "stopping"},
}

// refuse counts a connection that was turned away because of err.
func (m *measures) refuse(err error) {
	i := 0
	for i < len(refusals) && refusals[i].err != err {
		i++
	}
	m.refused[i].Add(1)
}

// Measures are the counts and times that metrics show beside Stats, since the server
// was made, but for Authorized.
type Measures struct {
	Authorized        int               // sessions now that have a worker
	Refused           map[string]uint64 // connections turned away, by a word for the reason
	Received          uint64            // bytes from miners
	Sent              uint64            // bytes to miners
	SlowReaders       uint64            // sessions dropped because they did not read
	JobsSent          uint64            // each to each session counts
	Resumed           uint64            // sessions that went on where another one was
	DifficultyChanges uint64            // changes of a session's difficulty

	Submit    histogram.Snapshot // nanoseconds from an accepted share's arrival to its answer
	FirstJob  histogram.Snapshot // nanoseconds from SetJob until the first session had the job
	Broadcast histogram.Snapshot // nanoseconds from SetJob until all sessions had it
}

// Measures returns what was measured so far.
func (s *Server) Measures() Measures {
	m := &s.measures
	all := Measures{
		Authorized: s.authorized(), Refused: map[string]uint64{},
		Received: m.received.Load(), Sent: m.sent.Load(), SlowReaders: m.slow.Load(),
		JobsSent: m.jobs.Load(), Resumed: m.resumed.Load(), DifficultyChanges: m.difficulties.Load(),
		Submit: m.submit.Snapshot(), FirstJob: m.first.Snapshot(), Broadcast: m.last.Snapshot(),
	}
	for i := range m.refused {
		word := "other"
		if i < len(refusals) {
			word = refusals[i].word
		}
		all.Refused[word] = m.refused[i].Load()
	}
	return all
}

// authorized counts the sessions that have a worker now. It looks at all of them, as
// keepHouse does every second.
func (s *Server) authorized() (n int) {
	s.mu.Lock()
	all := s.all()
	s.mu.Unlock()
	for _, session := range all {
		session.mu.Lock()
		if len(session.workers) > 0 {
			n++
		}
		session.mu.Unlock()
	}
	return n
}
