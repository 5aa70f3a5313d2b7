package pooltest

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"github.com/adit-mining/adit/miners/pow"
)

// minerPatience is how long a Miner waits for an answer.
const minerPatience = 20 * time.Second

// A Miner is a stratum v1 client that finds real shares, one at a time, and
// knows exactly which of them the pool acknowledged. It builds headers from the
// notify message on its own, without the server's code. Not for concurrent use.
type Miner struct {
	Acknowledged int64 // shares that the pool answered with true
	Refused      int64 // shares that it answered with an error
	LastError    string

	conn        net.Conn
	in          *bufio.Scanner
	algorithm   pow.Algorithm
	hasher      pow.Hasher
	user        string
	id          int
	extranonce1 []byte
	size2       int
	target      pow.Target
	session     string // the id of the subscription
	returns     bool
	job         minerJob
	extranonce2 uint64
}

type minerJob struct {
	id                   string
	previous             []byte
	coinbase1, coinbase2 []byte
	branches             [][]byte
	version, bits, ntime uint32
}

type message struct {
	ID     *int              `json:"id"`
	Method string            `json:"method"`
	Params []json.RawMessage `json:"params"`
	Result json.RawMessage   `json:"result"`
	Error  json.RawMessage   `json:"error"`
}

// DialMiner connects to a pool and signs in as user. It returns when there is work.
func DialMiner(address, user string, a pow.Algorithm) (*Miner, error) {
	return ResumeMiner(address, user, a, "")
}

// ResumeMiner is DialMiner for a session that another Miner has had.
func ResumeMiner(address, user string, a pow.Algorithm, session string) (*Miner, error) {
	conn, err := net.DialTimeout("tcp", address, minerPatience)
	if err != nil {
		return nil, err
	}
	return newMiner(conn, user, a, session)
}

// NewMiner is DialMiner for a connection that is there. If it fails it closes it.
func NewMiner(conn net.Conn, user string, a pow.Algorithm) (*Miner, error) {
	return newMiner(conn, user, a, "")
}

func newMiner(conn net.Conn, user string, a pow.Algorithm, session string) (*Miner, error) {
	hasher, err := pow.NewHasher(a)
	if err != nil {
		conn.Close()
		return nil, err
	}
	m := &Miner{session: session, conn: conn, in: bufio.NewScanner(conn), algorithm: a, hasher: hasher, user: user, target: pow.TargetFromDifficulty(a, 1)}
	m.in.Buffer(nil, 1<<20)
	if err := m.signIn(); err != nil {
		conn.Close()
		return nil, err
	}
	return m, nil
}

// Session is the id by which ResumeMiner goes on with the session.
func (m *Miner) Session() string { return m.session }

// Difficulty is what the pool asked for last.
func (m *Miner) Difficulty() pow.Difficulty { return m.target.Difficulty(m.algorithm) }

// ToldToReturn reports whether the pool has asked the miner to reconnect to it.
func (m *Miner) ToldToReturn() bool { return m.returns }

// Drain takes in what the pool still says until it hangs up.
func (m *Miner) Drain() error {
	for {
		m.conn.SetReadDeadline(time.Now().Add(minerPatience))
		if !m.in.Scan() {
			return m.in.Err()
		}
		var msg message
		if err := json.Unmarshal(m.in.Bytes(), &msg); err != nil {
			return fmt.Errorf("the pool sent %q: %w", m.in.Text(), err)
		}
		if err := m.take(&msg); err != nil {
			return err
		}
	}
}

// Close ends the connection.
func (m *Miner) Close() error { return m.conn.Close() }

func (m *Miner) signIn() error {
	answer, err := m.Call("mining.subscribe", "pooltest", m.session)
	if err != nil {
		return err
	}
	var result []json.RawMessage
	var extranonce1 string
	var subscriptions [][]string
	if err := json.Unmarshal(answer, &result); err != nil || len(result) != 3 {
		return fmt.Errorf("answer to subscribe: %s", answer)
	}
	if err := json.Unmarshal(result[0], &subscriptions); err != nil || len(subscriptions) == 0 || len(subscriptions[0]) != 2 {
		return fmt.Errorf("answer to subscribe: %s", answer)
	}
	m.session = subscriptions[0][1]
	if err := errors.Join(json.Unmarshal(result[1], &extranonce1), json.Unmarshal(result[2], &m.size2)); err != nil {
		return err
	}
	if m.extranonce1, err = hex.DecodeString(extranonce1); err != nil {
		return err
	}
	if _, err := m.Call("mining.authorize", m.user, "x"); err != nil {
		return err
	}
	for m.job.id == "" {
		if _, err := m.read(); err != nil {
			return err
		}
	}
	return nil
}

// Call sends a request and returns the result of its answer; messages that come
// before it are taken in. An error answer is an error with the pool's words.
func (m *Miner) Call(method string, params ...any) (json.RawMessage, error) {
	m.id++
	if params == nil {
		params = []any{}
	}
	line, err := json.Marshal(map[string]any{"id": m.id, "method": method, "params": params})
	if err != nil {
		return nil, err
	}
	if _, err := m.conn.Write(append(line, '\n')); err != nil {
		return nil, err
	}
	for {
		msg, err := m.read()
		if err != nil {
			return nil, err
		}
		if msg.Method != "" || msg.ID == nil || *msg.ID != m.id {
			continue
		}
		if len(msg.Error) > 0 && string(msg.Error) != "null" {
			return nil, &AnswerError{Words: string(msg.Error)}
		}
		return msg.Result, nil
	}
}

// AnswerError is an error that the pool answered.
type AnswerError struct{ Words string }

func (e *AnswerError) Error() string { return "the pool answered " + e.Words }

func (m *Miner) read() (*message, error) {
	m.conn.SetReadDeadline(time.Now().Add(minerPatience))
	if !m.in.Scan() {
		if m.in.Err() != nil {
			return nil, m.in.Err()
		}
		return nil, errors.New("the pool closed the connection")
	}
	var msg message
	if err := json.Unmarshal(m.in.Bytes(), &msg); err != nil {
		return nil, fmt.Errorf("the pool sent %q: %w", m.in.Text(), err)
	}
	return &msg, m.take(&msg)
}

// take takes in a notification.
func (m *Miner) take(msg *message) error {
	switch msg.Method {
	case "mining.set_difficulty":
		var d float64
		if err := json.Unmarshal(msg.Params[0], &d); err != nil {
			return err
		}
		m.target = pow.TargetFromDifficulty(m.algorithm, pow.Difficulty(d))
	case "mining.notify":
		return m.takeJob(msg.Params)
	case "client.reconnect":
		m.returns = true
	}
	return nil
}

func (m *Miner) takeJob(params []json.RawMessage) error {
	if len(params) != 9 {
		return fmt.Errorf("notify has %d parameters", len(params))
	}
	var text [8]string
	var branches []string
	into := []any{&text[0], &text[1], &text[2], &text[3], &branches, &text[5], &text[6], &text[7]}
	for i, v := range into {
		if err := json.Unmarshal(params[i], v); err != nil {
			return fmt.Errorf("notify's parameter %d: %w", i, err)
		}
	}
	j := minerJob{id: text[0]}
	var errs []error
	bytesOf := func(s string) []byte { b, err := hex.DecodeString(s); errs = append(errs, err); return b }
	number := func(s string) uint32 { return binary.BigEndian.Uint32(append(bytesOf(s), 0, 0, 0, 0)) }
	j.previous, j.coinbase1, j.coinbase2 = bytesOf(text[1]), bytesOf(text[2]), bytesOf(text[3])
	for _, b := range branches {
		j.branches = append(j.branches, bytesOf(b))
	}
	j.version, j.bits, j.ntime = number(text[5]), number(text[6]), number(text[7])
	m.job = j
	return errors.Join(errs...)
}

// Mine finds one share and submits it. It returns whether the pool said true; a
// refusal is not an error, a lost connection is.
func (m *Miner) Mine() (bool, error) {
	_, err := m.Call("mining.submit", m.Solve()...)
	var refused *AnswerError
	switch {
	case errors.As(err, &refused):
		m.Refused++
		m.LastError = refused.Words
		return false, nil
	case err != nil:
		return false, err
	}
	m.Acknowledged++
	return true, nil
}

// Solve finds a share of the present job and returns the parameters of its submit.
func (m *Miner) Solve() []any {
	for {
		m.extranonce2++
		extranonce2 := make([]byte, 8)
		binary.BigEndian.PutUint64(extranonce2, m.extranonce2)
		extranonce2 = extranonce2[8-m.size2:]
		header := m.header(extranonce2)
		for nonce := range uint32(1 << 20) {
			binary.LittleEndian.PutUint32(header[76:], nonce)
			if m.target.MetBy(m.hasher.Sum(&header)) {
				return []any{m.user, m.job.id, hex.EncodeToString(extranonce2), fmt.Sprintf("%08x", m.job.ntime), fmt.Sprintf("%08x", nonce)}
			}
		}
	}
}

func (m *Miner) header(extranonce2 []byte) (h [pow.HeaderSize]byte) {
	j := m.job
	root := doubleSHA(bytes.Join([][]byte{j.coinbase1, m.extranonce1, extranonce2, j.coinbase2}, nil))
	for _, b := range j.branches {
		root = doubleSHA(append(root[:], b...))
	}
	binary.LittleEndian.PutUint32(h[0:], j.version)
	for i := 0; i < 32; i += 4 { // notify's previous hash has its 4-byte words swapped
		binary.LittleEndian.PutUint32(h[4+i:], binary.BigEndian.Uint32(j.previous[i:]))
	}
	copy(h[36:], root[:])
	binary.LittleEndian.PutUint32(h[68:], j.ntime)
	binary.LittleEndian.PutUint32(h[72:], j.bits)
	return h
}

func doubleSHA(b []byte) [32]byte {
	once := sha256.Sum256(b)
	return sha256.Sum256(once[:])
}

// AwaitTip reads until there is a job on the block with that hash, and returns how
// many branches its merkle tree has: none if the job's block has no transactions.
func (m *Miner) AwaitTip(hash string) (branches int, err error) {
	want, err := hex.DecodeString(hash)
	if err != nil {
		return 0, err
	}
	slices.Reverse(want)
	for {
		header := m.header(nil)
		if bytes.Equal(header[4:36], want) {
			return len(m.job.branches), nil
		}
		if _, err := m.read(); err != nil {
			return 0, err
		}
	}
}
