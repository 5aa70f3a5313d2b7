package stratum_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/stratum"
)

func TestShareIsAcceptedAndWeighsItsJobsDifficulty(t *testing.T) {
	var p pool
	s := newServer(t, p.config())
	s.SetJob(newJob(t, "1", 1, hardBits), true)
	m := dial(t, serve(t, s))
	m.login("alice.rig-1")
	if answer := m.submit("alice.rig-1", m.solve(true)); answer["result"] != true || answer["error"] != nil {
		t.Fatalf("submit: got %v, want true", answer)
	}
	m.submit("alice.rig-1", m.solve(true))
	if shares, candidates := p.count(); shares != 2 || candidates != 0 {
		t.Fatalf("got %d shares, %d candidates, want 2, 0", shares, candidates)
	}
	first, second := p.shares[0], p.shares[1]
	if first.Account != "alice" || first.Worker != "rig-1" || first.Difficulty != 1e-9 || first.JobID != "1" || first.Height != 101 {
		t.Errorf("got %+v", first)
	}
	if first.Actual < first.Difficulty || first.Session == 0 || first.Connected.After(first.Time) {
		t.Errorf("got %+v", first)
	}
	if !first.First || second.First {
		t.Errorf("First: got %v, %v, want true, false", first.First, second.First)
	}
	if stats := s.Stats(); stats.Accepted != 2 || stats.Sessions != 1 || stats.Connections != 1 {
		t.Errorf("got %+v", stats)
	}
	infos := s.Sessions()
	if len(infos) != 1 || infos[0].Accepted != 2 || infos[0].Difficulty != 1e-9 || infos[0].Agent != "test/1" || infos[0].Workers[0].Account != "alice" {
		t.Errorf("got %+v", infos)
	}
}

func TestTrueIsSentOnlyWhenTheShareIsDurable(t *testing.T) {
	p := pool{hold: true}
	s := newServer(t, p.config())
	s.SetJob(newJob(t, "1", 1, hardBits), true)
	m := dial(t, serve(t, s))
	m.login("alice")
	share := m.solve(true)
	m.send(`{"id":"a","method":"mining.submit","params":["alice","` + share[0] + `","` + share[1] + `","` + share[2] + `","` + share[3] + `"]}`)
	if answer := m.call("mining.ping"); answer["result"] != "pong" {
		t.Fatalf("got %v before the share was durable", answer)
	}
	p.release(nil)
	answer, err := m.read()
	if err != nil || answer["id"] != "a" || answer["result"] != true {
		t.Fatalf("got %v, %v, want true", answer, err)
	}
}

func TestShareThatIsLostGetsAnError(t *testing.T) {
	p := pool{fail: errors.New("disk full at /secret/place")}
	s := newServer(t, p.config())
	s.SetJob(newJob(t, "1", 1, hardBits), true)
	m := dial(t, serve(t, s))
	m.login("alice")
	answer := m.submit("alice", m.solve(true))
	if code(answer) != 20 || answer["error"].([]any)[1] != "the pool could not record this share" {
		t.Fatalf("got %v", answer)
	}
}

func TestCandidateGoesToTheCallerInsteadOfAccept(t *testing.T) {
	var p pool
	s := newServer(t, p.config())
	s.SetJob(newJob(t, "1", 1, regtestBits), true)
	m := dial(t, serve(t, s))
	m.login("alice")
	if answer := m.submit("alice", m.solve(true)); answer["result"] != true {
		t.Fatalf("got %v", answer)
	}
	shares, candidates := p.count()
	if shares != 1 || candidates != 1 {
		t.Fatalf("got %d shares, %d candidates, want 1, 1", shares, candidates)
	}
	if got := p.shares[0].Difficulty; got > 4.66e-10 {
		t.Errorf("a share weighs %v, more than the block", got)
	}
}

func TestCandidateOfAnOldTipIsStillHandedOver(t *testing.T) {
	var p pool
	s := newServer(t, p.config())
	s.SetJob(newJob(t, "1", 1, regtestBits), true)
	m := dial(t, serve(t, s))
	m.login("alice")
	good, bad := m.solve(true), m.solve(false)
	s.SetJob(newJob(t, "2", 2, regtestBits), true)
	if answer := m.submit("alice", bad); code(answer) != 23 && code(answer) != 21 {
		t.Errorf("got %v, want an error", answer)
	}
	m.submit("alice", good)
	if _, candidates := p.count(); candidates != 1 {
		t.Errorf("got %d candidates, want 1", candidates)
	}
}

func TestShutdownAnswersSharesInFlight(t *testing.T) {
	p := pool{hold: true}
	s := newServer(t, p.config())
	s.SetJob(newJob(t, "1", 1, hardBits), true)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, l) }()
	m := dial(t, l.Addr().String())
	m.login("alice")
	share := m.solve(true)
	m.send(`{"id":7,"method":"mining.submit","params":["alice","` + share[0] + `","` + share[1] + `","` + share[2] + `","` + share[3] + `"]}`)
	m.call("mining.ping")
	cancel()
	select {
	case err := <-served:
		t.Fatalf("Serve returned %v before the share was answered", err)
	case <-time.After(50 * time.Millisecond):
	}
	p.release(nil)
	if answer := m.answer(7); answer["result"] != true {
		t.Fatalf("got %v, want true", answer)
	}
	if _, err := m.read(); !errors.Is(err, io.EOF) {
		t.Fatalf("got %v, want the end", err)
	}
	if err := <-served; err != nil {
		t.Fatalf("Serve = %v", err)
	}
	if n := s.Stats().Sessions; n != 0 {
		t.Errorf("%d sessions left", n)
	}
	if err := s.Serve(t.Context(), l); err == nil {
		t.Error("a server served twice")
	}
}

func TestStaleSendsMinersAway(t *testing.T) {
	var p pool
	s := newServer(t, p.config())
	s.SetJob(newJob(t, "1", 1, hardBits), true)
	address := serve(t, s)
	m := dial(t, address)
	m.login("alice")
	s.Stale(`no daemon is <"synced">`)
	if message := m.method("client.show_message"); message["params"].([]any)[0] != `no daemon is <"synced">` {
		t.Errorf("got %v", message)
	}
	if _, err := m.read(); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want the end", err)
	}
	m = dial(t, address)
	if answer := m.call("mining.subscribe"); code(answer) != 20 {
		t.Errorf("subscribe: got %v, want an error", answer)
	}
	if _, err := m.read(); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want the end", err)
	}
	s.SetJob(newJob(t, "2", 1, hardBits), false)
	dial(t, address).login("alice")
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	if _, err := stratum.New(stratum.Config{Extranonce2Size: 99}); err == nil {
		t.Error("got no error")
	}
	var p pool
	c := p.config()
	c.VarDiff = &stratum.VarDiff{Min: 5, Max: 2}
	if _, err := stratum.New(c); err == nil {
		t.Error("got no error for a vardiff whose maximum is below its minimum")
	}
}
