package stratum_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-mining/adit/pool-server/stratum"
)

// subscribe subscribes, showing a session's id, and returns the id and extranonce1
// that come back.
func (m *miner) subscribe(session string) (id, extranonce1 string) {
	m.t.Helper()
	answer := m.call("mining.subscribe", "test/1", session)
	result, ok := answer["result"].([]any)
	if !ok {
		m.t.Fatalf("subscribe: %v", answer)
	}
	return result[0].([]any)[1].([]any)[1].(string), result[1].(string)
}

func TestSessionIDsCannotBeGuessed(t *testing.T) {
	virtually(t, func(c *stratum.Config) {}, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		seen := map[string]bool{}
		for i := range 50 {
			id, _ := l.connect(t, fmt.Sprintf("192.0.2.%d", i)).subscribe("")
			if seen[id] || len(strings.TrimPrefix(id, "adit")) != 32 {
				t.Fatalf("session %d has the id %q", i, id)
			}
			if first := id[0]; first >= '0' && first <= '9' {
				t.Fatalf("%q begins with a digit: NiceHash takes it for a difficulty", id)
			}
			seen[id] = true
		}
	})
}

// TestResumeClosesTheDeadConnection: the miner's router has forgotten the first
// connection, and the server has not noticed yet.
func TestResumeClosesTheDeadConnection(t *testing.T) {
	virtually(t, withVarDiff, func(t *testing.T, s *stratum.Server, l *pipes, p *pool) {
		dead := l.connect(t, "192.0.2.1")
		id, en1 := dead.subscribe("")
		dead.login("alice")
		share := dead.solve(true)
		dead.submit("alice", share)
		p.mu.Lock()
		p.hold = true
		p.mu.Unlock()
		late := dead.solve(true)
		dead.send(fmt.Sprintf(`{"id":9,"method":"mining.submit","params":["alice","%s","%s","%s","%s"]}`, late[0], late[1], late[2], late[3]))
		synctest.Wait()

		m := l.connect(t, "198.51.100.7") // a phone's address changes
		gotID, gotEn1 := m.subscribe(id)
		if gotID != id || gotEn1 != en1 {
			t.Fatalf("resumed as %s with %s, want %s with %s", gotID, gotEn1, id, en1)
		}
		if n := s.Measures().Resumed; n != 1 {
			t.Errorf("%d sessions are counted as resumed", n)
		}
		if took := dead.ended(); took != 0 {
			t.Errorf("the old connection lived for another %v", took)
		}
		m.login("alice")
		for i, old := range [][]string{share, late} {
			if answer := m.submit("alice", old); code(answer) != 22 {
				t.Errorf("share %d of the dead connection: %v, want a duplicate", i, answer)
			}
		}
		p.release(nil)
		m.tried = dead.tried
		if answer := m.submit("alice", m.solve(true)); answer["result"] != true {
			t.Errorf("new share: %v", answer)
		}
		if shares, _ := p.count(); shares != 3 {
			t.Errorf("%d shares were credited, want 3", shares)
		}
		synctest.Wait()
		if n := s.Stats().Sessions; n != 1 {
			t.Errorf("%d sessions, want 1", n)
		}
	})
}

// TestResumeKeepsVardiffsDifficulty: not the port's, not the password's, and not
// lowered before there was time for a share.
func TestResumeKeepsVardiffsDifficulty(t *testing.T) {
	virtually(t, withVarDiff, func(t *testing.T, s *stratum.Server, l *pipes, p *pool) {
		m := l.connect(t, "192.0.2.1")
		id, _ := m.subscribe("")
		m.call("mining.authorize", "alice", "d=7e-9")
		m.method("mining.notify")
		m.submit("alice", m.solve(true))
		for range 2 { // the second time without a share in between
			m.conn.Close()
			synctest.Wait()
			m = l.connect(t, "192.0.2.1")
			m.subscribe(id)
			m.call("mining.authorize", "alice", "d=1e-3")
			if message := m.method("mining.set_difficulty"); message["params"].([]any)[0] != 7e-9 {
				t.Errorf("got %v, want 7e-9", message)
			}
		}
		time.Sleep(20 * time.Second)
		if d := s.Sessions()[0].Difficulty; d != 7e-9 {
			t.Errorf("after 20 s it is %v", d)
		}
	})
}

// TestResumeGivesNoWorkTwice: cgminer sends after a break what it could not send
// before, and begins the job from the start when it gets it again. The first must
// count, and the second must not find the same shares.
func TestResumeGivesNoWorkTwice(t *testing.T) {
	virtually(t, func(c *stratum.Config) {}, func(t *testing.T, s *stratum.Server, l *pipes, p *pool) {
		m := l.connect(t, "192.0.2.1")
		id, _ := m.subscribe("")
		m.login("alice")
		older := m.solve(true)
		s.SetJob(newJob(t, "2", 1, hardBits), false)
		m.method("mining.notify")
		sent, unsent := m.solve(true), m.solve(true)
		m.submit("alice", sent)
		for range 3 { // it breaks again and again
			m.conn.Close()
			synctest.Wait()
			m = l.connect(t, "192.0.2.1")
			m.subscribe(id)
			m.login("alice")
			if answer := m.submit("alice", m.solve(true)); answer["result"] != true {
				t.Fatalf("the first share of %v: %v", m.notify[0], answer)
			}
		}
		for name, share := range map[string][]string{"newest": unsent, "older": older} {
			if answer := m.submit("alice", share); answer["result"] != true {
				t.Errorf("a share of the %s job from before the break: %v", name, answer)
			}
		}
		if m.notify[0] != "2x3" {
			t.Errorf("the job came as %v, want 2x3", m.notify[0])
		}
		s.SetJob(newJob(t, "3", 2, hardBits), true)
		m.method("mining.notify")
		if answer := m.submit("alice", unsent); code(answer) != 21 {
			t.Errorf("a share of another tip: %v", answer)
		}
	})
}

func TestFormerSessionsAreForgotten(t *testing.T) {
	virtually(t, func(c *stratum.Config) { c.Limits.Former = 32 }, func(t *testing.T, s *stratum.Server, l *pipes, p *pool) {
		visit := func(work bool) string {
			m := l.connect(t, "192.0.2.1")
			id, _ := m.subscribe("")
			if work {
				m.login("alice")
				m.submit("alice", m.solve(true))
			}
			m.conn.Close()
			synctest.Wait()
			return id
		}
		back := func(id string) bool {
			m := l.connect(t, "192.0.2.1")
			got, _ := m.subscribe(id)
			m.conn.Close()
			synctest.Wait()
			return got == id
		}
		worked := visit(true)
		for range 100 {
			visit(false) // who only connects pushes nobody out who works
		}
		if !back(worked) {
			t.Error("a session with a share was forgotten for sessions without")
		}
		first := visit(true)
		for range 32 {
			visit(true)
		}
		if back(first) {
			t.Error("the 33rd session was still known, of 32")
		}
		last := visit(true)
		time.Sleep(9 * time.Minute)
		if !back(last) {
			t.Error("forgotten after 9 minutes")
		}
		time.Sleep(11 * time.Minute)
		if back(last) {
			t.Error("not forgotten after 11 minutes")
		}
	})
}

func FuzzSessionID(f *testing.F) {
	for _, id := range []string{"", "adit", "adit00112233445566778899aabbccddeeff", "adit00112233445566778899AABBCCDDEEFF", "deadbeefcafebabe"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		again, ok := stratum.SessionID(id)
		if ok && again != strings.ToLower(id) {
			t.Errorf("%q was read as %q", id, again)
		}
	})
}
