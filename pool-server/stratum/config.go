package stratum

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/work"
)

// Config is what a Server needs. Authorize, Accept and Candidate must be set; New
// says what else is wrong.
type Config struct {
	Algorithm       pow.Algorithm
	Difficulty      pow.Difficulty // at the start of a session
	VarDiff         *VarDiff       // adapts it to the miner; nil keeps it
	VersionMask     uint32         // version bits that miners may roll (BIP 320: 1fffe000); 0 for none
	Extranonce2Size int            // bytes left to the miner, as in the jobs; 0 = 4

	// Authorize says who is paid for the user name and password that a miner sent.
	// The error's text goes to the miner. It runs on a goroutine of the session's, and
	// holds up no other session.
	Authorize func(user, password string) (Identity, error)

	// Grant decides about what a password asks for beyond the difficulty to begin with,
	// and notes it in the Identity. The error's text goes to the miner. nil refuses
	// m=solo and pl=, and does not look at c=.
	Grant func(id Identity, o Options) (Identity, error)

	// Rates remembers how fast workers were, so that they begin where they ended.
	// Servers may share it. nil remembers for the run of this server only.
	Rates *Rates

	// ReconnectTo are the hosts that Server.Reconnect may send miners to, beside the
	// one that they are connected to.
	ReconnectTo []string

	// Accept takes a valid share and must call done exactly once, from any goroutine,
	// when the share is durable or lost. It may block: then its session sends no
	// further shares, which costs nothing if the share is Alone.
	Accept func(s Share, done func(error))

	// Candidate takes a share that meets the network's target; Accept does not get
	// it. It is called before anything else is done with the share, and also if the
	// share itself is stale or too late by the clock.
	Candidate func(s Share, c *work.Candidate, done func(error))

	// Rejected hears of shares that did not count, of workers that are known.
	// May be nil.
	Rejected func(id Identity, code int, reason string)

	// TLS is spoken with miners who begin with it, on the same port as plain stratum;
	// nil refuses them. It must have GetCertificate, or Certificates.
	TLS *tls.Config

	// Proxies are networks from which connections begin with a PROXY header, version
	// 1 or 2, and are refused without. The miner that it names counts for limits, bans
	// and the log. From everywhere else such a header is garbage.
	Proxies []netip.Prefix

	Limits Limits
	Door   *Door        // shared with other servers, whose Limits then hold; nil makes one
	Log    *slog.Logger // nil = none
}

// Identity is who a worker is, as Authorize decided.
type Identity struct {
	Account string // who is paid
	Worker  string // the name under it, may be empty

	// What Grant allowed of what the password asked for.
	Solo bool // the worker wants the blocks that it finds, and no others
}

// Share is one accepted share.
type Share struct {
	Account, Worker string
	Solo            bool           // as in the worker's Identity
	Difficulty      pow.Difficulty // what it weighs: that of its job
	Actual          pow.Difficulty // what its hash would have met
	JobID           string
	Height          int64     // of the block worked on
	Time            time.Time // when it arrived
	Session         uint64    // unique in this run of the server
	Connected       time.Time // when its worker authorised: its work began here
	First           bool      // the worker's first share in this session
	Alone           bool      // nothing else has come from the miner behind it yet
}

// Limits keep one miner, or one attacker, from costing the others anything. Zero
// means the default.
type Limits struct {
	LineBytes        int           // longest request; default 8192
	AuthorizeWithin  time.Duration // after connecting, also for a TLS handshake; default 30 s, and less where places are rare, see Door
	IdleAfter        time.Duration // without a request; default 15 min
	WriteWithin      time.Duration // for a miner to take what it was sent; default 10 s
	PendingBytes     int           // unsent for one session; default 256 KiB, at least 64 KiB
	Sessions         int           // at once; default 100,000
	SessionsPerIP    int           // default 4096; an IPv6 /64 network counts as one address
	NewcomersPerIP   int           // the same before its shares have earned more, 4 each; default 1024
	Arrivals         int           // sessions that begin in a second, the others wait; default 5000
	Workers          int           // authorised on one session; default 256
	InFlight         int           // shares of one session waiting for Accept's done; default 1024
	Jobs             int           // remembered, the newest included; default 8
	Former           int           // sessions remembered after their end; default 65,536
	ResumeWithin     time.Duration // of its end a session can be gone on with; default 10 min
	DuplicatesPerJob int           // shares remembered for one job; default 4 Mi, 8 to 16 bytes each
	BanScore         float64       // at which an address is banned; default 100, negative = never
	BanFor           time.Duration // default 10 min
	Grace            time.Duration // for shares still in Accept when the session ends; default 5 s

	// Trusted addresses have no limit of sessions and are never banned: the
	// operator's own tunnel, or test. nil means loopback. Miners that a proxy names
	// (see Config.Proxies) are not trusted for coming from there.
	Trusted []netip.Prefix
}

// loopback is what Limits.Trusted defaults to.
func loopback() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

// masked returns the networks without what they say of a host.
func masked(networks []netip.Prefix) []netip.Prefix {
	list := make([]netip.Prefix, len(networks))
	for i, network := range networks {
		list[i] = network.Masked()
	}
	return list
}

func orDefault[T int | float64 | time.Duration](v *T, d T) {
	if *v == 0 {
		*v = d
	}
}

func (l *Limits) fill() {
	orDefault(&l.LineBytes, 8192)
	orDefault(&l.AuthorizeWithin, 30*time.Second)
	orDefault(&l.IdleAfter, 15*time.Minute)
	orDefault(&l.WriteWithin, 10*time.Second)
	orDefault(&l.PendingBytes, 256<<10)
	orDefault(&l.Sessions, 100_000)
	orDefault(&l.SessionsPerIP, 4096)
	orDefault(&l.NewcomersPerIP, 1024)
	orDefault(&l.Arrivals, 5000)
	orDefault(&l.Workers, 256)
	orDefault(&l.InFlight, 1024)
	orDefault(&l.Jobs, 8)
	orDefault(&l.Former, 65_536)
	orDefault(&l.ResumeWithin, 10*time.Minute)
	orDefault(&l.DuplicatesPerJob, 4<<20)
	orDefault(&l.BanScore, 100)
	orDefault(&l.BanFor, 10*time.Minute)
	orDefault(&l.Grace, 5*time.Second)
	if l.Trusted == nil {
		l.Trusted = loopback()
	}
	l.Trusted = masked(l.Trusted)
}

// answerBytes is more than the answer to a share takes, so that the answers to
// all shares in flight always fit into what may be pending.
const answerBytes = 128

func (c *Config) validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	_, err := pow.ParseAlgorithm(string(c.Algorithm))
	check(err == nil, "algorithm: %v", err)
	check(c.Difficulty > 0, "difficulty: want more than 0, have %v", c.Difficulty)
	check(c.Extranonce2Size >= 2 && c.Extranonce2Size <= 8, "extranonce2 size: want 2 to 8, have %d", c.Extranonce2Size)
	check(c.Authorize != nil, "authorize: missing")
	check(c.Accept != nil, "accept: missing")
	check(c.Candidate != nil, "candidate: missing")
	l := c.Limits
	check(l.LineBytes >= 256, "line bytes: want at least 256, have %d", l.LineBytes)
	check(l.Jobs >= 1 && l.Jobs <= ringSize, "jobs: want 1 to %d, have %d", ringSize, l.Jobs)
	check(l.InFlight >= 1, "in flight: want at least 1, have %d", l.InFlight)
	check(l.PendingBytes >= 64<<10+l.InFlight*answerBytes, "pending bytes: want at least %d, have %d", 64<<10+l.InFlight*answerBytes, l.PendingBytes)
	check(l.Workers >= 1 && l.Sessions >= 1 && l.SessionsPerIP >= 1 && l.NewcomersPerIP >= 1 && l.Arrivals >= 1, "sessions, arrivals and workers: want at least 1 each")
	if c.VarDiff != nil {
		errs = append(errs, c.VarDiff.validate())
	}
	return errors.Join(errs...)
}
