package stratum_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-mining/adit/pool-server/stratum"
)

// let reports whether the server has let a connection in, which says nothing.
func (m *miner) let() bool {
	synctest.Wait()
	m.conn.SetReadDeadline(time.Now().Add(time.Millisecond))
	_, err := m.conn.Read(make([]byte, 1))
	timeout, ok := err.(net.Error)
	return ok && timeout.Timeout()
}

func TestAnAddressEarnsRoomByShares(t *testing.T) {
	change := func(c *stratum.Config) { c.Limits.NewcomersPerIP, c.Limits.SessionsPerIP = 3, 9 }
	virtually(t, change, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		first := l.connect(t, "192.0.2.1")
		first.login("alice")
		in := 1
		fill := func() int {
			for l.connect(t, "192.0.2.1").let() {
				in++
			}
			return in
		}
		if got := fill(); got != 3 {
			t.Fatalf("%d sessions of a newcomer, want 3", got)
		}
		first.submit("alice", first.solve(false))
		if got := fill(); got != 3 {
			t.Errorf("%d sessions after a bad share, want 3", got)
		}
		first.submit("alice", first.solve(true))
		if got := fill(); got != 7 {
			t.Errorf("%d sessions after a share, want 7", got)
		}
		for range 5 {
			first.submit("alice", first.solve(true))
		}
		if got := fill(); got != 9 {
			t.Errorf("%d sessions after many shares, want 9", got)
		}
		if got := l.connect(t, "192.0.2.2"); !got.let() {
			t.Error("another address suffers for it")
		}
		if stats := s.Stats(); stats.Bans != 0 {
			t.Errorf("got %+v", stats)
		}
	})
}

// TestAFarmBehindOneAddressIsAllBackAfterARestart has a farm with far more machines
// than a newcomer may have, which try again every few seconds, as mining programs do.
// The server has just been started and knows nothing of it.
func TestAFarmBehindOneAddressIsAllBackAfterARestart(t *testing.T) {
	const machines, again = 160, 5 * time.Second
	change := func(c *stratum.Config) { c.Limits.NewcomersPerIP = machines / 8 }
	virtually(t, change, func(t *testing.T, s *stratum.Server, l *pipes, p *pool) {
		for range 2 { // the second time the farm's own line was cut
			start := time.Now()
			var farm sync.WaitGroup
			var mu sync.Mutex
			var all []*miner
			for i := range machines {
				farm.Go(func() {
					for {
						m := l.connect(t, "192.0.2.1")
						if m.tryLogin(fmt.Sprint("m", i)) {
							m.submit(fmt.Sprint("m", i), m.solve(true))
							mu.Lock()
							all = append(all, m)
							mu.Unlock()
							return
						}
						time.Sleep(again)
					}
				})
			}
			farm.Wait()
			if took := time.Since(start); took > 3*again {
				t.Errorf("the farm was back after %v, want %v", took, 3*again)
			}
			if stats := s.Stats(); stats.Bans != 0 || stats.Sessions != machines {
				t.Errorf("got %+v", stats)
			}
			for _, m := range all {
				m.conn.Close()
			}
			synctest.Wait()
		}
	})
}

// tryLogin is login for one who may be refused.
func (m *miner) tryLogin(user string) bool {
	m.conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := fmt.Fprintf(m.conn, `{"id":"s","method":"mining.subscribe"}`+"\n"+`{"id":"a","method":"mining.authorize","params":["%s"]}`+"\n", user); err != nil {
		return false
	}
	for m.notify == nil {
		if _, err := m.read(); err != nil {
			return false
		}
	}
	return true
}

func TestOpeningAndClosingWithoutEndIsRefused(t *testing.T) {
	change := func(c *stratum.Config) { c.Limits.NewcomersPerIP = 10 }
	virtually(t, change, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		in := 0
		for range 100 {
			m := l.connect(t, "192.0.2.1")
			if m.let() {
				in++
			}
			m.conn.Close()
			synctest.Wait()
		}
		if in != 40 {
			t.Errorf("%d of 100 connections in a moment were let in, want 40", in)
		}
		time.Sleep(time.Minute)
		if !l.connect(t, "192.0.2.1").let() {
			t.Error("nobody is let in a minute later")
		}
		if stats := s.Stats(); stats.Bans != 0 || stats.Refused != 60 {
			t.Errorf("got %+v", stats)
		}
	})
}

// TestSilentSessionsCannotShutOutMiners fills every place, from as many addresses, with
// sessions that say nothing, and fills those again that become free. A miner who knows
// what to say gets in nevertheless, and stays.
func TestSilentSessionsCannotShutOutMiners(t *testing.T) {
	const places = 200
	change := func(c *stratum.Config) { c.Limits.Sessions = places }
	virtually(t, change, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		inside := l.connect(t, "198.51.100.1")
		inside.login("alice")
		for i := range places {
			l.connect(t, fmt.Sprintf("192.0.2.%d", i))
		}
		synctest.Wait()
		if got := s.Stats().Sessions; got != places {
			t.Fatalf("%d sessions, want all places taken", got)
		}
		bob := l.connect(t, "198.51.100.2")
		for i := range places / 2 { // the crowd comes on
			l.connect(t, fmt.Sprintf("192.0.2.%d", i))
		}
		if !bob.tryLogin("bob") {
			t.Fatal("bob was not let in")
		}
		for i := range 2 * places {
			l.connect(t, fmt.Sprintf("192.0.2.%d", i%250))
		}
		if answer := bob.submit("bob", bob.solve(true)); answer["result"] != true {
			t.Errorf("got %v", answer)
		}
		if answer := inside.submit("alice", inside.solve(true)); answer["result"] != true {
			t.Errorf("got %v", answer)
		}
		synctest.Wait()
		if got := s.Stats().Sessions; got != places {
			t.Errorf("%d sessions, want %d", got, places)
		}
	})
}

func TestNoPlaceIsTakenFromThoseWhoMine(t *testing.T) {
	change := func(c *stratum.Config) { c.Limits.Sessions = 3 }
	virtually(t, change, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		for range 10 { // each silent one gives way to the next, and each place is given back
			l.connect(t, "192.0.2.9")
		}
		for i := range 3 {
			if !l.connect(t, "192.0.2.1").tryLogin(fmt.Sprint("m", i)) {
				t.Fatalf("miner %d was not let in", i)
			}
		}
		if l.connect(t, "192.0.2.2").let() {
			t.Error("a miner lost its place")
		}
		if got := s.Stats().Sessions; got != 3 {
			t.Errorf("%d sessions, want 3", got)
		}
	})
}

func TestWhatAnAddressSendsIsBoundedOverAllItsSessions(t *testing.T) {
	const sessions, lines = 10, 400
	change := func(c *stratum.Config) { c.Limits.NewcomersPerIP = sessions }
	virtually(t, change, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		line := `{"id":1,"method":"mining.ping","params":["` + strings.Repeat("x", 350) + `"]}` + "\n"
		flood := func(from string, sessions int) time.Duration {
			start := time.Now()
			var all sync.WaitGroup
			for range sessions {
				m := l.connect(t, from)
				go io.Copy(io.Discard, m.conn)
				all.Go(func() {
					for range lines {
						if _, err := io.WriteString(m.conn, line); err != nil {
							return
						}
					}
				})
			}
			all.Wait()
			return time.Since(start)
		}
		// The address has room for 10 sessions: 40 kB at once, and 2,560 bytes a second.
		// Ten sessions send 2 MB in all, which is far too much for the half minute that
		// they have; they are read from only now and then.
		const sent = sessions * lines * 500
		if took := flood("192.0.2.1", sessions); took < 20*time.Second {
			t.Errorf("%d bytes were taken in %v", sent, took)
		}
		if took := flood("127.0.0.1", 1); took > time.Second {
			t.Errorf("a trusted address needed %v", took)
		}
		if stats := s.Stats(); stats.Bans != 0 {
			t.Errorf("got %+v", stats)
		}
	})
}

// TestFloodsEndInABan has floods from one address, while honest miners from another are
// answered at once.
func TestFloodsEndInABan(t *testing.T) {
	for name, flood := range map[string]func(m *miner) string{
		"shares below their target": func(m *miner) string {
			share := m.solve(false)
			return fmt.Sprintf(`{"id":1,"method":"mining.submit","params":["eve","%s","%s","%s","%s"]}`, share[0], share[1], share[2], share[3])
		},
		"names that are refused": func(*miner) string { return `{"id":1,"method":"mining.authorize","params":["bad",""]}` },
		"garbage":                func(*miner) string { return "\x00\xff{[" },
		"shares of nobody":       func(*miner) string { return `{"id":1,"method":"mining.submit","params":["x","1","1","1","1"]}` },
		"unknown methods":        func(*miner) string { return `{"id":1,"method":"x"}` },
	} {
		t.Run(name, func(t *testing.T) {
			virtually(t, func(c *stratum.Config) {}, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
				eve, alice := l.connect(t, "192.0.2.1"), l.connect(t, "192.0.2.2")
				eve.login("eve")
				alice.login("alice")
				banned := make(chan time.Duration, 1)
				start := time.Now()
				go io.Copy(io.Discard, eve.conn)
				go func() {
					for {
						if _, err := io.WriteString(eve.conn, flood(eve)+"\n"); err != nil {
							banned <- time.Since(start)
							return
						}
					}
				}()
				for range 20 {
					asked := time.Now()
					if answer := alice.submit("alice", alice.solve(true)); answer["result"] != true || time.Since(asked) > 100*time.Millisecond {
						t.Errorf("got %v after %v", answer, time.Since(asked))
					}
					time.Sleep(time.Second)
				}
				if took := <-banned; took > 15*time.Second {
					t.Errorf("it took %v", took)
				}
				if l.connect(t, "192.0.2.1").let() {
					t.Error("a banned address was let in")
				}
				if stats := s.Stats(); stats.Bans != 1 {
					t.Errorf("got %+v", stats)
				}
			})
		})
	}
}

// TestAuthorisingWithoutEndIsPaced has names that can be paid: nobody is banned for
// those, and yet Authorize must not be all that the server does.
func TestAuthorisingWithoutEndIsPaced(t *testing.T) {
	virtually(t, func(c *stratum.Config) {}, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		m := l.connect(t, "127.0.0.1")
		go io.Copy(io.Discard, m.conn)
		const names = 3000
		start := time.Now()
		for i := range names {
			fmt.Fprintf(m.conn, `{"id":1,"method":"mining.authorize","params":["m%d",""]}`+"\n", i%10)
		}
		if took := time.Since(start); took < 2*time.Second {
			t.Errorf("%d names in %v", names, took)
		}
	})
}

func TestArrivalsArePaced(t *testing.T) {
	change := func(c *stratum.Config) { c.Limits.Arrivals = 100 }
	virtually(t, change, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		start := time.Now()
		for i := range 300 {
			l.connect(t, fmt.Sprintf("198.51.100.%d", i%250)).login("alice")
		}
		if took := time.Since(start); took < 2800*time.Millisecond || took > 4*time.Second {
			t.Errorf("300 arrivals took %v, want 3 s", took)
		}
		if stats := s.Stats(); stats.Refused != 0 {
			t.Errorf("got %+v", stats)
		}
	})
}

func TestPortsShareADoor(t *testing.T) {
	var door *stratum.Door
	change := func(c *stratum.Config) {
		door = stratum.NewDoor(stratum.Limits{Sessions: 2})
		c.Door = door
	}
	virtually(t, change, func(t *testing.T, s *stratum.Server, l *pipes, p *pool) {
		c := p.config()
		c.Door = door
		other := newServer(t, c)
		other.SetJob(newJob(t, "1", 1, hardBits), true)
		ctx, stop := context.WithCancel(t.Context())
		second := newPipes()
		served := make(chan error, 1)
		go func() { served <- other.Serve(ctx, second) }()
		a, b := l.connect(t, "192.0.2.1"), second.connect(t, "192.0.2.2")
		a.login("alice")
		b.login("bob")
		if second.connect(t, "192.0.2.3").let() || l.connect(t, "192.0.2.3").let() {
			t.Error("a third was let in")
		}
		go func() {
			for range 20 {
				io.WriteString(a.conn, "garbage\n")
			}
		}()
		a.ended()
		synctest.Wait()
		if second.connect(t, "192.0.2.1").let() {
			t.Error("an address that one port has banned was let in by the other")
		}
		if !second.connect(t, "192.0.2.3").let() {
			t.Error("the place of the banned one was not given back")
		}
		stop()
		if err := <-served; err != nil {
			t.Errorf("Serve = %v", err)
		}
	})
}
