package sharelog_test

import (
	"net"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/adit-mining/adit/pool-server/sharelog"
)

// natsServer runs a NATS server with JetStream on a loopback port, as an operator
// has one beside the pool. Port 0 picks a free one.
func natsServer(t *testing.T, dir string, port int) (s *server.Server, url string, usedPort int) {
	t.Helper()
	if port == 0 {
		port = -1
	}
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: port, JetStream: true, StoreDir: dir, SyncAlways: true,
		NoLog: true, NoSigs: true, MaxPayload: 32 << 20, MaxPending: 64 << 20,
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the NATS server does not start")
	}
	_, text, err := net.SplitHostPort(s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	usedPort, err = strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return s, s.ClientURL(), usedPort
}

func TestAServerOutsideWorksAndItsAbsenceIsHealed(t *testing.T) {
	dir := t.TempDir()
	outside, url, port := natsServer(t, dir, 0)
	l := open(t, sharelog.Options{URL: url, MaxBatch: 10, AckTimeout: 300 * time.Millisecond})
	want := append(shares(50), withBlock(share(50), 4<<20))
	l.mustAppend(t, want...)
	l.mustHold(t, 0, want)

	outside.Shutdown()
	outside.WaitForShutdown()
	for i, err := range l.append(shares(20)...) {
		if err == nil {
			t.Fatalf("share %d was acknowledged with the server away", i)
		}
	}
	if l.Status().Err == nil {
		t.Error("the status does not tell")
	}
	outside, _, _ = natsServer(t, dir, port)
	defer outside.Shutdown()
	for deadline := time.Now().Add(20 * time.Second); l.Status().Err != nil; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not healed: %v", l.Status().Err)
		}
	}
	l.mustAppend(t, share(99))
	got, err := l.consume(t, 0)
	if err != nil || len(got) < len(want)+1 || got[len(got)-1] != share(99) {
		t.Errorf("%d records, want the %d from before and one more; %v", len(got), len(want), err)
	}
	l.stop()
}

func TestASecondWriterCannotSlipABatchIn(t *testing.T) {
	outside, url, _ := natsServer(t, t.TempDir(), 0)
	defer outside.Shutdown()
	one := open(t, sharelog.Options{URL: url, MaxBatch: 1})
	two := open(t, sharelog.Options{URL: url, MaxBatch: 1})
	good := 0
	for i := range 20 {
		for _, l := range []*running{one, two} {
			if l.append(share(i))[0] == nil {
				good++
			}
		}
	}
	got, err := one.consume(t, 0)
	if err != nil || len(got) != good {
		t.Errorf("%d records for %d acknowledged ones; %v", len(got), good, err)
	}
	one.stop()
	two.stop()
}

func TestNothingRunsOnAfterClose(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 3 {
		l := open(t, sharelog.Options{Dir: t.TempDir()})
		l.mustAppend(t, share(1))
		l.stop()
	}
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before+2; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
}
