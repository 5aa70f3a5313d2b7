package pooltest

import (
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"
)

// Weather is what a Proxy does to what passes through it. The zero value is fine
// weather: everything passes at once.
type Weather struct {
	Latency   time.Duration // of each piece, in each direction
	Jitter    time.Duration // added to it, at random
	Rate      int           // bytes a second of a connection's direction; 0 = no limit
	Pieces    int           // bytes that pass at a time, so that lines come in halves; 0 = as they come
	CutAfter  int           // bytes, on average, after which a connection is reset, mostly within a line; 0 = never
	SlowClose time.Duration // from one side's end until the other side hears of it
	Blackhole bool          // nothing passes and nothing is closed, as with a cable that is pulled
	Refuse    bool          // new connections are reset
}

// Proxy is a network between two programs, with weather of the test's choosing. It is
// safe for concurrent use.
type Proxy struct {
	Addr   string // host:port
	target string
	ended  chan struct{}
	group  sync.WaitGroup

	mu      sync.Mutex // guards what follows
	weather Weather
	changed chan struct{} // closed when the weather changes
	pairs   map[*pair]bool
	resets  int
}

// pair is a connection through the proxy.
type pair struct{ near, far *net.TCPConn }

// reset ends a pair as a crash does. The caller holds p.mu.
func (p *Proxy) reset(both *pair) {
	if !p.pairs[both] {
		return
	}
	delete(p.pairs, both)
	p.resets++
	for _, conn := range []*net.TCPConn{both.near, both.far} {
		conn.SetLinger(0)
		conn.Close()
	}
}

// NewProxy opens a port that leads to target, until the test ends.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("pooltest: proxy: %v", err)
	}
	p := &Proxy{Addr: l.Addr().String(), target: target, changed: make(chan struct{}), ended: make(chan struct{}), pairs: map[*pair]bool{}}
	p.group.Go(func() { p.accept(l) })
	t.Cleanup(func() {
		close(p.ended)
		l.Close()
		p.Cut()
		p.group.Wait()
	})
	return p
}

// Set changes the weather, for connections that are there as well.
func (p *Proxy) Set(w Weather) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.weather = w
	close(p.changed)
	p.changed = make(chan struct{})
}

// Cut resets all connections.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for pair := range p.pairs {
		p.reset(pair)
	}
}

// Resets is how many connections the proxy has reset.
func (p *Proxy) Resets() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.resets
}

func (p *Proxy) now() (Weather, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.weather, p.changed
}

func (p *Proxy) accept(l net.Listener) {
	for {
		near, err := l.Accept()
		if err != nil {
			return
		}
		p.group.Go(func() { p.connect(near.(*net.TCPConn)) })
	}
}

// connect serves one connection to its end.
func (p *Proxy) connect(near *net.TCPConn) {
	w, _ := p.now()
	far, err := net.Dial("tcp", p.target)
	if err != nil || w.Refuse {
		if far != nil {
			far.Close()
		}
		near.SetLinger(0)
		near.Close()
		return
	}
	both := &pair{near, far.(*net.TCPConn)}
	p.mu.Lock()
	p.pairs[both] = true
	select {
	case <-p.ended: // the last Cut has not seen it
		p.reset(both)
	default:
	}
	p.mu.Unlock()
	var directions sync.WaitGroup
	directions.Go(func() { p.pass(both, both.far, both.near) })
	directions.Go(func() { p.pass(both, both.near, both.far) })
	directions.Wait()
	p.mu.Lock()
	delete(p.pairs, both)
	p.mu.Unlock()
	near.Close()
	far.Close()
}

// pass copies one direction through the weather.
func (p *Proxy) pass(both *pair, to, from *net.TCPConn) {
	buf := make([]byte, 4096)
	passed, fate := 0, rand.ExpFloat64()
	for {
		w, _ := p.now()
		size := len(buf)
		if w.Pieces > 0 {
			size = min(size, w.Pieces)
		}
		n, err := from.Read(buf[:size])
		if n > 0 {
			w = p.await(n)
			passed += n
			if w.CutAfter > 0 && float64(passed) > fate*float64(w.CutAfter) {
				to.Write(buf[:n/2])
				p.mu.Lock()
				p.reset(both)
				p.mu.Unlock()
				return
			}
			if _, err := to.Write(buf[:n]); err != nil {
				from.Close() // the sender hears of it
				return
			}
		}
		if err != nil {
			p.sleep(w.SlowClose)
			to.CloseWrite()
			return
		}
	}
}

// await holds n bytes back as the weather wants it, and returns the weather then.
func (p *Proxy) await(n int) Weather {
	w, changed := p.now()
	for w.Blackhole {
		select {
		case <-changed:
		case <-p.ended:
			return w
		}
		w, changed = p.now()
	}
	wait := w.Latency
	if w.Jitter > 0 {
		wait += rand.N(w.Jitter)
	}
	if w.Rate > 0 {
		wait += time.Duration(n) * time.Second / time.Duration(w.Rate)
	}
	p.sleep(wait)
	return w
}

func (p *Proxy) sleep(d time.Duration) {
	if d <= 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-p.ended:
	}
}
