package stratum_test

import (
	"fmt"
	"io"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-mining/adit/pool-server/stratum"
)

func TestGarbageBansTheAddressAndNoOther(t *testing.T) {
	virtually(t, func(c *stratum.Config) {}, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		m := l.connect(t, "192.0.2.1")
		go func() {
			for range 20 {
				io.WriteString(m.conn, "garbage\n")
			}
		}()
		if got := m.ended(); got > time.Second {
			t.Errorf("it took %v", got)
		}
		if got := l.connect(t, "192.0.2.1").ended(); got != 0 {
			t.Errorf("a banned address was let in")
		}
		l.connect(t, "192.0.2.2").login("bob")
		if stats := s.Stats(); stats.Bans != 1 || stats.Refused != 1 {
			t.Errorf("got %+v", stats)
		}
		time.Sleep(11 * time.Minute)
		l.connect(t, "192.0.2.1").login("alice")
	})
}

func TestDuplicatesNowAndThenBanNobody(t *testing.T) {
	virtually(t, func(c *stratum.Config) {}, func(t *testing.T, s *stratum.Server, l *pipes, p *pool) {
		m := l.connect(t, "192.0.2.1")
		m.login("alice")
		for range 300 {
			share := m.solve(true)
			m.submit("alice", share)
			if answer := m.submit("alice", share); code(answer) != 22 {
				t.Fatalf("got %v", answer)
			}
		}
		share := m.solve(true)
		for range 50 {
			m.submit("alice", share)
			time.Sleep(10 * time.Second)
		}
		// A storm of them does.
		var wg sync.WaitGroup
		m.conn.SetWriteDeadline(time.Time{})
		wg.Go(func() {
			for range 200 {
				if _, err := fmt.Fprintf(m.conn, `{"id":1,"method":"mining.submit","params":["alice","%s","%s","%s","%s"]}`+"\n", share[0], share[1], share[2], share[3]); err != nil {
					return
				}
			}
		})
		m.ended()
		wg.Wait()
		if stats := s.Stats(); stats.Bans != 1 {
			t.Errorf("got %+v", stats)
		}
	})
}

func TestSessionsPerAddressAreLimited(t *testing.T) {
	change := func(c *stratum.Config) { c.Limits.SessionsPerIP, c.Limits.Sessions = 2, 3 }
	virtually(t, change, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		a, b := l.connect(t, "2001:db8::1"), l.connect(t, "2001:db8::2")
		a.login("alice")
		b.login("bob")
		if got := l.connect(t, "2001:db8::3").ended(); got != 0 {
			t.Error("a third session from one network was let in")
		}
		other := l.connect(t, "2001:db8:0:1::1")
		other.login("carol")
		if got := l.connect(t, "192.0.2.1").ended(); got != 0 {
			t.Error("a fourth session was let in")
		}
		a.conn.Close()
		synctest.Wait()
		l.connect(t, "2001:db8::3").login("dave")
	})
}

func TestTrustedAddressesHaveNoLimit(t *testing.T) {
	change := func(c *stratum.Config) {
		c.Limits.SessionsPerIP = 1
		c.Limits.Trusted = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	}
	virtually(t, change, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		l.connect(t, "192.0.2.1").login("alice")
		m := l.connect(t, "192.0.2.1")
		m.login("bob")
		for range 50 {
			m.send("garbage")
			m.read()
		}
		l.connect(t, "192.0.2.1").login("carol")
		l.connect(t, "127.0.0.1").login("dave")
		if got := l.connect(t, "127.0.0.1").ended(); got != 0 {
			t.Error("loopback is trusted although others were named")
		}
	})
}
