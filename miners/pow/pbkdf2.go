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

// newHMAC returns the HMAC whose key is header, which is longer than a block of
// SHA-256 and so stands for its hash.
func newHMAC(header *[HeaderSize]byte) (m hmac) {
	key := sha256Start
	compress(&key, (*[64]byte)(header[:64]))
	rest := lastBlock(header[64:], HeaderSize)
	compress(&key, &rest)
	m.inner, m.outer = sha256Start, sha256Start
	inner, outer := padded(key, 0x36363636), padded(key, 0x5c5c5c5c)
	compress(&m.inner, &inner)
	compress(&m.outer, &outer)
	return m
}

// padded is the first block of an HMAC's hash, the key followed by zeros, each word
// XORed with pad.
func padded(key [8]uint32, pad uint32) (block [64]byte) {
	for i := range 16 {
		word := pad
		if i < len(key) {
			word ^= key[i]
		}
		binary.BigEndian.PutUint32(block[4*i:], word)
	}
	return block
}

// lastBlock is the end of a message of size bytes, of which rest is what the blocks
// before did not take, 55 bytes at most.
func lastBlock(rest []byte, size uint64) (block [64]byte) {
	block[copy(block[:], rest)] = 0x80
	binary.BigEndian.PutUint64(block[56:], 8*size)
	return block
}

// expand fills x with PBKDF2 of the header that is m's key, as salt.
func (m *hmac) expand(header *[HeaderSize]byte, x *lane) {
	salted := m.inner
	compress(&salted, (*[64]byte)(header[:64]))
	var rest [20]byte
	copy(rest[:], header[64:])
	for i := range 4 {
		rest[19] = byte(i + 1)
		block := lastBlock(rest[:], 64+HeaderSize+4)
		state := salted
		compress(&state, &block)
		for j, word := range m.finish(state) {
			x[8*i+j] = bits.ReverseBytes32(word)
		}
	}
}

// collapse is PBKDF2's first block with x as salt.
func (m *hmac) collapse(x *lane) Hash {
	state := m.inner
	for half := range 2 {
		var block [64]byte
		for i, word := range x[16*half : 16*half+16] {
			binary.LittleEndian.PutUint32(block[4*i:], word)
		}
		compress(&state, &block)
	}
	number := [4]byte{3: 1}
	block := lastBlock(number[:], 64+128+4)
	compress(&state, &block)
	var b [32]byte
	for i, word := range m.finish(state) {
		binary.BigEndian.PutUint32(b[4*i:], word)
	}
	return HashFromBytes(b)
}

// finish is the outer hash of the inner hash's state.
func (m *hmac) finish(inner [8]uint32) [8]uint32 {
	var digest [32]byte
	for i, word := range inner {
		binary.BigEndian.PutUint32(digest[4*i:], word)
	}
	block := lastBlock(digest[:], 64+32)
	state := m.outer
	compress(&state, &block)
	return state
}
