package load

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync/atomic"
	"time"
)

// agent is what we call ourselves.
const agent = "adit-load/2"

// meter counts a connection's bytes.
type meter struct {
	net.Conn
	in, out *atomic.Int64
}

func (m meter) Read(b []byte) (int, error) {
	n, err := m.Conn.Read(b)
	m.in.Add(int64(n))
	return n, err
}

func (m meter) Write(b []byte) (int, error) {
	n, err := m.Conn.Write(b)
	m.out.Add(int64(n))
	return n, err
}

// dial connects to the server of connection n.
func (r *run) dial(ctx context.Context, n int) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, r.Grace)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", r.addr(n))
	if err != nil {
		return nil, err
	}
	conn = meter{conn, &r.bytesIn, &r.bytesOut}
	if r.TLS == nil {
		return conn, nil
	}
	config := r.TLS.Clone()
	if config.ServerName == "" {
		config.ServerName, _, _ = net.SplitHostPort(r.addr(n))
	}
	secure := tls.Client(conn, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, fmt.Errorf("TLS: %w", err)
	}
	return secure, nil
}

// login connects, subscribes, authorises and waits for a job.
func (c *connection) login(ctx context.Context) (err error) {
	begin := time.Now()
	conn, err := c.run.dial(ctx, c.number)
	if err != nil {
		return err
	}
	session, ok := c.begin(conn)
	if !ok {
		conn.Close()
		return net.ErrClosed
	}
	defer func() {
		if err != nil {
			conn.Close()
		}
	}()
	conn.SetDeadline(begin.Add(c.run.Grace))
	before := c.en1
	if err := c.subscribe(session); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	if _, err := c.call(2, "mining.authorize", c.user, c.run.Password); err != nil {
		return fmt.Errorf("authorize: %w", err)
	}
	for !c.hasJob() {
		if _, err := c.next(); err != nil {
			return fmt.Errorf("wait for a job: %w", err)
		}
	}
	conn.SetDeadline(time.Time{})
	if session != "" && bytes.Equal(before, c.en1) {
		c.run.resumed.Add(1)
	}
	c.run.login.add(time.Since(begin))
	c.ready()
	return nil
}

// begin makes conn the connection, and returns the session to be resumed. It answers
// false if we have hung up for good.
func (c *connection) begin(conn net.Conn) (session string, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return "", false
	}
	c.conn, c.job, c.limit = conn, nil, 0
	c.in.Reset(conn)
	if c.resume {
		session = c.session
	}
	return session, true
}

func (c *connection) hasJob() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.job != nil
}

// ready lets shares be sent.
func (c *connection) ready() {
	c.run.broadcasts.joined()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.away, c.leaving, c.resume = c.closed, false, false
	c.poke()
}

// call sends a request and waits for its answer.
func (c *connection) call(id int, method string, params ...string) (json.RawMessage, error) {
	line, err := json.Marshal(map[string]any{"id": id, "method": method, "params": params})
	if err != nil {
		return nil, err
	}
	if _, err := c.conn.Write(append(line, '\n')); err != nil {
		return nil, err
	}
	for {
		m, err := c.next()
		switch {
		case err != nil:
			return nil, err
		case m.Method != "" || string(m.ID) != strconv.Itoa(id):
		case !isNull(m.Error) || isNull(m.Result) || string(m.Result) == "false":
			return nil, refused(m)
		default:
			return m.Result, nil
		}
	}
}

// refused is an answer that says no.
func refused(m message) error {
	if isNull(m.Error) {
		return errors.New("the server refused without a reason")
	}
	return errors.New(reason(m.Error))
}

// subscribe asks for an extranonce1; with a session for the one that it had.
func (c *connection) subscribe(session string) error {
	params := []string{agent}
	if session != "" {
		params = append(params, session)
	}
	result, err := c.call(1, "mining.subscribe", params...)
	if err != nil {
		return err
	}
	var fields []json.RawMessage
	if err := json.Unmarshal(result, &fields); err != nil || len(fields) < 3 {
		return fmt.Errorf("unexpected answer %s", result)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.session = sessionOf(fields[0])
	return c.setExtranonce(fields[1:])
}

// sessionOf reads the id of the subscription to mining.notify, by which a session is
// resumed, out of the two forms in which servers send it.
func sessionOf(raw json.RawMessage) string {
	var list [][]string
	var flat []string
	if json.Unmarshal(raw, &list) == nil {
		for _, pair := range list {
			if len(pair) == 2 && pair[0] == "mining.notify" {
				return pair[1]
			}
		}
	}
	if json.Unmarshal(raw, &flat) == nil && len(flat) == 2 {
		return flat[1]
	}
	return ""
}

// setExtranonce takes extranonce1 and the size of extranonce2. The caller holds c.mu.
func (c *connection) setExtranonce(params []json.RawMessage) error {
	var en1 string
	var size int
	if len(params) < 2 {
		return errors.New("extranonce: too few parameters")
	}
	if err := errors.Join(json.Unmarshal(params[0], &en1), json.Unmarshal(params[1], &size)); err != nil {
		return err
	}
	if size < 1 || size > 8 {
		return fmt.Errorf("extranonce2 of %d bytes", size)
	}
	b, err := hex.DecodeString(en1)
	if err != nil {
		return err
	}
	c.en1, c.size = b, size
	return nil
}

// leave hangs up when the last answer is here, to come back. It answers false if the
// connection is away or about to be anyway.
func (c *connection) leave(resume bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away || c.leaving {
		return false
	}
	c.leaving, c.resume = true, resume
	if len(c.free) == len(c.sent) {
		c.conn.Close()
	}
	return true
}

// again comes back after the connection ended. It answers false if it shall not.
func (c *connection) again(ctx context.Context, cause error) bool {
	c.mu.Lock()
	closed, asked := c.closed, c.leaving
	c.away = true
	c.giveUp()
	c.conn.Close()
	c.mu.Unlock()
	c.run.broadcasts.parted()
	if closed {
		return false
	}
	if !asked {
		c.run.lost(plain(cause, c.run.addr(c.number)))
		if c.run.Reconnect == 0 || !c.run.pause(c.run.Reconnect) {
			return false
		}
	}
	for !c.run.over() {
		err := c.login(ctx)
		if err == nil {
			c.run.returned.Add(1)
			return true
		}
		c.mu.Lock()
		closed := c.closed
		c.mu.Unlock()
		if closed {
			return false
		}
		c.run.note("come back: " + plain(err, c.run.addr(c.number)))
		if c.run.Reconnect == 0 || !c.run.pause(c.run.Reconnect) {
			return false
		}
	}
	return false
}
