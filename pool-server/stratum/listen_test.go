package stratum_test

import (
	"context"
	"net"
	"testing"

	"github.com/adit-mining/adit/pool-server/stratum"
)

// serve runs s on a loopback port until the test ends, and returns its address.
func serve(t testing.TB, s *stratum.Server) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, s, l)
}

// serveOn runs s on l.
func serveOn(t testing.TB, s *stratum.Server, l net.Listener) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Errorf("Serve = %v", err)
		}
	})
	return l.Addr().String()
}

func dial(t testing.TB, address string) *miner {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return newMiner(t, conn)
}

// pipes is a listener without a network: for tests in a synctest bubble.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newPipes() *pipes { return &pipes{make(chan net.Conn), make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	select {
	case <-p.closed:
	default:
		close(p.closed)
	}
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// addressed is a connection that says it comes from somewhere.
type addressed struct {
	net.Conn
	from string
}

func (a addressed) RemoteAddr() net.Addr {
	return &net.TCPAddr{IP: net.ParseIP(a.from), Port: 1234}
}

// connect joins the server from an address.
func (p *pipes) connect(t testing.TB, from string) *miner {
	t.Helper()
	ours, theirs := net.Pipe()
	p.conns <- addressed{theirs, from}
	t.Cleanup(func() { ours.Close() })
	return newMiner(t, ours)
}
