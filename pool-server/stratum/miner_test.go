package stratum_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/work"
)

// regtestBits is the network difficulty of a regtest chain; hardBits one that no
// test meets.
const (
	regtestBits = 0x207fffff
	hardBits    = 0x1d00ffff
)

// newJob makes a job on the tip'th block.
func newJob(t testing.TB, id string, tip byte, bits uint32) *work.Job {
	t.Helper()
	return newJobSized(t, id, tip, bits, 4)
}

// newJobSized is newJob with a size of extranonce2.
func newJobSized(t testing.TB, id string, tip byte, bits uint32, size int) *work.Job {
	t.Helper()
	target, err := pow.TargetFromBits(bits)
	if err != nil {
		t.Fatal(err)
	}
	template := &work.Template{
		Version: 0x20000000, PreviousHash: pow.Hash{31: tip}, Height: 100 + int64(tip),
		Bits: bits, Target: target, CurTime: 1_700_000_000, MinTime: 1_699_996_400,
		CoinbaseValue: 50_0000_0000,
		Transactions:  []work.Transaction{{Hex: []byte("010203"), TxID: pow.Hash{1, 2}}, {Hex: []byte("0405"), TxID: pow.Hash{3, 4}}},
	}
	job, err := work.NewJob(id, template, work.Params{
		Algorithm: pow.SHA256d, PayTo: []byte{0x51}, Tag: "/Adit/", Extranonce2Size: size, VersionMask: 0x1fffe000,
	})
	if err != nil {
		t.Fatal(err)
	}
	return job
}

// miner is one connection to a server and what it knows from it.
type miner struct {
	t       testing.TB
	conn    net.Conn
	lines   *bufio.Reader
	next    int
	en1     string // of the newest job
	next1   string // of the next one
	size    int    // of extranonce2, in bytes
	notify  []any
	targets map[string]pow.Target // by job id
	target  pow.Target
	hasher  pow.Hasher
	tried   uint32
}

func newMiner(t testing.TB, conn net.Conn) *miner {
	t.Helper()
	hasher, err := pow.NewHasher(pow.SHA256d)
	if err != nil {
		t.Fatal(err)
	}
	return &miner{t: t, conn: conn, lines: bufio.NewReader(conn), hasher: hasher, targets: map[string]pow.Target{}}
}

func (m *miner) send(line string) {
	m.t.Helper()
	m.conn.SetWriteDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.WriteString(m.conn, line+"\n"); err != nil {
		m.t.Fatalf("send %s: %v", line, err)
	}
}

// read returns the next line as JSON and learns from it. The error is the
// connection's.
func (m *miner) read() (map[string]any, error) {
	m.t.Helper()
	m.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	line, err := m.lines.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	var message map[string]any
	if err := json.Unmarshal(line, &message); err != nil {
		m.t.Fatalf("server sent %q: %v", line, err)
	}
	params, _ := message["params"].([]any)
	switch message["method"] {
	case "mining.set_difficulty":
		m.target = pow.TargetFromDifficulty(pow.SHA256d, pow.Difficulty(params[0].(float64)))
	case "mining.set_extranonce":
		m.next1, m.size = params[0].(string), int(params[1].(float64))
	case "mining.notify":
		m.en1 = m.next1
		m.notify = params
		m.targets[params[0].(string)] = m.target
	}
	if result, ok := message["result"].([]any); ok && len(result) == 3 && m.en1 == "" {
		m.en1, _ = result[1].(string)
		m.next1, m.size = m.en1, int(result[2].(float64))
	}
	return message, nil
}

// call sends a request and returns its answer; what comes before it is learned.
func (m *miner) call(method string, params ...any) map[string]any {
	m.t.Helper()
	m.next++
	id := m.next
	line, err := json.Marshal(map[string]any{"id": id, "method": method, "params": params})
	if err != nil {
		m.t.Fatal(err)
	}
	m.send(string(line))
	return m.answer(id)
}

func (m *miner) answer(id int) map[string]any {
	m.t.Helper()
	for {
		message, err := m.read()
		if err != nil {
			m.t.Fatalf("waiting for answer %d: %v", id, err)
		}
		if got, ok := message["id"].(float64); ok && int(got) == id && message["method"] == nil {
			return message
		}
	}
}

// method reads up to the next message with that method.
func (m *miner) method(name string) map[string]any {
	m.t.Helper()
	for {
		message, err := m.read()
		if err != nil {
			m.t.Fatalf("waiting for %s: %v", name, err)
		}
		if message["method"] == name {
			return message
		}
	}
}

// login subscribes and authorises, and waits for work.
func (m *miner) login(user string) {
	m.t.Helper()
	m.call("mining.subscribe", "test/1")
	if answer := m.call("mining.authorize", user, "x"); answer["result"] != true {
		m.t.Fatalf("authorize %s: %v", user, answer)
	}
	if m.notify == nil {
		m.method("mining.notify")
	}
}

// solve finds a share of the newest job that is good for its target, or one that
// is not: job, extranonce2, ntime, nonce.
func (m *miner) solve(good bool) []string {
	m.t.Helper()
	return m.solveTo(m.targets[m.notify[0].(string)], good)
}

// solveRolled finds a share of the newest job with version bits, which follow the
// nonce. The job's own version must have none of them.
func (m *miner) solveRolled(bits string) []string {
	m.t.Helper()
	version := m.notify[5]
	n, err := strconv.ParseUint(version.(string), 16, 32)
	rolled, err2 := strconv.ParseUint(bits, 16, 32)
	if err != nil || err2 != nil {
		m.t.Fatal(err, err2)
	}
	m.notify[5] = fmt.Sprintf("%08x", n|rolled)
	share := m.solve(true)
	m.notify[5] = version
	return append(share, bits)
}

func (m *miner) solveTo(target pow.Target, good bool) []string {
	m.t.Helper()
	en2 := strings.Repeat("0", 2*m.size-6) + "abcdef"
	header, ntime := m.header(en2)
	for range 1 << 24 {
		m.tried++
		binary.LittleEndian.PutUint32(header[76:], m.tried)
		if target.MetBy(m.hasher.Sum(header)) == good {
			return []string{m.notify[0].(string), en2, ntime, fmt.Sprintf("%08x", m.tried)}
		}
	}
	m.t.Fatal("no share found")
	return nil
}

// header builds the newest job's header as a mining program does.
func (m *miner) header(en2 string) (*[80]byte, string) {
	part := func(i int) []byte { return unhex(m.t, m.notify[i].(string)) }
	sum := func(b []byte) [32]byte { first := sha256.Sum256(b); return sha256.Sum256(first[:]) }
	coinbase := append(append(append(part(2), unhex(m.t, m.en1)...), unhex(m.t, en2)...), part(3)...)
	root := sum(coinbase)
	for _, branch := range m.notify[4].([]any) {
		root = sum(append(root[:], unhex(m.t, branch.(string))...))
	}
	var header [80]byte
	put := func(at int, word string) {
		n, err := strconv.ParseUint(word, 16, 32)
		if err != nil {
			m.t.Fatal(err)
		}
		binary.LittleEndian.PutUint32(header[at:], uint32(n))
	}
	put(0, m.notify[5].(string))
	for i, previous := 0, part(1); i < 32; i += 4 {
		binary.LittleEndian.PutUint32(header[4+i:], binary.BigEndian.Uint32(previous[i:]))
	}
	copy(header[36:], root[:])
	put(68, m.notify[7].(string))
	put(72, m.notify[6].(string))
	return &header, m.notify[7].(string)
}

// submit sends a share that solve found.
func (m *miner) submit(user string, share []string) map[string]any {
	m.t.Helper()
	return m.call("mining.submit", user, share[0], share[1], share[2], share[3])
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// code is the error code of an answer, 0 if it is none.
func code(answer map[string]any) int {
	if list, ok := answer["error"].([]any); ok && len(list) == 3 {
		return int(list[0].(float64))
	}
	return 0
}
