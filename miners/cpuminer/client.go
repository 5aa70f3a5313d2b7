package cpuminer

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net"
	"time"

	"github.com/adit-mining/adit/miners"
)

const (
	connectTime = 10 * time.Second // for a connection to come about
	firstPause  = time.Second      // before the first attempt to connect again
	maxPause    = time.Minute
	proven      = time.Minute // a session that lasted so long was a good one
)

// A trouble is why a session ended, or never began.
type trouble struct {
	code miners.Code
	text string
}

func (t *trouble) Error() string { return t.text }

// A redirect is a pool's wish that we come back, maybe elsewhere.
type redirect struct {
	to   address
	wait time.Duration
}

func (r *redirect) Error() string { return "the pool sends us to " + r.to.String() }

// A client keeps a session with the pool going. It belongs to one goroutine.
type client struct {
	*miner
	pool       address // as configured
	generation int     // works made
	last       *work   // the last of them; nil before the first
	fresh      int     // the first work whose shares are not stale
}

// run connects, and connects again with growing pauses, until ctx is done.
func (c *client) run(ctx context.Context) {
	at, pause := c.pool, firstPause
	for ctx.Err() == nil {
		began := time.Now()
		worked, err := c.session(ctx, at)
		c.board.show(nil)
		c.fresh = c.generation + 1
		if ctx.Err() != nil {
			return
		}
		if worked || time.Since(began) > proven {
			pause = firstPause
		}
		wait := pause
		var moved *redirect
		switch {
		case errors.As(err, &moved):
			c.say.log.Info("reconnect", "pool", moved.to.String(), "wait", moved.wait)
			at, wait = moved.to, max(moved.wait, wait/10)
		default:
			at = c.pool // a place to which we were sent does not outlive its first failure
		}
		// A pool that comes back must not be met by all its miners in one instant.
		wait += time.Duration(rand.Int64N(int64(wait)/5 + 1))
		c.say.log.Info("connecting again", "pool", at.String(), "after", wait.Round(time.Millisecond))
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
		pause = min(2*pause, maxPause)
	}
}

// session has one session with the pool at the address and tells what went
// wrong. worked says that a share was accepted.
func (c *client) session(ctx context.Context, at address) (worked bool, err error) {
	conn, err := c.connect(ctx, at)
	if err != nil {
		if ctx.Err() == nil {
			c.say.problem(connectCode(err), err.Error())
		}
		return false, err
	}
	s := newSession(c, conn, at)
	err = s.run(ctx)
	var moved *redirect
	if ctx.Err() != nil || errors.As(err, &moved) {
		return s.accepted, err
	}
	t := &trouble{code: miners.CodeDisconnected, text: err.Error()}
	errors.As(err, &t)
	lost := t.code == miners.CodeDisconnected || t.code == miners.CodeTimeout
	if s.authorized && lost {
		c.say.disconnected(t.code, t.text)
		return s.accepted, err
	}
	c.say.problem(t.code, t.text)
	if s.authorized {
		c.say.disconnected(miners.CodeDisconnected, "we hung up")
	}
	return s.accepted, err
}

// connect opens a connection.
func (c *client) connect(ctx context.Context, at address) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTime)
	defer cancel()
	conn, err := c.options.Dial(ctx, "tcp", at.String())
	if err != nil || !at.tls {
		return conn, err
	}
	secure := tls.Client(conn, &tls.Config{ServerName: at.host})
	if err := secure.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	return secure, nil
}

// connectCode is the kind of trouble that kept a connection from coming about.
func connectCode(err error) miners.Code {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return miners.CodeDNSFailed
	}
	return miners.CodeConnectFailed
}
