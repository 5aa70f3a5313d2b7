package stratum

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
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

// What an address has room for grows with its valid shares, from
// Limits.NewcomersPerIP sessions to Limits.SessionsPerIP. A large farm behind one
// address is all in after the first shares of its first miners; one who only opens
// connections stays a newcomer.
const (
	roomPerShare = 4                // sessions
	rememberRoom = time.Hour        // after the last share: a farm whose line was cut comes back whole
	reopenWithin = 60 * time.Second // in which an address may open as many sessions as it has room for,
	reopenAtOnce = 4                // and so many times as many in advance: lines are cut and restored
)

// What the sessions of one address may send together, for each that it has room for.
// Miners send some 20 bytes a second. A valid share pays for itself and its login.
const (
	bytesPerSecond = 256
	bytesInAdvance = 4 << 10 // at once
	lineWeighs     = 128     // bytes, on top of its own: work for us
	shareIsWorth   = 1024    // bytes
)

var (
	errBanned      = errors.New("address is banned")
	errTooManyHere = errors.New("too many sessions from this address")
	errTooFast     = errors.New("too many new sessions from this address")
)

// peers knows the addresses that sessions come from. An address is forgotten once
// it has neither session nor score, and no valid share for an hour.
type peers struct {
	limits Limits

	mu     sync.Mutex
	byAddr map[netip.Addr]*peer
}

// peer is one address. peers.mu guards it.
type peer struct {
	sessions int
	opened   float64 // sessions lately, fading
	score    float64
	scored   time.Duration // when opened and score were true
	banned   time.Duration // until when
	proven   time.Duration // when the last valid share came, 0 if none has

	room atomic.Int64 // sessions that it may have; changes under peers.mu
	paid atomic.Int64 // time until which its bytes are paid for, see charge
}

// addressOf returns the address that a connection comes from, the zero Addr if it has
// none.
func addressOf(conn net.Conn) netip.Addr {
	tcp, ok := conn.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	return tcp.AddrPort().Addr().Unmap().WithZone("")
}

// countedAs returns the address by which connections from addr are counted. A single
// host has a whole IPv6 /64 network for itself.
func countedAs(addr netip.Addr) netip.Addr {
	if addr.Is6() {
		if network, err := addr.Prefix(64); err == nil {
			return network.Addr()
		}
	}
	return addr
}

func (p *peers) trusted(addr netip.Addr) bool {
	return !addr.IsValid() || within(addr, p.limits.Trusted)
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
		who.room.Store(int64(min(p.limits.NewcomersPerIP, p.limits.SessionsPerIP)))
		p.byAddr[addr] = who
	}
	who.fade(now)
	room := int(who.room.Load())
	switch {
	case now < who.banned:
		return nil, errBanned
	case who.sessions >= room:
		return nil, errTooManyHere
	case who.opened+1 > float64(reopenAtOnce*room):
		return nil, errTooFast
	}
	who.sessions++
	who.opened++
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

// score adds points, which are negative for a valid share, and reports whether that
// was too much.
func (p *peers) score(who *peer, points float64, now time.Duration) (banned bool) {
	if who == nil || points == 0 {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	who.fade(now)
	if points < 0 {
		who.proven = now
		who.room.Store(min(who.room.Load()+roomPerShare, int64(p.limits.SessionsPerIP)))
		who.paid.Add(-int64(who.price(shareIsWorth)))
	}
	who.score = max(0, who.score+points)
	if p.limits.BanScore < 0 || who.score < p.limits.BanScore {
		return false
	}
	who.score, who.banned = 0, now+p.limits.BanFor
	return true
}

func (who *peer) fade(now time.Duration) {
	passed := (now - who.scored).Seconds()
	who.score = max(0, who.score-pointsOffPerSecond*passed)
	who.opened = max(0, who.opened-float64(who.room.Load())*passed/reopenWithin.Seconds())
	who.scored = now
}

// price is how long an address works off n bytes.
func (who *peer) price(n int) time.Duration {
	return time.Duration(n) * time.Second / time.Duration(bytesPerSecond*who.room.Load())
}

// charge books what a session of who has sent, and says how long it shall not be read
// from for that. Only the sum over all sessions of an address counts, so a crowd of
// them gets no more than one.
func (who *peer) charge(bytes, lines int, now time.Duration) (pause time.Duration) {
	if who == nil {
		return 0
	}
	price := who.price(bytes + lines*lineWeighs)
	for {
		paid := who.paid.Load()
		next := max(time.Duration(paid), now) + price
		if who.paid.CompareAndSwap(paid, int64(next)) {
			return min(max(next-now-bytesInAdvance*time.Second/bytesPerSecond, 0), longestWait)
		}
	}
}

// forget drops the addresses of which there is nothing to know any more.
func (p *peers) forget(now time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for addr, who := range p.byAddr {
		who.fade(now)
		remembered := who.proven > 0 && now < who.proven+rememberRoom
		if who.sessions == 0 && who.score == 0 && who.opened == 0 && now >= who.banned && !remembered {
			delete(p.byAddr, addr)
		}
	}
}
