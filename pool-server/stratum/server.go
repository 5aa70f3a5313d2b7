package stratum

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/adit-mining/adit/miners/pow"
)

// Server is a stratum server for one pool and one kind of port.
type Server struct {
	cfg      Config
	start    level     // what sessions begin with
	one      float64   // target of difficulty 1, see actualDifficulty
	begun    time.Time // all time.Durations in here are since then, but for the door's
	door     *Door
	hashing  *hashing
	buffers  sync.Pool // of *outBuffer
	attempts sync.Pool // of *attempt
	counters counters
	measures measures

	unrecorded atomic.Int64 // shares lost since the last record of it, see complain
	complained atomic.Int64 // when that was, as now counts
	flushed    atomic.Int64 // when a share was last answered without a flusher, as now counts
	headerless atomic.Int64 // when a proxy was last complained about

	serving atomic.Bool
	running sync.WaitGroup // sessions and what writes for them
	house   sync.WaitGroup // what serves all of them; ends after them
	flushes chan *session
	clerks  clerks
	gone    chan struct{} // closed when all sessions are

	broadcast sync.Mutex // held while a job goes out: one at a time, in order

	mu          sync.Mutex
	sessions    map[uint32]*session // by extranonce1
	tickets     map[ticket]*session // those that have subscribed
	worked      *formers            // sessions that have ended, and had a share
	idle        *formers            // and those that had none
	extranonce1 uint32              // last one given out
	extranonce2 int                 // bytes of it, as in the newest job
	versionMask uint32              // bits that miners may roll
	lastSession uint64
	stopping    bool
	jobs        []*issued // the newest last
	lastJob     uint64
	tip         uint64
	stale       string // why there is no work, "" if there is
}

// New checks c and returns a server that is not running yet.
func New(c Config) (*Server, error) {
	orDefault(&c.Extranonce2Size, 4)
	if c.Door == nil {
		c.Door = NewDoor(c.Limits)
	}
	c.Limits = c.Door.limits
	c.Proxies = masked(c.Proxies)
	if c.VarDiff != nil {
		v := *c.VarDiff
		v.fill()
		c.VarDiff = &v
	}
	if c.Rates == nil {
		c.Rates = NewRates(0)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if err := c.validate(); err != nil {
		return nil, fmt.Errorf("stratum: %w", err)
	}
	s := &Server{
		cfg: c, begun: time.Now(), door: c.Door,
		buffers:  sync.Pool{New: func() any { return new(outBuffer) }},
		attempts: sync.Pool{New: newAttempt},
		measures: newMeasures(),
		flushes:  make(chan *session, 1024),
		clerks:   newClerks(),
		gone:     make(chan struct{}),
		sessions: map[uint32]*session{},
		tickets:  map[ticket]*session{},
		worked:   newFormers(c.Limits.Former, c.Limits.ResumeWithin),
		idle:     newFormers(c.Limits.Former/idleShare, c.Limits.ResumeWithin),
		// At random, so that a restart does not hand out again what miners still use,
		// and a session's number says nothing about how many there are.
		extranonce1: rand.Uint32(),
		lastSession: rand.Uint64() >> 16,
		extranonce2: c.Extranonce2Size,
		versionMask: c.VersionMask,
	}
	s.one = asFloat(pow.Hash(pow.TargetFromDifficulty(c.Algorithm, 1)))
	s.start = s.newLevel(s.clamp(c.Difficulty))
	var err error
	if s.hashing, err = newHashing(c.Algorithm, runtime.GOMAXPROCS(0)); err != nil {
		return nil, fmt.Errorf("stratum: %w", err)
	}
	return s, nil
}

// now is the time since the server was made.
func (s *Server) now() time.Duration { return time.Since(s.begun) }

// Serve accepts miners on l, which it closes, until ctx ends; then it answers the
// shares that are still in Accept, for at most Limits.Grace, and closes the
// sessions. When it returns all of them are gone, and done callbacks that come later
// do nothing. A Server serves once. The error is nil if ctx ended it.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	if s.serving.Swap(true) {
		return errors.New("stratum: this server has served already")
	}
	for range runtime.GOMAXPROCS(0) {
		s.house.Go(s.flusher)
	}
	s.house.Go(s.keepHouse)
	unhook := context.AfterFunc(ctx, func() { l.Close() })

	err := s.accept(ctx, l)

	unhook()
	l.Close()
	s.stop()
	s.running.Wait()
	close(s.gone)
	s.house.Wait()
	return err
}

// stop lets every session finish, and asks its miner to come back soon. None can
// join after it.
func (s *Server) stop() {
	s.mu.Lock()
	s.stopping = true
	all := s.all()
	s.mu.Unlock()
	for i, session := range all {
		session.sendBack(s.stagger(i, len(all)))
		session.leave()
	}
}

// all returns the sessions. The caller holds s.mu.
func (s *Server) all() []*session {
	all := make([]*session, 0, len(s.sessions))
	for _, session := range s.sessions {
		all = append(all, session)
	}
	return all
}

// Bounds of the pause after a failed accept, which mostly means that the process
// is out of file descriptors.
const (
	shortestPause = 5 * time.Millisecond
	longestPause  = time.Second
)

func (s *Server) accept(ctx context.Context, l net.Listener) error {
	pause := shortestPause
	for {
		conn, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				conn.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("stratum: accept: %w", err)
		case err != nil:
			s.cfg.Log.Warn("cannot accept a miner", "err", err, "pause", pause)
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				return nil
			}
			pause = min(2*pause, longestPause)
			continue
		}
		pause = shortestPause
		s.counters.connections.Add(1)
		if err := s.join(conn); err != nil {
			s.counters.refused.Add(1)
			s.measures.refuse(err)
			s.cfg.Log.Debug("miner turned away", "address", conn.RemoteAddr(), "err", err)
			refuse(conn)
			continue
		}
		// Those who come in do so at a pace that leaves the shares of those inside their
		// time; the others wait in the system's queue. Who is refused takes nobody's turn,
		// and in a crowd of silent ones haste is all that helps the others.
		if s.door.crowded() {
			continue
		}
		if err := s.door.pace.Wait(ctx); err != nil {
			return nil
		}
	}
}

// refuse closes a connection without leaving anything of it behind.
func refuse(conn net.Conn) {
	reset(conn)
	conn.Close()
}

// reset has the end of a connection lose what is under way.
func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
}

var (
	errStopping = errors.New("server is stopping")
	errFull     = errors.New("too many sessions")
)

// join makes a session of conn and starts it.
func (s *Server) join(conn net.Conn) error {
	who, err := s.letIn(addressOf(conn))
	if err != nil {
		return err
	}
	session := &session{
		server: s, conn: conn, raw: rawConn(conn), peer: who, address: conn.RemoteAddr(),
		connected: time.Now(), active: s.now(), wanted: &s.start,
	}
	s.mu.Lock()
	s.lastSession++
	session.id = s.lastSession
	s.mu.Unlock()
	loser, err := s.door.take(session)
	if loser != nil {
		loser.giveWay()
	}
	if err == nil {
		err = s.begin(session)
	}
	if err != nil {
		s.door.peers.leave(who)
	}
	return err
}

// begin gives a session its extranonce1 and starts it.
func (s *Server) begin(session *session) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		s.door.giveBack(session)
		return errStopping
	}
	session.key = s.nextExtranonce1()
	binary.BigEndian.PutUint32(session.granted[:], session.key)
	session.extranonce1, session.extranonce2 = session.granted, uint8(s.extranonce2)
	s.sessions[session.key] = session
	s.running.Go(session.run)
	return nil
}

// letIn counts a connection from addr, unless it is a proxy's: there the miner
// counts, whom we do not know yet.
func (s *Server) letIn(addr netip.Addr) (*peer, error) {
	if s.behindProxy(addr) {
		return nil, nil
	}
	return s.door.enter(countedAs(addr))
}

// forget ends what join began.
func (s *Server) forget(session *session) {
	s.door.peers.leave(session.peer)
	s.door.giveBack(session)
	session.mu.Lock()
	x := session.former(s.now())
	session.noteRate()
	session.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions[session.key] == session { // and nobody has taken it over
		delete(s.sessions, session.key)
	}
	if s.tickets[session.ticket] == session {
		delete(s.tickets, session.ticket)
		x.ticket, x.extranonce1 = session.ticket, session.key
		s.remember(x)
	}
}
