package load

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/adit-mining/adit/miners/pow"
)

// notice is a mining.notify as it was read. It is immutable: most servers send all
// connections the same bytes, which are read once and shared.
type notice struct {
	line          []byte
	id            string
	ntime         string
	clean         bool
	before, after []byte // of the extranonce in the coinbase
	branch        [][]byte
	header        [pow.HeaderSize]byte // without merkle root
}

// readNotice reads the line of a mining.notify.
func readNotice(line []byte) (*notice, error) {
	var m message
	if err := json.Unmarshal(line, &m); err != nil {
		return nil, err
	}
	params := m.Params
	if len(params) < 8 {
		return nil, errors.New("too few parameters")
	}
	n := &notice{line: bytes.Clone(line)}
	var texts [8]string
	var branch []string
	for i := range texts {
		into := any(&texts[i])
		if i == 4 {
			into = &branch
		}
		if err := json.Unmarshal(params[i], into); err != nil {
			return nil, err
		}
	}
	if len(params) > 8 {
		json.Unmarshal(params[8], &n.clean) // not all servers send a boolean
	}
	n.id, n.ntime = texts[0], texts[7]
	return n, n.decode(texts, branch)
}

func (n *notice) decode(texts [8]string, branch []string) error {
	var errs []error
	read := func(s string) []byte {
		b, err := hex.DecodeString(s)
		errs = append(errs, err)
		return b
	}
	previous := read(texts[1])
	n.before, n.after = read(texts[2]), read(texts[3])
	for _, b := range branch {
		n.branch = append(n.branch, read(b))
	}
	for at, word := range map[int]string{0: texts[5], 72: texts[6], 68: texts[7]} {
		number, err := strconv.ParseUint(word, 16, 32)
		errs = append(errs, err)
		binary.LittleEndian.PutUint32(n.header[at:], uint32(number))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if len(previous) != 32 {
		return fmt.Errorf("previous block of %d bytes", len(previous))
	}
	for i := 0; i < 32; i += 4 { // stratum swaps the bytes of each word
		binary.LittleEndian.PutUint32(n.header[4+i:], binary.BigEndian.Uint32(previous[i:]))
	}
	return nil
}

// notice reads a line that is a mining.notify, or finds it read.
func (r *run) notice(line []byte) (*notice, error) {
	if n := r.latest.Load(); n != nil && bytes.Equal(n.line, line) {
		return n, nil
	}
	n, err := readNotice(line)
	if err != nil {
		return nil, fmt.Errorf("mining.notify: %w", err)
	}
	r.latest.Store(n)
	return n, nil
}

// job is what one connection makes of a notice.
type job struct {
	*notice
	header [pow.HeaderSize]byte // with the merkle root for en2, and the next nonce
	target pow.Target
	en2    string // that is in header; empty before the first
	found  bool   // header is a share that was not sent yet
}

// setRoot puts the merkle root for an extranonce into the header.
func (j *job) setRoot(en1 []byte, en2 string) error {
	extranonce2, err := hex.DecodeString(en2)
	if err != nil {
		return err
	}
	var coinbase []byte
	for _, part := range [][]byte{j.before, en1, extranonce2, j.after} {
		coinbase = append(coinbase, part...)
	}
	root := doubleSHA(coinbase)
	var pair []byte
	for _, b := range j.branch {
		pair = append(append(pair[:0], root[:]...), b...)
		root = doubleSHA(pair)
	}
	copy(j.header[36:], root[:])
	j.setNonce(0)
	j.en2 = en2
	return nil
}

func (j *job) nonce() uint32     { return binary.LittleEndian.Uint32(j.header[76:]) }
func (j *job) setNonce(n uint32) { binary.LittleEndian.PutUint32(j.header[76:], n) }

func doubleSHA(b []byte) [32]byte {
	first := sha256.Sum256(b)
	return sha256.Sum256(first[:])
}

// lastNonce is where a header is exchanged for one with another extranonce.
const lastNonce = 1<<32 - 1

// tries is how many hashes are done before somebody else may have the connection.
const tries = 1 << 12

// find makes the header of the newest job a share. It answers false if the time is up
// first, or the connection away. The caller holds c.mu, which is let go of now and
// then while a long search lasts; what is in c.out is sent before.
func (c *connection) find() bool {
	for !c.away {
		j := c.job
		if j.found {
			return true
		}
		if j.en2 == "" || j.nonce() == lastNonce {
			c.nextRoot()
			continue
		}
		hasher := c.run.hashers.Get().(pow.Hasher)
		_, tried, found := pow.Search(hasher, &j.header, j.target, min(tries, lastNonce-j.nonce()))
		c.run.hashers.Put(hasher)
		c.run.hashes.Add(int64(tried))
		if j.found = found; found {
			return true
		}
		c.write() // what is found already shall not wait for the rest
		c.mu.Unlock()
		c.mu.Lock()
		if c.run.over() {
			return false
		}
	}
	return false
}

// nextRoot puts an extranonce2 into the header that this miner never had before.
func (c *connection) nextRoot() {
	c.en2++
	en2 := fmt.Sprintf("%016x", c.en2)
	if err := c.job.setRoot(c.en1, en2[16-2*c.size:]); err != nil {
		panic("load: " + err.Error()) // our own hex
	}
}

// appendSubmit appends the mining.submit of the share that j's header is, and goes on
// to the next nonce.
func (j *job) appendSubmit(b []byte, id int, user string) []byte {
	b = appendShare(b, id, user, j.id, j.en2, j.ntime, j.nonce())
	j.setNonce(j.nonce() + 1)
	j.found = false
	return b
}

func appendShare(b []byte, id int, user, job, en2, ntime string, nonce uint32) []byte {
	b = append(b, `{"id":`...)
	b = strconv.AppendInt(b, int64(id), 10)
	b = append(b, `,"method":"mining.submit","params":["`...)
	for i, s := range [...]string{user, job, en2, ntime} {
		if i > 0 {
			b = append(b, `","`...)
		}
		b = append(b, s...)
	}
	b = append(b, `","`...)
	var word [4]byte
	binary.BigEndian.PutUint32(word[:], nonce)
	b = hex.AppendEncode(b, word[:])
	return append(b, "\"]}\n"...)
}
