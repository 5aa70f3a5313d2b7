package load

import (
	"bufio"
	"bytes"
	"context"
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

// readBuffer holds a mining.notify of any block, and the answers to a full pipeline.
const readBuffer = 4096

// connection is one honest miner. It outlives its TCP connection if that is made
// again. Its reader is the only goroutine that reads and logs in.
type connection struct {
	run    *run
	number int
	user   string
	shard  *shard
	bad    bool          // it is a badMiner's
	in     *bufio.Reader // the reader's
	at     time.Time     // when in was last filled; the reader's

	mu      sync.Mutex
	conn    net.Conn
	away    bool // not logged in: nobody sends
	closed  bool // for good
	leaving bool // we hang up ourselves, to come back, when the last answer is here
	resume  bool // with the session that it has
	session string
	job     *job
	target  pow.Target // of the jobs to come
	en1     []byte
	size    int             // of extranonce2
	en2     uint64          // never the same twice, so no share is
	sent    []slot          // of the share with id firstID+index
	free    []int           // indexes of sent
	cleaned time.Duration   // when the last job of a new block came
	stales  []time.Duration // when shares were called stale, for no reason that was known yet
	backlog []time.Duration // when shares were due that found the pipeline full
	out     []byte
	limit   time.Duration // until when a write may last, as it was last set
	wake    chan struct{} // of pump
}

// slot is a share without an answer, at zero if there is none. Times count from the
// begin of the run.
type slot struct {
	due time.Duration // when it should have been sent
	at  time.Duration // when it was
}

func (r *run) newConnection(n int) *connection {
	c := &connection{
		run: r, number: n, user: r.user(n), shard: &r.shards[n%shards], away: true,
		in: bufio.NewReaderSize(nil, readBuffer), sent: make([]slot, r.Pipeline), wake: make(chan struct{}, 1),
	}
	for i := range c.sent {
		c.free = append(c.free, i)
	}
	return c
}

// message is any line from the server.
type message struct {
	ID     json.RawMessage   `json:"id"`
	Method string            `json:"method"`
	Params []json.RawMessage `json:"params"`
	Result json.RawMessage   `json:"result"`
	Error  json.RawMessage   `json:"error"`
}

// line reads a line; it is good until the next.
func (c *connection) line() ([]byte, error) {
	if c.in.Buffered() == 0 {
		if _, err := c.in.Peek(1); err != nil {
			return nil, err
		}
		c.at = time.Now()
	}
	line, err := c.in.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	long := bytes.Clone(line)
	for errors.Is(err, bufio.ErrBufferFull) {
		if len(long) > longestLine {
			return nil, errLongLine
		}
		line, err = c.in.ReadSlice('\n')
		long = append(long, line...)
	}
	return long, err
}

// longestLine is more than any server has to say.
const longestLine = 16 << 20

var errLongLine = errors.New("the server sends a line without end")

// next reads a line and learns from it if it is the server's own.
func (c *connection) next() (message, error) {
	line, err := c.line()
	if err != nil {
		return message{}, err
	}
	if isNotify(line) {
		return message{Method: "mining.notify"}, c.notified(line)
	}
	var m message
	if err := json.Unmarshal(line, &m); err != nil {
		return m, fmt.Errorf("%w: %w", errNoJSON, err)
	}
	return m, c.learn(m)
}

func isNotify(line []byte) bool {
	return bytes.Contains(line, []byte(`"mining.notify"`)) && !bytes.Contains(line, []byte(`"result"`))
}

// notified takes a new job.
func (c *connection) notified(line []byte) error {
	n, err := c.run.notice(line)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.job = &job{notice: n, header: n.header, target: c.target}
	if n.clean {
		c.cleaned = c.at.Sub(c.run.begun)
		c.explainStales()
	}
	away := c.away
	c.mu.Unlock()
	if c.bad {
		return nil // it reads when it likes
	}
	if away {
		c.run.broadcasts.seen(n.id)
	} else {
		c.run.broadcasts.arrived(n.id, n.clean, c.at)
	}
	return nil
}

// learn takes what else the server says on its own.
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
		c.run.difficulty.Store(&d)
	case "mining.set_extranonce":
		return c.setExtranonce(m.Params)
	}
	return nil
}

// read handles what the server sends, and comes back if the connection breaks and it
// shall, until ctx ends.
func (c *connection) read(ctx context.Context) {
	for {
		err := c.readOne()
		switch {
		case err == nil && c.in.Buffered() == 0 && c.run.Rate == 0:
			c.poke()
		case err != nil && !c.again(ctx, err):
			return
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
	if isNotify(line) {
		return c.notified(line)
	}
	var m message
	if err := json.Unmarshal(line, &m); err != nil {
		return fmt.Errorf("%w: %w", errNoJSON, err)
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
	if i < 0 || i >= len(c.sent) || c.sent[i].at == 0 {
		return
	}
	share, now := c.sent[i], c.at.Sub(c.run.begun)
	c.shard.latency.add(now - share.due)
	c.shard.service.add(now - share.at)
	c.sent[i] = slot{}
	c.free = append(c.free, i)
	if c.leaving && len(c.free) == len(c.sent) {
		c.conn.Close()
	}
	if len(c.backlog) > 0 {
		c.poke()
	}
	if isNull(rejected) {
		c.run.accepted.Add(1)
		return
	}
	c.run.reject(reason(rejected))
	switch {
	case code(rejected) != codeStale:
	case c.cleaned >= share.at:
		c.run.overtaken.Add(1)
	default:
		c.stales = append(c.stales, now)
	}
}

// staleBefore is how long before the new job itself a share of the old one may be
// called stale: a server has to tell one miner after the other.
const staleBefore = time.Second

// explainStales books the shares that were stale because of the job that comes now. The
// caller holds c.mu.
func (c *connection) explainStales() {
	for _, at := range c.stales {
		if c.cleaned-at <= staleBefore {
			c.run.overtaken.Add(1)
		}
	}
	c.stales = c.stales[:0]
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

// code is the number of a stratum error, 0 if it has none.
func code(raw json.RawMessage) int {
	var list []any
	if json.Unmarshal(raw, &list) == nil && len(list) >= 1 {
		number, _ := list[0].(float64)
		return int(number)
	}
	return 0
}

// Codes of stratum's errors.
const (
	codeStale   = 21
	codeLowDiff = 23
)
