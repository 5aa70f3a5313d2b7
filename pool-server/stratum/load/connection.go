package load

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/adit-mining/adit/miners/pow"
)

// firstID is the request id of the first share; those below log in.
const firstID = 10

// connection is one miner.
type connection struct {
	run  *run
	user string
	conn net.Conn
	in   *bufio.Reader

	mu     sync.Mutex
	job    *job
	target pow.Target // of the jobs to come
	en1    []byte
	size   int         // of extranonce2
	en2    uint64      // never the same twice, so no share is
	sent   []time.Time // of the share with id firstID+index; zero if there is none
	free   []int       // indexes of sent
	out    []byte
	slots  []int         // scratch of send
	wake   chan struct{} // of pump
	closed bool
}

// message is any line from the server.
type message struct {
	ID     json.RawMessage   `json:"id"`
	Method string            `json:"method"`
	Params []json.RawMessage `json:"params"`
	Result json.RawMessage   `json:"result"`
	Error  json.RawMessage   `json:"error"`
}

// next reads a line, learns from it if it is the server's own, and returns it.
func (c *connection) next() (message, error) {
	line, err := c.line()
	if err != nil {
		return message{}, err
	}
	var m message
	if err := json.Unmarshal(line, &m); err != nil {
		return m, fmt.Errorf("server sent no JSON: %w", err)
	}
	return m, c.learn(m)
}

// line reads a line; it is good until the next.
func (c *connection) line() ([]byte, error) {
	line, err := c.in.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	long := bytes.Clone(line)
	for errors.Is(err, bufio.ErrBufferFull) {
		line, err = c.in.ReadSlice('\n')
		long = append(long, line...)
	}
	return long, err
}

func (c *connection) learn(m message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch m.Method {
	case "mining.set_difficulty":
		var d float64
		if len(m.Params) < 1 || json.Unmarshal(m.Params[0], &d) != nil {
			return errors.New("mining.set_difficulty without a number")
		}
		c.target = pow.TargetFromDifficulty(c.run.Algorithm, pow.Difficulty(d))
	case "mining.notify":
		j, err := newJob(m.Params, c.target)
		if err != nil {
			return fmt.Errorf("mining.notify: %w", err)
		}
		c.job = j
		c.run.tally.arrived(j.id)
	}
	return nil
}

// read handles what the server sends until the connection ends.
func (c *connection) read() {
	for {
		err := c.readOne()
		if err != nil {
			c.broke(err)
			return
		}
		if c.in.Buffered() == 0 {
			c.poke()
		}
	}
}

func (c *connection) readOne() error {
	line, err := c.line()
	if err != nil {
		return err
	}
	if id, ok := plainTrue(line); ok {
		c.answered(id, nil)
		return nil
	}
	var m message
	if err := json.Unmarshal(line, &m); err != nil {
		return fmt.Errorf("server sent no JSON: %w", err)
	}
	if m.Method != "" {
		return c.learn(m)
	}
	id, err := strconv.Atoi(string(m.ID))
	if err != nil {
		return fmt.Errorf("answer with id %s", m.ID)
	}
	if string(m.Result) != "true" && isNull(m.Error) {
		m.Error = json.RawMessage(`"refused"`)
	}
	c.answered(id, m.Error)
	return nil
}

// plainTrue reads the answer true in the spelling that is most common.
func plainTrue(line []byte) (id int, ok bool) {
	rest, ok := bytes.CutPrefix(line, []byte(`{"id":`))
	for i, digit := range rest {
		switch {
		case !ok || i > 9:
			return 0, false
		case digit >= '0' && digit <= '9':
			id = 10*id + int(digit-'0')
		default:
			return id, i > 0 && string(rest[i:]) == `,"result":true,"error":null}`+"\n"
		}
	}
	return 0, false
}

// answered books the answer to a share.
func (c *connection) answered(id int, rejected json.RawMessage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := id - firstID
	if i < 0 || i >= len(c.sent) || c.sent[i].IsZero() {
		return
	}
	c.run.tally.latency.add(time.Since(c.sent[i]))
	c.sent[i] = time.Time{}
	c.free = append(c.free, i)
	if isNull(rejected) {
		c.run.tally.accepted.Add(1)
		return
	}
	c.run.tally.reject(reason(rejected))
}

// pump keeps the pipeline full until the time is up.
func (c *connection) pump() {
	for {
		select {
		case <-c.run.stop:
			return
		case <-c.wake:
			c.send(c.run.Pipeline)
		}
	}
}

// poke wakes pump.
func (c *connection) poke() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// send finds up to n shares and sends them in one piece. It answers false if the
// pipeline was full. Only one goroutine sends on a connection.
func (c *connection) send(n int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	n = min(n, len(c.free))
	if n == 0 || c.closed {
		return false
	}
	first := len(c.free) - n
	slots := append(c.slots[:0], c.free[first:]...)
	c.free, c.slots, c.out = c.free[:first], slots, c.out[:0]
	found := 0
	for found < n && c.appendShare(firstID+slots[found]) {
		found++
	}
	c.free = append(c.free, slots[found:]...)
	if found == 0 {
		return true
	}
	now := time.Now()
	for _, i := range slots[:found] {
		c.sent[i] = now
	}
	c.run.tally.sent.Add(int64(found))
	c.conn.SetWriteDeadline(now.Add(c.run.Grace))
	if _, err := c.conn.Write(c.out); err != nil {
		c.conn.Close() // the reader says why
	}
	return true
}

// due is how many shares wait for an answer.
func (c *connection) due() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return 0
	}
	return len(c.sent) - len(c.free)
}

// hangUp ends the connection from our side.
func (c *connection) hangUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.run.tally.unanswered.Add(int64(len(c.sent) - len(c.free)))
	if !c.closed {
		c.closed = true
		c.conn.Close()
	}
}

// broke books a connection that ended by itself.
func (c *connection) broke(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.closed = true
		c.conn.Close()
		c.run.tally.lost(err.Error())
	}
}

func isNull(raw json.RawMessage) bool { return len(raw) == 0 || string(raw) == "null" }

// reason makes a short text of a stratum error.
func reason(raw json.RawMessage) string {
	var list []any
	if json.Unmarshal(raw, &list) == nil && len(list) >= 2 {
		return fmt.Sprintf("%v %v", list[0], list[1])
	}
	return string(raw)
}
