package stratum_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/pool-server/stratum"
)

// virtually runs a server without a network, in virtual time.
func virtually(t *testing.T, change func(*stratum.Config), test func(t *testing.T, s *stratum.Server, l *pipes, p *pool)) {
	bubble.Test(t, func(t *testing.T) {
		var p pool
		c := p.config()
		change(&c)
		s := newServer(t, c)
		s.SetJob(newJob(t, "1", 1, hardBits), true)
		l := newPipes()
		ctx, cancel := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- s.Serve(ctx, l) }()
		test(t, s, l, &p)
		cancel()
		if err := <-served; err != nil {
			t.Errorf("Serve = %v", err)
		}
	})
}

// ended waits until the server hangs up and returns how long that took.
func (m *miner) ended() time.Duration {
	m.t.Helper()
	start := time.Now()
	m.conn.SetReadDeadline(time.Now().Add(time.Hour))
	if _, err := io.Copy(io.Discard, m.lines); err != nil && !errors.Is(err, io.ErrClosedPipe) {
		m.t.Fatalf("read: %v", err)
	}
	return time.Since(start)
}

func near(got, want time.Duration) bool { return got >= want && got <= want+2*time.Second }

func TestMinerMustAuthorizeInTime(t *testing.T) {
	virtually(t, func(c *stratum.Config) {}, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		m := l.connect(t, "192.0.2.1")
		m.call("mining.subscribe")
		if got := m.ended(); !near(got, 30*time.Second) {
			t.Errorf("sent away after %v, want 30 s", got)
		}
	})
}

func TestDrippingALineDoesNotKeepASession(t *testing.T) {
	virtually(t, func(c *stratum.Config) {}, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		m := l.connect(t, "192.0.2.1")
		start := time.Now()
		for {
			if _, err := io.WriteString(m.conn, "{"); err != nil {
				break
			}
			time.Sleep(time.Second)
		}
		if got := time.Since(start); !near(got, 30*time.Second) {
			t.Errorf("sent away after %v, want 30 s", got)
		}
	})
}

func TestIdleMinerIsSentAway(t *testing.T) {
	virtually(t, func(c *stratum.Config) {}, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		m := l.connect(t, "192.0.2.1")
		m.login("alice")
		time.Sleep(14 * time.Minute)
		m.call("mining.ping")
		if got := m.ended(); !near(got, 15*time.Minute) {
			t.Errorf("sent away after %v, want 15 min", got)
		}
	})
}

func TestMinerThatDoesNotReadIsDropped(t *testing.T) {
	virtually(t, func(c *stratum.Config) {}, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		slow, other := l.connect(t, "192.0.2.1"), l.connect(t, "192.0.2.2")
		slow.login("alice")
		other.login("bob")
		start := time.Now()
		s.SetJob(newJob(t, "2", 1, hardBits), false)
		if took := time.Since(start); took != 0 {
			t.Errorf("SetJob waited %v for a miner", took)
		}
		other.method("mining.notify")
		time.Sleep(11 * time.Second)
		if n := s.Stats().Sessions; n != 1 {
			t.Errorf("%d sessions, want 1", n)
		}
		if n := s.Stats().Dropped; n != 1 {
			t.Errorf("%d dropped, want 1", n)
		}
		other.call("mining.ping")
	})
}

func TestWhatIsPendingForAMinerIsBounded(t *testing.T) {
	virtually(t, func(c *stratum.Config) { c.Limits.WriteWithin = time.Hour }, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		slow := l.connect(t, "192.0.2.1")
		slow.login("alice")
		for i := range 2000 {
			s.SetJob(newJob(t, fmt.Sprint("j", i), 1, hardBits), false)
		}
		synctest.Wait()
		if n := s.Stats().Sessions; n != 0 {
			t.Errorf("%d sessions after 2000 jobs that it did not read, want 0", n)
		}
	})
}

func TestLineTooLongEndsTheSession(t *testing.T) {
	virtually(t, func(c *stratum.Config) {}, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		for _, line := range []string{strings.Repeat("x", 9000), `{"id":1,"method":"` + strings.Repeat("x", 8000) + `"}` + strings.Repeat(" ", 5000) + "\n"} {
			m := l.connect(t, "192.0.2.2")
			go io.WriteString(m.conn, line)
			if got := m.ended(); got > time.Second {
				t.Errorf("it took %v", got)
			}
		}
		m := l.connect(t, "192.0.2.1")
		m.send(`{"id":1,"method":"mining.ping","params":["` + strings.Repeat("x", 7000) + `"]}`)
		m.answer(1)
	})
}

func TestTooManyWorkersOnOneSessionAreRefused(t *testing.T) {
	virtually(t, func(c *stratum.Config) { c.Limits.Workers = 2 }, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		m := l.connect(t, "192.0.2.1")
		m.login("a")
		m.call("mining.authorize", "b", "")
		if answer := m.call("mining.authorize", "c", ""); code(answer) != 24 {
			t.Errorf("got %v", answer)
		}
		if answer := m.call("mining.authorize", "b", ""); answer["result"] != true {
			t.Errorf("got %v", answer)
		}
	})
}

func TestSharesInFlightAreBounded(t *testing.T) {
	var wg sync.WaitGroup
	virtually(t, func(c *stratum.Config) { c.Limits.InFlight = 3 }, func(t *testing.T, s *stratum.Server, l *pipes, p *pool) {
		p.mu.Lock()
		p.hold = true
		p.mu.Unlock()
		m := l.connect(t, "192.0.2.1")
		m.login("alice")
		var lines strings.Builder
		for i := range 5 {
			share := m.solve(true)
			fmt.Fprintf(&lines, `{"id":%d,"method":"mining.submit","params":["alice","%s","%s","%s","%s"]}`+"\n", i, share[0], share[1], share[2], share[3])
		}
		wg.Go(func() { io.WriteString(m.conn, lines.String()) })
		time.Sleep(time.Second)
		if shares, _ := p.count(); shares != 3 {
			t.Errorf("%d shares in flight, want 3", shares)
		}
		p.release(nil)
		answered := map[any]bool{}
		for len(answered) < 5 {
			message, err := m.read()
			if err != nil || message["result"] != true {
				t.Fatalf("got %v, %v", message, err)
			}
			answered[message["id"]] = true
		}
		wg.Wait()
	})
}

// brokenListener fails before it works.
type brokenListener struct {
	*pipes
	failures int
}

func (l *brokenListener) Accept() (net.Conn, error) {
	if l.failures > 0 {
		l.failures--
		return nil, errors.New("too many open files")
	}
	return l.pipes.Accept()
}

func TestAcceptErrorsArePaced(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		var p pool
		s := newServer(t, p.config())
		s.SetJob(newJob(t, "1", 1, hardBits), true)
		l := &brokenListener{newPipes(), 10}
		ctx, cancel := context.WithCancel(t.Context())
		served := make(chan error, 1)
		start := time.Now()
		go func() { served <- s.Serve(ctx, l) }()
		l.connect(t, "192.0.2.1").login("alice")
		if took := time.Since(start); took < time.Second || took > 10*time.Second {
			t.Errorf("ten failures took %v", took)
		}
		cancel()
		if err := <-served; err != nil {
			t.Errorf("Serve = %v", err)
		}
	})
}

func TestServeReturnsWhenTheListenerBreaks(t *testing.T) {
	var p pool
	s := newServer(t, p.config())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if err := s.Serve(t.Context(), l); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve = %v", err)
	}
}
