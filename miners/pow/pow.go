// Package pow holds what proof of work is made of: a hash, the target it has to
// meet, the difficulty by which people speak of a target, and the algorithms
// that turn a block header into a hash.
//
// It is a leaf: the miner, the pool server and the coin daemons' client all mean
// the same thing by these types because they take them from here. It leaves what
// a header is made of to pool-server/work and what a coin is to wallet/coin.
// Everything is a pure function of its arguments, apart from a Hasher, which
// owns scratch memory and so belongs to one goroutine. No goroutine is started,
// and nothing fails but the reading of text and of compact targets.
//
// On amd64 the inner loops are in assembly where the processor has AVX2 and the SHA
// instructions. Each has a twin in Go alone, which every other machine uses, and tests
// and fuzzers compare the two. Assembly cannot be interrupted: none of it takes longer
// than a third of a millisecond at a time.
package pow

import (
	"encoding/hex"
	"fmt"
	"slices"
)

// A Hash is the outcome of proof of work or the name of a block, most
// significant byte first, as explorers print it. It is the reverse of the bytes
// that a hash function writes and that headers carry.
type Hash [32]byte

// HashFromBytes turns the bytes as a hash function wrote them, or as a header
// carries them, into a Hash.
func HashFromBytes(b [32]byte) Hash {
	slices.Reverse(b[:])
	return Hash(b)
}

// Bytes returns h in the order of the hash function and of block headers, least
// significant byte first.
func (h Hash) Bytes() [32]byte {
	slices.Reverse(h[:])
	return h
}

// ParseHash reads 64 hexadecimal digits, most significant first.
func ParseHash(s string) (Hash, error) {
	b, err := parse256(s)
	return Hash(b), err
}

// String returns 64 lower-case hexadecimal digits, most significant first.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText lets a Hash stand in JSON as its hexadecimal digits.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (h *Hash) UnmarshalText(text []byte) (err error) {
	*h, err = ParseHash(string(text))
	return err
}

// parse256 reads 64 hexadecimal digits.
func parse256(s string) (b [32]byte, err error) {
	if len(s) != 2*len(b) {
		return b, fmt.Errorf("want %d hexadecimal digits, have %d characters", 2*len(b), len(s))
	}
	if _, err := hex.Decode(b[:], []byte(s)); err != nil {
		return [32]byte{}, fmt.Errorf("want hexadecimal digits: %w", err)
	}
	return b, nil
}
