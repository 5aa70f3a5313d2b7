package stratum_test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// narrow is a listener whose connections have small buffers.
type narrow struct{ net.Listener }

func (l narrow) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetWriteBuffer(4 << 10)
	}
	return conn, err
}

func TestMinerThatFallsBehindGetsEverythingInOrder(t *testing.T) {
	p := pool{hold: true}
	s := newServer(t, p.config())
	s.SetJob(newJob(t, "1", 1, hardBits), true)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := dial(t, serveOn(t, s, narrow{l}))
	m.conn.(*net.TCPConn).SetReadBuffer(16 << 10)
	m.login("alice")

	const jobs, pings = 300, 300
	share := m.solve(true)
	m.send(fmt.Sprintf(`{"id":%d,"method":"mining.submit","params":["alice","%s"]}`, pings, strings.Join(share, `","`)))
	go func() {
		for i := range pings {
			fmt.Fprintf(m.conn, `{"id":%d,"method":"mining.ping"}`+"\n", i)
		}
	}()
	for i := range jobs { // far more than both sockets hold
		s.SetJob(newJob(t, fmt.Sprint("j", i), 1, hardBits), false)
	}
	time.Sleep(50 * time.Millisecond)
	p.release(nil)

	nextJob, nextPing, answered := 0, 0, false
	for nextJob < jobs || nextPing < pings || !answered {
		message, err := m.read()
		if err != nil {
			t.Fatalf("after %d jobs, %d answers: %v", nextJob, nextPing, err)
		}
		switch {
		case message["method"] == "mining.notify":
			if got := m.notify[0]; got != fmt.Sprint("j", nextJob) {
				t.Fatalf("got job %v, want j%d", got, nextJob)
			}
			nextJob++
		case message["id"] == float64(pings):
			answered = true
		case message["id"] == float64(nextPing):
			nextPing++
		default:
			t.Fatalf("got %v, want the answer to %d", message, nextPing)
		}
	}
}
