package stratum_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/pool-server/stratum"
)

func TestReconnectSendsMinersOnlyWhereTheConfigurationSays(t *testing.T) {
	virtually(t, func(c *stratum.Config) { c.ReconnectTo = []string{"eu.pool.example"} }, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		m := l.connect(t, "192.0.2.1")
		m.login("alice")
		for _, to := range []struct {
			host string
			port int
		}{{"evil.example", 3333}, {"pool.example", 3333}, {"eu.pool.example", 0}, {"", -1}, {"eu.pool.example", 70000}} {
			if err := s.Reconnect(to.host, to.port, 0); err == nil {
				t.Errorf("miners were sent to %q, port %d", to.host, to.port)
			}
		}
		if err := s.Reconnect("eu.pool.example", 3334, 0); err != nil {
			t.Fatal(err)
		}
		params := m.method("client.reconnect")["params"].([]any)
		if params[0] != "eu.pool.example" || params[1] != 3334.0 || params[2] != 0.0 {
			t.Errorf("got %v", params)
		}
		if took := m.ended(); !near(took, 5*time.Second) {
			t.Errorf("a miner that does not go was hung up on after %v, want 5 s", took)
		}
	})
}

func TestMinersAreAskedToComeBackAtDifferentTimes(t *testing.T) {
	virtually(t, func(c *stratum.Config) {}, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		var miners []*miner
		for range 20 {
			m := l.connect(t, "192.0.2.1")
			m.login("alice")
			miners = append(miners, m)
		}
		if err := s.Reconnect("", 0, time.Minute); err != nil {
			t.Fatal(err)
		}
		waits := map[float64]bool{}
		for _, m := range miners {
			params := m.method("client.reconnect")["params"].([]any)
			if params[0] != nil || params[1] != nil {
				t.Fatalf("got %v, want the same place: null, null", params)
			}
			waits[params[2].(float64)] = true
		}
		if len(waits) < 8 {
			t.Errorf("20 miners wait for %v seconds", waits)
		}
	})
}

// TestStopAsksMinersToComeBackSoon: those that understand it do not go to another
// pool, and do not all come at once.
func TestStopAsksMinersToComeBackSoon(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		var p pool
		s := newServer(t, p.config())
		s.SetJob(newJob(t, "1", 1, hardBits), true)
		l := newPipes()
		ctx, cancel := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- s.Serve(ctx, l) }()
		m, silent := l.connect(t, "192.0.2.1"), l.connect(t, "192.0.2.2")
		m.login("alice")
		cancel()
		params := m.method("client.reconnect")["params"].([]any)
		if wait := params[2].(float64); wait < 1 || wait > 31 {
			t.Errorf("asked to wait for %v s, want 1 to 31", wait)
		}
		m.ended()
		if said, err := silent.read(); err == nil {
			t.Errorf("who has not subscribed was told %v", said)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve = %v", err)
		}
		synctest.Wait()
	})
}
