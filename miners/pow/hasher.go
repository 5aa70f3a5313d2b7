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
}

// NewHasher returns a Hasher of a. A scrypt hasher holds 128 KiB.
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
// hashes done.
func Search(h Hasher, header *[HeaderSize]byte, t Target, tries uint32) (hash Hash, tried uint32, found bool) {
	d, prepared := h.(*doubleSHA)
	if prepared {
		d.prepare(header)
	}
	nonce := binary.LittleEndian.Uint32(header[nonceAt:])
	for tried < tries {
		binary.LittleEndian.PutUint32(header[nonceAt:], nonce)
		if prepared {
			hash = d.sumPrepared(header)
		} else {
			hash = h.Sum(header)
		}
		tried++
		if t.MetBy(hash) {
			return hash, tried, true
		}
		nonce++
	}
	binary.LittleEndian.PutUint32(header[nonceAt:], nonce)
	return Hash{}, tried, false
}
