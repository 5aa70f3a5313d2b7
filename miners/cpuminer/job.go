package cpuminer

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

const (
	maxJobID    = 128     // characters
	maxCoinbase = 1 << 19 // bytes of each half of the coinbase transaction
	maxBranches = 32      // of the Merkle tree: 2^32 transactions
)

// A job is the work that a pool announced with mining.notify. It is immutable.
type job struct {
	id       string
	prefix   [36]byte // header up to the Merkle root: version and previous block
	coinbase [2][]byte
	branches [][32]byte
	bits     uint32
	time     uint32
	clean    bool
	height   int64 // of the block to be; 0: the coinbase does not tell
}

// parseJob reads the parameters of mining.notify.
func parseJob(params []json.RawMessage) (*job, error) {
	if len(params) < 9 {
		return nil, fmt.Errorf("want 9 parameters, have %d", len(params))
	}
	var id, previous, first, second, version, bits, ntime string
	var branches []string
	j := &job{}
	for i, into := range []any{&id, &previous, &first, &second, &branches, &version, &bits, &ntime, &j.clean} {
		if err := json.Unmarshal(params[i], into); err != nil {
			return nil, fmt.Errorf("parameter %d: %w", i, err)
		}
	}
	if len(id) > maxJobID || len(branches) > maxBranches || len(first)+len(second) > 2*2*maxCoinbase {
		return nil, errors.New("too long")
	}
	j.id = id
	var numbers [3]uint32
	for i, s := range []string{version, bits, ntime} {
		b, err := decode(s, 4)
		if err != nil {
			return nil, fmt.Errorf("parameter %d: %w", i+5, err)
		}
		numbers[i] = binary.BigEndian.Uint32(b)
	}
	binary.LittleEndian.PutUint32(j.prefix[:], numbers[0])
	j.bits, j.time = numbers[1], numbers[2]
	return j, errors.Join(j.setPrevious(previous), j.setCoinbase(first, second), j.setBranches(branches))
}

// setPrevious reads the hash of the previous block: as in the header, but each
// group of four bytes in reverse, a habit that stratum began with.
func (j *job) setPrevious(digits string) error {
	b, err := decode(digits, 32)
	if err != nil {
		return fmt.Errorf("previous block: %w", err)
	}
	for i := 0; i < len(b); i += 4 {
		binary.LittleEndian.PutUint32(j.prefix[4+i:], binary.BigEndian.Uint32(b[i:]))
	}
	return nil
}

func (j *job) setCoinbase(halves ...string) error {
	for i, digits := range halves {
		b, err := hex.DecodeString(digits)
		if err != nil {
			return fmt.Errorf("coinbase: %w", err)
		}
		j.coinbase[i] = b
	}
	j.height = coinbaseHeight(j.coinbase[0])
	return nil
}

func (j *job) setBranches(branches []string) error {
	for _, digits := range branches {
		b, err := decode(digits, 32)
		if err != nil {
			return fmt.Errorf("merkle branch: %w", err)
		}
		j.branches = append(j.branches, [32]byte(b))
	}
	return nil
}

// decode reads hexadecimal digits that stand for size bytes.
func decode(digits string, size int) ([]byte, error) {
	if len(digits) != 2*size {
		return nil, fmt.Errorf("want %d hexadecimal digits, have %d characters", 2*size, len(digits))
	}
	return hex.DecodeString(digits)
}

// coinbaseHeight returns the height that a coinbase transaction begins its input
// script with, or 0 (https://github.com/bitcoin/bips/blob/master/bip-0034.mediawiki).
func coinbaseHeight(coinbase []byte) int64 {
	const script = 4 + 1 + 36 + 1 // behind version, input count, outpoint, script length
	if len(coinbase) <= script {
		return 0
	}
	push, rest := int(coinbase[script]), coinbase[script+1:]
	if push >= 0x51 && push <= 0x60 { // OP_1 ... OP_16
		return int64(push - 0x50)
	}
	if push < 1 || push > 5 || len(rest) < push {
		return 0
	}
	var height int64
	for i := range push {
		height |= int64(rest[i]) << (8 * i)
	}
	if height > math.MaxUint32 {
		return 0
	}
	return height
}

// header returns the block header for one coinbase and time, with nonce 0.
func (j *job) header(extranonce1, extranonce2 []byte, ntime uint32) (header [80]byte) {
	coinbase := make([]byte, 0, len(j.coinbase[0])+len(extranonce1)+len(extranonce2)+len(j.coinbase[1]))
	coinbase = append(coinbase, j.coinbase[0]...)
	coinbase = append(coinbase, extranonce1...)
	coinbase = append(coinbase, extranonce2...)
	coinbase = append(coinbase, j.coinbase[1]...)
	root := doubleSum(coinbase)
	for _, branch := range j.branches {
		pair := [64]byte(append(root[:], branch[:]...))
		root = doubleSum(pair[:])
	}
	copy(header[:], j.prefix[:])
	copy(header[36:], root[:])
	binary.LittleEndian.PutUint32(header[68:], ntime)
	binary.LittleEndian.PutUint32(header[72:], j.bits)
	return header
}

// doubleSum is SHA-256 of SHA-256, in the order of bytes that headers have.
func doubleSum(b []byte) [32]byte {
	first := sha256.Sum256(b)
	return sha256.Sum256(first[:])
}
