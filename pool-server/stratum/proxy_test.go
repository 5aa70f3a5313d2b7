package stratum_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/pool-server/stratum"
)

// proxy1 and proxy2 are the headers of a connection from there.
func proxy1(from string) string { return "PROXY TCP4 " + from + " 192.0.2.200 56324 3333\r\n" }

func proxy2(from netip.AddrPort, more string) string {
	family, size := "\x11", 12
	if from.Addr().Is6() {
		family, size = "\x21", 36
	}
	b := []byte("\r\n\r\n\x00\r\nQUIT\n\x21" + family)
	b = binary.BigEndian.AppendUint16(b, uint16(size+len(more)))
	b = append(append(b, from.Addr().AsSlice()...), from.Addr().AsSlice()...)
	b = binary.BigEndian.AppendUint16(b, from.Port())
	b = binary.BigEndian.AppendUint16(b, 3333)
	return string(b) + more
}

const (
	proxyLocal  = "\r\n\r\n\x00\r\nQUIT\n\x20\x00\x00\x00"
	proxyUnspec = "\r\n\r\n\x00\r\nQUIT\n\x21\x00\x00\x03abc"
)

func TestProxyHeaders(t *testing.T) {
	six := netip.MustParseAddrPort("[2001:db8::1]:99")
	four := netip.MustParseAddrPort("198.51.100.7:56324")
	for _, tt := range []struct {
		name, header string
		want         string // address, "" if there is none, "refused"
	}{
		{"v1", proxy1("198.51.100.7"), "198.51.100.7:56324"},
		{"v1 IPv6", "PROXY TCP6 2001:db8::1 2001:db8::2 99 3333\r\n", "[2001:db8::1]:99"},
		{"v1 unknown", "PROXY UNKNOWN\r\n", ""},
		{"v1 unknown, with more", "PROXY UNKNOWN ffff::1 whatever 1 2\r\n", ""},
		{"v2", proxy2(four, ""), "198.51.100.7:56324"},
		{"v2 IPv6", proxy2(six, ""), "[2001:db8::1]:99"},
		{"v2 with more", proxy2(four, strings.Repeat("\x20", 1000)), "198.51.100.7:56324"},
		{"v2 mapped", proxy2(netip.MustParseAddrPort("[::ffff:198.51.100.7]:1"), ""), "[::ffff:198.51.100.7]:1"},
		{"v2 local", proxyLocal, ""},
		{"v2 unspecified", proxyUnspec, ""},
		{"v1 of another family", "PROXY TCP4 2001:db8::1 2001:db8::2 99 3333\r\n", "refused"},
		{"v1 without a port", "PROXY TCP4 198.51.100.7 192.0.2.200 3333\r\n", "refused"},
		{"v1 with a large port", "PROXY TCP4 198.51.100.7 192.0.2.200 65536 3333\r\n", "refused"},
		{"v1 with a name", "PROXY TCP4 miner.example 192.0.2.200 1 3333\r\n", "refused"},
		{"v1 of UDP", "PROXY UDP4 198.51.100.7 192.0.2.200 1 3333\r\n", "refused"},
		{"v1 empty", "PROXY \r\n", "refused"},
		{"v1 without end", "PROXY TCP4 " + strings.Repeat("1", 100), "refused"},
		{"v2 too short", "\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x04abcd", "refused"},
		{"v2 too long", "\r\n\r\n\x00\r\nQUIT\n\x21\x11\xff\xff", "refused"},
		{"v3", "\r\n\r\n\x00\r\nQUIT\n\x31\x11\x00\x00", "refused"},
		{"v2 of UDP", "\r\n\r\n\x00\r\nQUIT\n\x21\x12\x00\x0cabcdefghijkl", "refused"},
		{"none", `{"id":1,"method":"mining.subscribe"}`, "refused"},
		{"a TLS hello", "\x16\x03\x01", "refused"},
	} {
		const behind = "what follows"
		for cut := range len(tt.header) {
			// Each part of a good header asks for more.
			if from, length, err := stratum.ProxyHeader([]byte(tt.header[:cut])); tt.want != "refused" && (length != 0 || err != nil) {
				t.Fatalf("%s: %d bytes of %d give %v, %d, %v", tt.name, cut, len(tt.header), from, length, err)
			}
		}
		from, length, err := stratum.ProxyHeader([]byte(tt.header + behind))
		got := ""
		switch {
		case err != nil:
			got = "refused"
		case length != len(tt.header):
			t.Errorf("%s: %d bytes long, want %d", tt.name, length, len(tt.header))
		case from.IsValid():
			got = from.String()
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// FuzzProxyHeader: a header ends within what there is, is never longer than it may be,
// and means the same whether it comes in one piece or byte by byte.
func FuzzProxyHeader(f *testing.F) {
	for _, header := range []string{proxy1("198.51.100.7"), proxyLocal, proxyUnspec, "PROXY UNKNOWN\r\n", proxy2(netip.MustParseAddrPort("[2001:db8::1]:99"), "abc")} {
		f.Add([]byte(header + "{}"))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		from, length, err := stratum.ProxyHeader(b)
		if length > len(b) || length > 4096 || err != nil && length != 0 {
			t.Fatalf("length %d of %d, %v", length, len(b), err)
		}
		if length == 0 && err == nil && len(b) > 4096 {
			t.Fatalf("%d bytes are not enough", len(b))
		}
		for cut := range min(len(b), 200) {
			f2, l2, err2 := stratum.ProxyHeader(b[:cut])
			if l2 > 0 && (l2 != length || f2 != from) || err2 != nil && err == nil {
				t.Fatalf("%q: %v %d %v, its first %d bytes: %v %d %v", b, from, length, err, cut, f2, l2, err2)
			}
		}
	})
}

// proxied is a server behind a proxy at 192.0.2.9.
func proxied(c *stratum.Config) {
	c.Proxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.9/32")}
	c.TLS = serverTLS()
}

func TestTheAddressBehindAProxyCounts(t *testing.T) {
	change := func(c *stratum.Config) {
		proxied(c)
		c.Limits.SessionsPerIP = 2
	}
	virtually(t, change, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		behind := func(header string) *miner {
			m := l.connect(t, "192.0.2.9")
			if _, err := io.WriteString(m.conn, header); err != nil {
				t.Fatal(err)
			}
			return m
		}
		a := behind(proxy1("198.51.100.7"))
		a.login("alice")
		if got := s.Sessions()[0].Address; got != "198.51.100.7:56324" {
			t.Errorf("got address %s", got)
		}
		behind(proxy2(netip.MustParseAddrPort("198.51.100.7:1"), "")).login("bob")
		if got := behind(proxy1("198.51.100.7")).ended(); got != 0 {
			t.Error("a third session from one address was let in")
		}
		behind(proxy1("198.51.100.8")).login("carol")
		// A ban meets the miner, not the proxy.
		go func() {
			for range 20 {
				io.WriteString(a.conn, "garbage\n")
			}
		}()
		a.ended()
		if got := behind(proxy1("198.51.100.7")).ended(); got != 0 {
			t.Error("a banned address was let in")
		}
		behind(proxy1("198.51.100.9")).login("dave")
		behind("PROXY UNKNOWN\r\n").login("erin")
		behind(proxyLocal).login("frank")
		// A header is believed from nobody else.
		m := l.connect(t, "192.0.2.8")
		m.send("PROXY TCP4 198.51.100.20 192.0.2.200 1 3333\r")
		if message, err := m.read(); err != nil || code(message) != 20 {
			t.Errorf("got %v, %v", message, err)
		}
		if got := s.Stats().Refused; got != 2 {
			t.Errorf("%d refused, want 2", got)
		}
	})
}

func TestTLSBehindAProxy(t *testing.T) {
	var p pool
	c := p.config()
	proxied(&c)
	c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	s := newServer(t, c)
	s.SetJob(newJob(t, "1", 1, hardBits), true)
	address := serve(t, s)
	for _, header := range []string{proxy1("198.51.100.7"), proxy2(netip.MustParseAddrPort("198.51.100.7:1"), strings.Repeat("x", 3000))} {
		for _, together := range []bool{true, false} { // header and hello in one segment?
			plain := dial(t, address)
			conn := &prefixed{Conn: plain.conn, prefix: header}
			if !together {
				io.WriteString(plain.conn, header)
				conn.prefix = ""
			}
			m := newMiner(t, tlsClient(conn))
			m.login("alice")
			info := s.Sessions()[0]
			if !info.TLS || !strings.HasPrefix(info.Address, "198.51.100.7:") {
				t.Errorf("got %+v", info)
			}
			m.conn.Close()
			for s.Stats().Sessions > 0 {
				time.Sleep(time.Millisecond)
			}
		}
	}
}

// TestProxiesThatSayNothingMakeNoNoise is for the health checks of proxies, and for
// proxies that are set up wrongly.
func TestProxiesThatSayNothingMakeNoNoise(t *testing.T) {
	log := &pooltest.Log{}
	change := func(c *stratum.Config) {
		proxied(c)
		c.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelInfo}))
	}
	virtually(t, change, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		time.Sleep(time.Second)
		for _, said := range []string{"", proxyLocal, "PROXY UNKNOWN\r\n", "PROXY TC"} {
			m := l.connect(t, "192.0.2.9")
			io.WriteString(m.conn, said)
			m.conn.Close()
		}
		time.Sleep(time.Second)
		if got := log.String(); got != "" {
			t.Errorf("health checks are in the log: %s", got)
		}
		for range 50 {
			m := l.connect(t, "192.0.2.9")
			go io.WriteString(m.conn, `{"id":1,"method":"mining.subscribe"}`+"\n")
			if got := m.ended(); got > 2*time.Second {
				t.Errorf("a connection without a header lasted %v", got)
			}
		}
		if got := strings.Count(log.String(), "without a PROXY header"); got != 1 {
			t.Errorf("a proxy without headers was told %d times in a moment, want once:\n%s", got, log)
		}
		if stats := s.Stats(); stats.Bans != 0 || stats.Garbage != 0 {
			t.Errorf("got %+v", stats)
		}
	})
}

func TestDrippingAProxyHeaderDoesNotKeepASession(t *testing.T) {
	virtually(t, proxied, func(t *testing.T, s *stratum.Server, l *pipes, _ *pool) {
		m := l.connect(t, "192.0.2.9")
		start := time.Now()
		header := proxy2(netip.MustParseAddrPort("198.51.100.7:1"), strings.Repeat("x", 3000))
		for _, c := range []byte(header) {
			if _, err := m.conn.Write([]byte{c}); err != nil {
				break
			}
			time.Sleep(time.Second)
		}
		if got := time.Since(start); !near(got, 30*time.Second) {
			t.Errorf("sent away after %v, want 30 s", got)
		}
	})
}

// FuzzGreeting lets a stranger behind a proxy begin with anything, on a port with TLS.
// The server lives on, and the session ends when its limit is reached at the latest.
func FuzzGreeting(f *testing.F) {
	f.Add([]byte(proxy1("198.51.100.7") + `{"id":1,"method":"mining.subscribe"}` + "\n"))
	f.Add([]byte(proxy1("198.51.100.7") + clientHello(f)))
	f.Add([]byte(proxyLocal + "\x16\x03\x01\x00\x05hello"))
	f.Add([]byte("\x16\x03\x01"))
	f.Fuzz(func(t *testing.T, said []byte) {
		var p pool
		c := p.config()
		proxied(&c)
		s := newServer(t, c)
		s.SetJob(newJob(t, "1", 1, hardBits), true)
		l := newPipes()
		ctx, cancel := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- s.Serve(ctx, l) }()
		m := l.connect(t, "192.0.2.9")
		heard := make(chan error, 1)
		go func() { _, err := io.Copy(io.Discard, m.conn); heard <- err }()
		m.conn.Write(said)
		m.conn.Write([]byte("\n"))
		cancel()
		if err := <-served; err != nil {
			t.Errorf("Serve = %v", err)
		}
		if err := <-heard; err != nil && !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("heard %v", err)
		}
	})
}
