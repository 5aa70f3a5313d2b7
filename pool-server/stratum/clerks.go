package stratum

import "time"

// clerks handle requests of sessions that have been silent, on stacks that they keep.
// A session's own reader then never needs more than the stack that a read takes, which
// is most of what an idle session costs; with thousands of them nothing else counts.
// A busy session's reader handles its requests itself, without the way to a clerk.
type clerks struct {
	waiting chan *errand
	free    chan *errand
}

// errand is the handling of what one session has read.
type errand struct {
	session *session
	b       []byte
	used    int
	err     error
	done    chan struct{}
}

const (
	busyWithin   = 2 * time.Second  // of its last words, a session counts as busy,
	loginErrands = 8                // once it has had so many, or a share: to sign in takes the deepest stack
	clerkWaits   = 10 * time.Second // for the next errand, then it goes
	keepErrands  = 256
)

func newClerks() clerks {
	// An errand is handed to a clerk who waits, or a new one comes for it.
	return clerks{make(chan *errand), make(chan *errand, keepErrands)}
}

// viaClerk has a clerk handle the whole lines in b, see lines.
func (s *session) viaClerk(b []byte) (used int, err error) {
	c := &s.server.clerks
	var e *errand
	select {
	case e = <-c.free:
	default:
		e = &errand{done: make(chan struct{}, 1)}
	}
	e.session, e.b = s, b
	select {
	case c.waiting <- e:
	default:
		s.server.house.Go(func() { s.server.clerk(e) })
	}
	<-e.done
	used, err = e.used, e.err
	*e = errand{done: e.done}
	select {
	case c.free <- e:
	default:
	}
	return used, err
}

// clerk runs errands until none has come for a while.
func (s *Server) clerk(e *errand) {
	timer := time.NewTimer(clerkWaits)
	defer timer.Stop()
	for {
		e.used, e.err = e.session.lines(e.b)
		e.done <- struct{}{}
		timer.Reset(clerkWaits)
		select {
		case e = <-s.clerks.waiting:
		case <-timer.C:
			return
		case <-s.gone:
			return
		}
	}
}
