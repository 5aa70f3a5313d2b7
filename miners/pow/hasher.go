package pow

import (
	"encoding/binary"
	"fmt"
)

// HeaderSize is the length of a block header of the Bitcoin family, in bytes.
const HeaderSize = 80

// nonceAt is where in a header the nonce begins, 4 bytes, least significant first.
const nonceAt = 76

// A Hasher computes one algorithm's hash of a block header. It owns its scratch
// memory, so that hashing allocates nothing, and must not be used by two
// goroutines at a time.
type Hasher interface {
	// Sum returns the hash of header, which it leaves as it is.
	Sum(header *[HeaderSize]byte) Hash

	// Lanes is how many headers SumAll hashes in hardly more time than one takes
	// Sum: six of Scrypt where the processor has AVX2, otherwise one.
	Lanes() int

	// SumAll sets the first of hashes to those of headers. Any number will do; what
	// is no multiple of Lanes takes as long as the next one.
	SumAll(headers [][HeaderSize]byte, hashes []Hash)

	// search tries up to tries nonces from that of header on, which it leaves as it
	// is. It returns how many did not meet t, and whether the one after them does.
	search(header *[HeaderSize]byte, t Target, tries uint32) (hash Hash, passed uint32, found bool)
}

// NewHasher returns a Hasher of a. A scrypt hasher holds 128 KiB, and 768 KiB more once
// it has hashed several headers at once.
func NewHasher(a Algorithm) (Hasher, error) {
	switch a {
	case SHA256d:
		return newDoubleSHA(), nil
	case Scrypt:
		return &scrypt{}, nil
	}
	return nil, fmt.Errorf("no hasher for algorithm %q", string(a))
}

// Search tries up to tries nonces, beginning with the one that header holds and
// wrapping round after 2^32-1, until a hash meets t. If one does, header holds
// its nonce. Otherwise header holds the next nonce to try. tried counts the
// nonces up to there. It is at its best when tries is a multiple of h.Lanes().
func Search(h Hasher, header *[HeaderSize]byte, t Target, tries uint32) (hash Hash, tried uint32, found bool) {
	hash, passed, found := h.search(header, t, tries)
	setNonce(header, nonceOf(header)+passed)
	if found {
		return hash, passed + 1, true
	}
	return Hash{}, passed, false
}

func nonceOf(header *[HeaderSize]byte) uint32 { return binary.LittleEndian.Uint32(header[nonceAt:]) }

func setNonce(header *[HeaderSize]byte, nonce uint32) {
	binary.LittleEndian.PutUint32(header[nonceAt:], nonce)
}
