package cpuminer_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/scrypt"

	"github.com/adit-mining/adit/miners/pow"
)

// A testPool is a small stratum server that checks shares by itself, with
// nothing of the miner's own code but the comparison with a target.
type testPool struct {
	t         testing.TB
	algorithm pow.Algorithm
	size      int // of extranonce2
	authorize func(user, password string) any

	mu         sync.Mutex
	conns      []*poolConn
	jobs       map[string]poolJob
	seen       map[string]bool // headers
	verdicts   map[string]int  // by kind: ok, stale, duplicate, low, bad
	authorized int
	mute       bool // shares get no answer
	changed    chan struct{}
}

// A poolJob is a job as it was sent to one connection.
type poolJob struct {
	extranonce1 []byte
	difficulty  pow.Difficulty
	ntime       uint32
	stale       bool
}

type poolConn struct {
	net.Conn
	write       sync.Mutex
	extranonce1 []byte
	difficulty  pow.Difficulty
}

const (
	coinbase1 = "0100000001" + "0000000000000000000000000000000000000000000000000000000000000000" + "ffffffff" + "1403c8b70d"
	coinbase2 = "ffffffff0100f2052a010000000000000000"
	previous  = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	branch    = "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
	ntime     = 0x665f1234
)

func newTestPool(t testing.TB, a pow.Algorithm) *testPool {
	return &testPool{t: t, algorithm: a, size: 4, jobs: map[string]poolJob{}, seen: map[string]bool{},
		verdicts: map[string]int{}, changed: make(chan struct{}, 1)}
}

// listen serves on a loopback port until the test ends, and returns the URL.
func (p *testPool) listen() string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		p.t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { p.serve(conn) })
		}
	})
	p.t.Cleanup(func() {
		listener.Close()
		p.hangUp()
		all.Wait()
	})
	return "stratum+tcp://" + listener.Addr().String()
}

// serve speaks with one miner. It sends jobs only when send is called.
func (p *testPool) serve(conn net.Conn) {
	p.mu.Lock()
	c := &poolConn{Conn: conn, difficulty: 1, extranonce1: []byte{0xaa, 0, 0, byte(len(p.conns))}}
	p.conns = append(p.conns, c)
	p.mu.Unlock()
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		var m struct {
			ID     int64
			Method string
			Params []string
		}
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			p.t.Errorf("the miner sent %q: %v", lines.Text(), err)
			return
		}
		switch m.Method {
		case "mining.subscribe":
			c.answer(m.ID, []any{[]any{}, hex.EncodeToString(c.extranonce1), p.size})
		case "mining.authorize":
			p.login(c, m.ID, m.Params)
		case "mining.submit":
			p.submit(c, m.ID, m.Params)
		default:
			c.fail(m.ID, 20, "unknown method")
		}
	}
}

func (p *testPool) login(c *poolConn, id int64, params []string) {
	if p.authorize != nil {
		if reason := p.authorize(params[0], params[1]); reason != nil {
			c.fail(id, 24, reason)
			return
		}
	}
	c.answer(id, true)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.authorized++
	p.signal()
}

// submit checks a share, by rebuilding its header from the parts.
func (p *testPool) submit(c *poolConn, id int64, params []string) {
	verdict := p.verdict(params)
	p.mu.Lock()
	p.verdicts[verdict]++
	p.signal()
	mute := p.mute
	p.mu.Unlock()
	switch {
	case mute:
	case verdict == "ok":
		c.answer(id, true)
	default:
		c.fail(id, 20, verdict)
	}
}

func (p *testPool) verdict(params []string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(params) != 5 || len(params[2]) != 2*p.size || len(params[3]) != 8 || len(params[4]) != 8 {
		return fmt.Sprintf("bad: %q", params)
	}
	j, known := p.jobs[params[1]]
	switch {
	case !known:
		return fmt.Sprintf("bad job: %q", params)
	case j.stale:
		return "stale"
	}
	var fields [4]uint32 // time, nonce
	for i, s := range params[3:] {
		b, _ := hex.DecodeString(s)
		fields[i] = binary.BigEndian.Uint32(b)
	}
	if fields[0] < j.ntime || fields[0] > j.ntime+600 {
		return "bad time"
	}
	header := p.header(j.extranonce1, params[2], fields[0], fields[1])
	if p.seen[string(header)] {
		return "duplicate"
	}
	p.seen[string(header)] = true
	if !pow.TargetFromDifficulty(p.algorithm, j.difficulty).MetBy(p.hash(header)) {
		return "low difficulty"
	}
	return "ok"
}

func (p *testPool) header(extranonce1 []byte, extranonce2 string, time, nonce uint32) []byte {
	twice := func(b []byte) []byte {
		first := sha256.Sum256(b)
		second := sha256.Sum256(first[:])
		return second[:]
	}
	unhex := func(s string) []byte { b, _ := hex.DecodeString(s); return b }
	root := twice(unhex(coinbase1 + hex.EncodeToString(extranonce1) + extranonce2 + coinbase2))
	root = twice(append(root, unhex(branch)...))
	header := binary.LittleEndian.AppendUint32(nil, 0x20000000)
	before := unhex(previous)
	for i := 0; i < 32; i += 4 {
		slices.Reverse(before[i : i+4])
	}
	header = append(append(header, before...), root...)
	header = binary.LittleEndian.AppendUint32(header, time)
	header = binary.LittleEndian.AppendUint32(header, 0x1e0ffff0)
	return binary.LittleEndian.AppendUint32(header, nonce)
}

func (p *testPool) hash(header []byte) pow.Hash {
	if p.algorithm == pow.Scrypt {
		key, err := scrypt.Key(header, header, 1024, 1, 1, 32)
		if err != nil {
			p.t.Error(err)
		}
		return pow.HashFromBytes([32]byte(key))
	}
	first := sha256.Sum256(header)
	return pow.HashFromBytes(sha256.Sum256(first[:]))
}

// send sends every connected miner a difficulty and a job.
func (p *testPool) send(id string, d pow.Difficulty, clean bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, c := range p.conns {
		name := fmt.Sprintf("%s-%d", id, i)
		if c.difficulty != d {
			c.difficulty = d
			c.request("mining.set_difficulty", d)
		}
		c.request("mining.notify", name, previous, coinbase1, coinbase2, []string{branch},
			"20000000", "1e0ffff0", fmt.Sprintf("%08x", ntime), clean)
		p.jobs[name] = poolJob{extranonce1: c.extranonce1, difficulty: d, ntime: ntime}
	}
}

// tell sends every connected miner a request without an id.
func (p *testPool) tell(method string, params ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.request(method, params...)
	}
}

// setExtranonce gives every miner another extranonce1 for the jobs to come.
func (p *testPool) setExtranonce(extranonce1 []byte) {
	p.tell("mining.set_extranonce", hex.EncodeToString(extranonce1), p.size)
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.extranonce1 = extranonce1
	}
}

// hangUp closes all connections.
func (p *testPool) hangUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.Close()
	}
}

// signal wakes who waits; p.mu is held.
func (p *testPool) signal() {
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// await waits until ok, called with the lock held, is true.
func (p *testPool) await(what string, ok func() bool) {
	p.t.Helper()
	late := time.After(30 * time.Second)
	for {
		p.mu.Lock()
		done := ok()
		p.mu.Unlock()
		if done {
			return
		}
		select {
		case <-p.changed:
		case <-late:
			p.mu.Lock()
			defer p.mu.Unlock()
			p.t.Fatalf("waited 30 s for %s; shares so far: %v", what, p.verdicts)
		}
	}
}

func (c *poolConn) answer(id int64, result any) {
	c.line(map[string]any{"id": id, "result": result, "error": nil})
}

func (c *poolConn) fail(id int64, code int, reason any) {
	c.line(map[string]any{"id": id, "result": nil, "error": []any{code, reason, nil}})
}

func (c *poolConn) request(method string, params ...any) {
	c.line(map[string]any{"id": nil, "method": method, "params": params})
}

func (c *poolConn) line(v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	c.write.Lock()
	defer c.write.Unlock()
	c.Write(append(b, '\n'))
}
