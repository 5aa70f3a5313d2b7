package stratum

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Points that misbehaviour scores. A valid share takes one point off, and time ten
// a minute: a bad cable, a rig with a wrong password, or a duplicate now and then
// never ban anybody; a flood does within seconds.
const (
	pointsGarbage      = 10 // a line that is no request
	pointsTooLong      = 50 // a line beyond Limits.LineBytes
	pointsAuthorize    = 5  // refused by Authorize
	pointsUnknown      = 1  // a method that does not exist, or wrong parameters
	pointsValues       = 2  // a share that cannot be read, or from a worker unknown here
	pointsShare        = 1  // a duplicate, or below its target
	pointsOffPerSecond = 10.0 / 60
)

var (
	errBanned      = errors.New("address is banned")
	errTooManyHere = errors.New("too many sessions from this address")
)

// peers knows the addresses that sessions come from. An address is forgotten once
// it has neither session nor score.
type peers struct {
	limits Limits

	mu     sync.Mutex
	byAddr map[netip.Addr]*peer
}

// peer is one address. peers.mu guards it.
type peer struct {
	sessions int
	score    float64
	scored   time.Duration // when score was true
	banned   time.Duration // until when
}

// peerAddr returns the address by which a connection is counted, the zero Addr if
// it has none. A single host has a whole IPv6 /64 network for itself.
func peerAddr(conn net.Conn) netip.Addr {
	tcp, ok := conn.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	addr := tcp.AddrPort().Addr().Unmap().WithZone("")
	if addr.Is6() {
		if network, err := addr.Prefix(64); err == nil {
			return network.Addr()
		}
	}
	return addr
}

func (p *peers) trusted(addr netip.Addr) bool {
	for _, prefix := range p.limits.Trusted {
		if prefix.Masked().Contains(addr) {
			return true
		}
	}
	return !addr.IsValid()
}

// enter counts a session of addr. The peer is nil for a trusted address.
func (p *peers) enter(addr netip.Addr, now time.Duration) (*peer, error) {
	if p.trusted(addr) {
		return nil, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	who := p.byAddr[addr]
	if who == nil {
		who = &peer{scored: now}
		p.byAddr[addr] = who
	}
	switch {
	case now < who.banned:
		return nil, errBanned
	case who.sessions >= p.limits.SessionsPerIP:
		return nil, errTooManyHere
	}
	who.sessions++
	return who, nil
}

func (p *peers) leave(who *peer) {
	if who == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	who.sessions--
}

// score adds points, which may be negative, and reports whether that was too much.
func (p *peers) score(who *peer, points float64, now time.Duration) (banned bool) {
	if who == nil || points == 0 {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	who.fade(now)
	who.score = max(0, who.score+points)
	if p.limits.BanScore < 0 || who.score < p.limits.BanScore {
		return false
	}
	who.score, who.banned = 0, now+p.limits.BanFor
	return true
}

func (who *peer) fade(now time.Duration) {
	who.score = max(0, who.score-pointsOffPerSecond*(now-who.scored).Seconds())
	who.scored = now
}

// forget drops the addresses of which there is nothing to know any more.
func (p *peers) forget(now time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for addr, who := range p.byAddr {
		who.fade(now)
		if who.sessions == 0 && who.score == 0 && now >= who.banned {
			delete(p.byAddr, addr)
		}
	}
}
