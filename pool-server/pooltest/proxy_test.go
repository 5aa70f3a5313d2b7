package pooltest_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/pooltest"
)

// echoed is a proxy in front of a server that says back each line.
func echoed(t *testing.T) *pooltest.Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				io.Copy(conn, conn)
			}()
		}
	}()
	return pooltest.NewProxy(t, l.Addr().String())
}

func dialProxy(t *testing.T, p *pooltest.Proxy) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", p.Addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	return conn, bufio.NewReader(conn)
}

func TestProxyPassesWhatIsSentInEveryWeatherThatEnds(t *testing.T) {
	p := echoed(t)
	conn, in := dialProxy(t, p)
	for _, w := range []pooltest.Weather{{}, {Latency: 5 * time.Millisecond, Jitter: 5 * time.Millisecond}, {Pieces: 3}, {Rate: 10_000}, {Blackhole: true}} {
		p.Set(w)
		want := strings.Repeat("x", 100) + "\n"
		fmt.Fprint(conn, want)
		if w.Blackhole {
			conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
			if _, err := in.ReadString('\n'); err == nil {
				t.Error("something came out of a black hole")
			}
			conn.SetReadDeadline(time.Now().Add(10 * time.Second))
			p.Set(pooltest.Weather{})
		}
		if got, err := in.ReadString('\n'); got != want || err != nil {
			t.Errorf("%+v: got %q, %v", w, got, err)
		}
	}
}

func TestProxyCutsWithinALineAndRefuses(t *testing.T) {
	p := echoed(t)
	p.Set(pooltest.Weather{CutAfter: 1})
	conn, in := dialProxy(t, p)
	fmt.Fprint(conn, strings.Repeat("x", 1000)+"\n")
	if got, err := in.ReadString('\n'); err == nil {
		t.Errorf("a whole line came: %d bytes", len(got))
	}
	if p.Resets() != 1 {
		t.Errorf("got %d resets, want 1", p.Resets())
	}
	p.Set(pooltest.Weather{})
	conn, in = dialProxy(t, p)
	fmt.Fprint(conn, "a\n")
	if _, err := in.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	p.Cut()
	if _, err := in.ReadString('\n'); err == nil {
		t.Error("the connection lives on after the cut")
	}
	p.Set(pooltest.Weather{Refuse: true})
	if conn, err := net.Dial("tcp", p.Addr); err == nil { // the reset comes soon after
		defer conn.Close()
		if _, err := conn.Read(make([]byte, 1)); err == nil || err == io.EOF {
			t.Errorf("got %v, want a reset", err)
		}
	}
}
