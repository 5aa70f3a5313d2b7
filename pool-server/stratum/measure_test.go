package stratum_test

import (
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-mining/adit/pool-server/histogram"
	"github.com/adit-mining/adit/pool-server/stratum"
)

// class returns the upper bound of the class that the only value fell into.
func class(t *testing.T, s histogram.Snapshot) time.Duration {
	t.Helper()
	if s.Count != 1 {
		t.Fatalf("%d values, want one", s.Count)
	}
	for i, n := range s.UpTo {
		if n > 0 {
			return time.Duration(s.Bounds[i])
		}
	}
	t.Fatalf("the value is above %v", s.Bounds)
	return 0
}

func TestMeasuresSayWhatHappened(t *testing.T) {
	virtually(t, func(c *stratum.Config) { c.Limits.SessionsPerIP = 2 }, func(t *testing.T, s *stratum.Server, l *pipes, p *pool) {
		m := l.connect(t, "192.0.2.1")
		m.login("alice")
		l.connect(t, "192.0.2.1") // nobody's yet
		l.connect(t, "192.0.2.1").ended()
		p.hold = true
		share := m.solve(true)
		m.send(`{"id":77,"method":"mining.submit","params":["alice","` + strings.Join(share, `","`) + `"]}`)
		synctest.Wait()
		time.Sleep(30 * time.Millisecond)
		p.release(nil)
		m.answer(77)
		m.call("mining.suggest_difficulty", 1e-6)
		go s.SetJob(newJob(t, "2", 1, hardBits), false)
		m.method("mining.set_difficulty")
		m.method("mining.notify")
		synctest.Wait()

		got := s.Measures()
		if at := class(t, got.Submit); at != 50*time.Millisecond {
			t.Errorf("an answer after 30 ms is counted up to %v", at)
		}
		if got.Authorized != 1 || got.Refused["address_limit"] != 1 || got.Refused["banned"] != 0 {
			t.Errorf("got %d authorised sessions and refusals %v", got.Authorized, got.Refused)
		}
		if got.JobsSent != 2 || got.DifficultyChanges != 1 {
			t.Errorf("got %d jobs and %d changes of difficulty, want 2 and 1", got.JobsSent, got.DifficultyChanges)
		}
		// The first SetJob was before anybody was there.
		if got.FirstJob.Count != 1 || got.Broadcast.Count != 1 || got.Broadcast.Sum < got.FirstJob.Sum {
			t.Errorf("broadcasts: first %+v, all %+v", got.FirstJob, got.Broadcast)
		}
		if got.Received < 200 || got.Sent < 500 {
			t.Errorf("%d bytes came and %d went", got.Received, got.Sent)
		}
		m.conn.Close()
		synctest.Wait()
		time.Sleep(time.Second)
		if got := s.Measures().Authorized; got != 0 {
			t.Errorf("%d authorised sessions after the only one has gone", got)
		}
	})
}

func TestSlowReadersAreCounted(t *testing.T) {
	p := pool{}
	c := p.config()
	c.Limits.WriteWithin = 50 * time.Millisecond
	s := newServer(t, c)
	s.SetJob(newJob(t, "1", 1, hardBits), true)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := dial(t, serveOn(t, s, narrow{l}))
	m.conn.(*net.TCPConn).SetReadBuffer(4 << 10)
	m.login("alice")
	for i := 0; s.Measures().SlowReaders == 0; i++ {
		s.SetJob(newJob(t, "j", 1, hardBits), false)
		if i > 100_000 {
			t.Fatal("a miner that reads nothing is not dropped")
		}
	}
	if got := s.Measures().SlowReaders; got != 1 {
		t.Errorf("%d slow readers, want 1", got)
	}
}
