package stratum_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/stratum"
)

// serverTLS has a certificate that nobody has to believe.
var serverTLS = sync.OnceValue(func() *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"pool.example"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, DynamicRecordSizingDisabled: true}
})

var clientTLS = &tls.Config{InsecureSkipVerify: true}

// dialTLS is dial, encrypted.
func dialTLS(t testing.TB, address string) *miner {
	t.Helper()
	conn, err := tls.Dial("tcp", address, clientTLS)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return newMiner(t, conn)
}

func TestTLSAndPlainShareAPort(t *testing.T) {
	var p pool
	c := p.config()
	c.TLS = serverTLS()
	s := newServer(t, c)
	s.SetJob(newJob(t, "1", 1, hardBits), true)
	address := serve(t, s)
	plain, sealed := dial(t, address), dialTLS(t, address)
	for name, m := range map[string]*miner{"alice": plain, "bob": sealed} {
		m.login(name)
		if answer := m.submit(name, m.solve(true)); answer["result"] != true {
			t.Errorf("%s: got %v", name, answer)
		}
	}
	s.SetJob(newJob(t, "2", 2, hardBits), true)
	for _, m := range []*miner{plain, sealed} {
		if got := m.method("mining.notify")["params"].([]any)[0]; got != "2" {
			t.Errorf("got job %v", got)
		}
	}
	for _, info := range s.Sessions() {
		if info.TLS != (info.Workers[0].Account == "bob") {
			t.Errorf("got %+v", info)
		}
	}
	sealed.send(`{"id":1,"method":"mining.ping"}` + "\n" + `{"id":2,"method":"mining.ping"}`)
	sealed.answer(1)
	sealed.answer(2)
}

// TestTLSVersionsAndOddRecords holds that no way of cutting the stream into records and
// segments matters.
func TestTLSVersionsAndOddRecords(t *testing.T) {
	var p pool
	c := p.config()
	c.TLS = serverTLS()
	s := newServer(t, c)
	s.SetJob(newJob(t, "1", 1, hardBits), true)
	address := serve(t, s)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		m := newMiner(t, tls.Client(&bytewise{Conn: conn}, &tls.Config{InsecureSkipVerify: true, MinVersion: version, MaxVersion: version}))
		m.login("alice")
		m.send(`{"id":77,"method":"mining.ping","params":["` + strings.Repeat("x", 7000) + `"]}`)
		m.answer(77)
	}
}

// bytewise writes a byte at a time, as long as the first of them count.
type bytewise struct {
	net.Conn
	written int
}

func (b *bytewise) Write(p []byte) (n int, err error) {
	for n < len(p) && b.written < 600 && err == nil {
		_, err = b.Conn.Write(p[n : n+1])
		n++
		b.written++
	}
	if err != nil || n == len(p) {
		return n, err
	}
	rest, err := b.Conn.Write(p[n:])
	return n + rest, err
}

func TestTLSHelloWithoutCertificateIsRefusedAtOnce(t *testing.T) {
	var p pool
	s := newServer(t, p.config())
	s.SetJob(newJob(t, "1", 1, hardBits), true)
	address := serve(t, s)
	if conn, err := tls.Dial("tcp", address, clientTLS); err == nil {
		conn.Close()
		t.Error("TLS without a certificate")
	}
	dial(t, address).login("alice") // as bfgminer does next
}

func TestTLSSessionSaysGoodbye(t *testing.T) {
	var p pool
	c := p.config()
	c.TLS = serverTLS()
	s := newServer(t, c)
	s.SetJob(newJob(t, "1", 1, hardBits), true)
	m := dialTLS(t, serve(t, s))
	m.login("alice")
	s.Stale("no work")
	m.method("client.show_message")
	// An end without close_notify would be io.ErrUnexpectedEOF.
	if _, err := m.read(); !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v, want the end", err)
	}
}

func TestBrokenTLSEndsTheSessionAlone(t *testing.T) {
	var p pool
	c := p.config()
	c.TLS = serverTLS()
	s := newServer(t, c)
	s.SetJob(newJob(t, "1", 1, hardBits), true)
	address := serve(t, s)
	honest := dialTLS(t, address)
	honest.login("alice")
	for _, said := range []string{
		"\x16\x03\x01\x00\x05hello",
		"\x16\x03\x01\xff\xff",
		"\x16" + strings.Repeat("\xff", 20_000),
		"\x16\x03\x01\x00\x00" + strings.Repeat("\x00", 5000),
	} {
		m := dial(t, address)
		io.WriteString(m.conn, said) // fails if we have ended it by then
		if _, err := io.Copy(io.Discard, m.conn); err != nil && !strings.Contains(err.Error(), "reset") {
			t.Errorf("%.10q: %v", said, err)
		}
	}
	// A record that does not open.
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	broken := newMiner(t, tls.Client(conn, clientTLS))
	broken.login("bob")
	io.WriteString(conn, "\x17\x03\x03\x00\x20"+strings.Repeat("x", 32))
	if _, err := broken.read(); err == nil {
		t.Error("a record that does not open was answered")
	}
	if answer := honest.submit("alice", honest.solve(true)); answer["result"] != true {
		t.Errorf("got %v", answer)
	}
}

// TestBroadcastWaitsForNoTLSMiner has miners who do not read: the jobs of those who do
// must not wait for them.
func TestBroadcastWaitsForNoTLSMiner(t *testing.T) {
	var p pool
	c := p.config()
	c.TLS = serverTLS()
	c.Limits.WriteWithin = time.Minute
	s := newServer(t, c)
	s.SetJob(newJob(t, "1", 1, hardBits), true)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := serveOn(t, s, narrow{l})
	var deaf []*miner
	for i := range 4 {
		m := dialTLS(t, address)
		m.conn.(*tls.Conn).NetConn().(*net.TCPConn).SetReadBuffer(4 << 10)
		m.login(fmt.Sprint("deaf", i))
		deaf = append(deaf, m)
	}
	honest := dialTLS(t, address)
	honest.login("alice")
	const jobs = 300 // far more than the sockets of the deaf hold
	for i := range jobs {
		s.SetJob(newJob(t, fmt.Sprint("j", i), 1, hardBits), false)
		if got := honest.method("mining.notify")["params"].([]any)[0]; got != fmt.Sprint("j", i) {
			t.Fatalf("got job %v, want j%d", got, i)
		}
	}
	// What a slow one gets at last is whole and in order.
	for i := range jobs {
		if got := deaf[0].method("mining.notify")["params"].([]any)[0]; got != fmt.Sprint("j", i) {
			t.Fatalf("got job %v, want j%d", got, i)
		}
	}
}

func TestDrippingATLSHandshakeDoesNotKeepASession(t *testing.T) {
	for _, whole := range []bool{false, true} { // is the hello whole, and nothing follows?
		change := func(c *stratum.Config) { c.TLS = serverTLS() }
		virtually(t, change, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
			m := l.connect(t, "192.0.2.1")
			start := time.Now()
			hello := clientHello(t)
			if whole {
				io.WriteString(m.conn, hello)
				io.Copy(io.Discard, m.conn)
			}
			for i := 0; ; i++ {
				if _, err := io.WriteString(m.conn, hello[i%len(hello):][:1]); err != nil {
					break
				}
				time.Sleep(time.Second)
			}
			if got := time.Since(start); !near(got, 30*time.Second) {
				t.Errorf("whole hello %v: sent away after %v, want 30 s", whole, got)
			}
		})
	}
}

// clientHello is how a TLS client begins.
func clientHello(t testing.TB) string {
	t.Helper()
	ours, theirs := net.Pipe()
	go tls.Client(theirs, clientTLS).Handshake() // ends with the pipe
	defer theirs.Close()
	defer ours.Close()
	b := make([]byte, 16<<10)
	n, err := ours.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}

func tlsClient(conn net.Conn) *tls.Conn { return tls.Client(conn, clientTLS) }

// prefixed sends something before the first that is written, in one segment.
type prefixed struct {
	net.Conn
	prefix string
}

func (p *prefixed) Write(b []byte) (int, error) {
	head := p.prefix
	p.prefix = ""
	n, err := p.Conn.Write(append([]byte(head), b...))
	return max(n-len(head), 0), err
}
