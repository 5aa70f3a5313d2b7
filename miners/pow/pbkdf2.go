package pow

import (
	"encoding/binary"
	"math/bits"
)

// An hmac is HMAC-SHA256 with a header as its key: the states of SHA-256 after the
// blocks that the key makes. It does what scrypt needs of PBKDF2, whose one iteration
// is an HMAC of the salt and a block's number, in 17 compressions a hash.
type hmac struct {
	inner, outer [8]uint32
}

// newHMAC returns the HMAC whose key is the header of these blocks, which is longer
// than a block and so stands for its hash.
func newHMAC(first, last *block) (m hmac) {
	key := sha256Start
	compress(&key, first)
	compress(&key, last)
	var inner, outer block
	for i := range inner {
		inner[i], outer[i] = 0x36363636, 0x5c5c5c5c
	}
	for i, word := range key {
		inner[i] ^= word
		outer[i] ^= word
	}
	m.inner, m.outer = sha256Start, sha256Start
	compress(&m.inner, &inner)
	compress(&m.outer, &outer)
	return m
}

// expand fills x with PBKDF2 of the header that is m's key, as salt.
func (m *hmac) expand(first, last *block, x *lane) {
	salted := m.inner
	compress(&salted, first)
	message := block{5: 1 << 31, 15: 8 * (64 + HeaderSize + 4)}
	copy(message[:4], last[:4])
	for i := range 4 {
		message[4] = uint32(i + 1)
		state := salted
		compress(&state, &message)
		for j, word := range m.finish(&state) {
			x[8*i+j] = bits.ReverseBytes32(word)
		}
	}
}

// collapse is PBKDF2's first block with x as salt.
func (m *hmac) collapse(x *lane) Hash {
	state := m.inner
	for half := range 2 {
		var message block
		for i, word := range x[16*half : 16*half+16] {
			message[i] = bits.ReverseBytes32(word)
		}
		compress(&state, &message)
	}
	compress(&state, &block{0: 1, 1: 1 << 31, 15: 8 * (64 + 128 + 4)})
	var b [32]byte
	for i, word := range m.finish(&state) {
		binary.BigEndian.PutUint32(b[4*i:], word)
	}
	return HashFromBytes(b)
}

// finish is the outer hash of the inner hash's state.
func (m *hmac) finish(inner *[8]uint32) [8]uint32 {
	message := block{8: 1 << 31, 15: 8 * (64 + 32)}
	copy(message[:], inner[:])
	state := m.outer
	compress(&state, &message)
	return state
}
