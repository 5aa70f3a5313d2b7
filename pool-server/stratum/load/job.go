package load

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/adit-mining/adit/miners/pow"
)

// job is a mining.notify, as far as a share of it is made of that.
type job struct {
	id            string
	ntime         string
	before, after []byte // of the extranonce in the coinbase
	branch        [][]byte
	header        [pow.HeaderSize]byte // without merkle root
	target        pow.Target
	en2           string // that is in header; empty before the first
}

func unhex(s string) ([]byte, error) { return hex.DecodeString(s) }

// newJob reads the parameters of mining.notify.
func newJob(params []json.RawMessage, target pow.Target) (*job, error) {
	if len(params) < 8 {
		return nil, errors.New("too few parameters")
	}
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
	j := &job{id: texts[0], ntime: texts[7], target: target}
	var errs []error
	read := func(s string) []byte {
		b, err := unhex(s)
		errs = append(errs, err)
		return b
	}
	previous := read(texts[1])
	j.before, j.after = read(texts[2]), read(texts[3])
	for _, b := range branch {
		j.branch = append(j.branch, read(b))
	}
	for at, word := range map[int]string{0: texts[5], 72: texts[6], 68: texts[7]} {
		n, err := strconv.ParseUint(word, 16, 32)
		errs = append(errs, err)
		binary.LittleEndian.PutUint32(j.header[at:], uint32(n))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if len(previous) != 32 {
		return nil, fmt.Errorf("previous block of %d bytes", len(previous))
	}
	for i := 0; i < 32; i += 4 { // stratum swaps the bytes of each word
		binary.LittleEndian.PutUint32(j.header[4+i:], binary.BigEndian.Uint32(previous[i:]))
	}
	return j, nil
}

// setRoot puts the merkle root for an extranonce into the header.
func (j *job) setRoot(en1 []byte, en2 string) error {
	extranonce2, err := unhex(en2)
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
	binary.LittleEndian.PutUint32(j.header[76:], 0)
	j.en2 = en2
	return nil
}

func doubleSHA(b []byte) [32]byte {
	first := sha256.Sum256(b)
	return sha256.Sum256(first[:])
}

// lastNonce is where a header is exchanged for one with another extranonce.
const lastNonce = 1<<32 - 1

// tries is how many hashes are done before somebody else may have the connection.
const tries = 1 << 12

// appendShare finds a share of the newest job and appends its mining.submit. It
// answers false if the time is up first. The caller holds c.mu, which is let go
// of now and then while the search lasts.
func (c *connection) appendShare(id int) bool {
	for {
		j := c.job
		nonce := binary.LittleEndian.Uint32(j.header[76:])
		if j.en2 == "" || nonce == lastNonce {
			c.en2++
			en2 := fmt.Sprintf("%016x", c.en2)
			if err := j.setRoot(c.en1, en2[16-2*c.size:]); err != nil {
				panic("load: " + err.Error()) // our own hex
			}
			continue
		}
		hasher := <-c.run.hashers
		_, tried, found := pow.Search(hasher, &j.header, j.target, min(tries, lastNonce-nonce))
		c.run.hashers <- hasher
		c.run.tally.hashes.Add(int64(tried))
		if found {
			c.appendSubmit(j, id)
			return true
		}
		c.mu.Unlock()
		c.mu.Lock()
		select {
		case <-c.run.stop:
			return false
		default:
		}
		if c.closed {
			return false
		}
	}
}

// appendSubmit appends the share that j's header is, and goes on to the next nonce.
func (c *connection) appendSubmit(j *job, id int) {
	nonce := binary.LittleEndian.Uint32(j.header[76:])
	b := append(c.out, `{"id":`...)
	b = strconv.AppendInt(b, int64(id), 10)
	b = append(b, `,"method":"mining.submit","params":["`...)
	for i, s := range []string{c.user, j.id, j.en2, j.ntime} {
		if i > 0 {
			b = append(b, `","`...)
		}
		b = append(b, s...)
	}
	b = append(b, `","`...)
	var word [4]byte
	binary.BigEndian.PutUint32(word[:], nonce)
	b = hex.AppendEncode(b, word[:])
	c.out = append(b, "\"]}\n"...)
	binary.LittleEndian.PutUint32(j.header[76:], nonce+1)
}
