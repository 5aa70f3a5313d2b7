package load

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"
)

// login connects, subscribes, authorises and waits for a job.
func (r *run) login(ctx context.Context, user string) (c *connection, err error) {
	begin := time.Now()
	ctx, cancel := context.WithTimeout(ctx, r.Grace)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", r.Addr)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			conn.Close()
		}
	}()
	conn.SetDeadline(begin.Add(r.Grace))
	c = &connection{run: r, user: user, conn: conn, in: bufio.NewReaderSize(conn, 2048), sent: make([]time.Time, r.Pipeline), wake: make(chan struct{}, 1)}
	c.poke()
	for i := range c.sent {
		c.free = append(c.free, i)
	}
	subscribed, err := c.call(1, "mining.subscribe", "adit-load/1")
	if err != nil {
		return nil, fmt.Errorf("subscribe: %w", err)
	}
	if err := c.subscribed(subscribed); err != nil {
		return nil, fmt.Errorf("subscribe: %w", err)
	}
	if _, err := c.call(2, "mining.authorize", user, r.Password); err != nil {
		return nil, fmt.Errorf("authorize: %w", err)
	}
	for c.job == nil {
		if _, err := c.next(); err != nil {
			return nil, fmt.Errorf("wait for a job: %w", err)
		}
	}
	conn.SetDeadline(time.Time{})
	r.tally.login.add(time.Since(begin))
	return c, nil
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
			return nil, errors.New(reason(m.Error))
		default:
			return m.Result, nil
		}
	}
}

func (c *connection) subscribed(result json.RawMessage) error {
	var fields []json.RawMessage
	var en1 string
	if err := json.Unmarshal(result, &fields); err != nil || len(fields) < 3 {
		return fmt.Errorf("unexpected answer %s", result)
	}
	if err := errors.Join(json.Unmarshal(fields[1], &en1), json.Unmarshal(fields[2], &c.size)); err != nil {
		return err
	}
	if c.size < 1 || c.size > 8 {
		return fmt.Errorf("extranonce2 of %d bytes", c.size)
	}
	var err error
	c.en1, err = unhex(en1)
	return err
}
