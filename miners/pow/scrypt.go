package pow

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
)

// scryptN is scrypt's cost, the number of blocks it remembers.
const scryptN = 1024

// A lane is scrypt's working block for r=1: two Salsa20 blocks of 16 words.
type lane [32]uint32

// scrypt is the hasher of Scrypt: scrypt (RFC 7914) with N=1024, r=1, p=1, the
// header as both password and salt, and 32 bytes of output.
type scrypt struct {
	memory [scryptN]lane
	x      lane
}

func (s *scrypt) Sum(header *[HeaderSize]byte) Hash {
	mac := newHMAC(header)
	// PBKDF2 with one iteration is an HMAC of the salt and the block's number.
	var salted [HeaderSize + 4]byte
	copy(salted[:], header[:])
	for i := range 4 {
		binary.BigEndian.PutUint32(salted[HeaderSize:], uint32(i+1))
		block := mac.sum(salted[:])
		for j := range 8 {
			s.x[8*i+j] = binary.LittleEndian.Uint32(block[4*j:])
		}
	}
	s.mix()
	var mixed [4*len(s.x) + 4]byte
	for i, word := range s.x {
		binary.LittleEndian.PutUint32(mixed[4*i:], word)
	}
	binary.BigEndian.PutUint32(mixed[4*len(s.x):], 1)
	return HashFromBytes(mac.sum(mixed[:]))
}

// mix is scrypt's ROMix on s.x.
func (s *scrypt) mix() {
	x := &s.x
	for i := range s.memory {
		s.memory[i] = *x
		x.blockMix()
	}
	for range s.memory {
		v := &s.memory[x[16]%scryptN]
		for i := range x {
			x[i] ^= v[i]
		}
		x.blockMix()
	}
}

// blockMix is scrypt's BlockMix for r=1; with two blocks its shuffle changes
// nothing.
func (x *lane) blockMix() {
	a, b := (*[16]uint32)(x[:16]), (*[16]uint32)(x[16:])
	salsa8(a, b)
	salsa8(b, a)
}

// salsa8 sets a to the Salsa20/8 core of a xor b.
func salsa8(a, b *[16]uint32) {
	for i := range a {
		a[i] ^= b[i]
	}
	x0, x1, x2, x3 := a[0], a[1], a[2], a[3]
	x4, x5, x6, x7 := a[4], a[5], a[6], a[7]
	x8, x9, x10, x11 := a[8], a[9], a[10], a[11]
	x12, x13, x14, x15 := a[12], a[13], a[14], a[15]
	for range 4 {
		x0, x4, x8, x12 = quarter(x0, x4, x8, x12)
		x5, x9, x13, x1 = quarter(x5, x9, x13, x1)
		x10, x14, x2, x6 = quarter(x10, x14, x2, x6)
		x15, x3, x7, x11 = quarter(x15, x3, x7, x11)

		x0, x1, x2, x3 = quarter(x0, x1, x2, x3)
		x5, x6, x7, x4 = quarter(x5, x6, x7, x4)
		x10, x11, x8, x9 = quarter(x10, x11, x8, x9)
		x15, x12, x13, x14 = quarter(x15, x12, x13, x14)
	}
	a[0], a[1], a[2], a[3] = a[0]+x0, a[1]+x1, a[2]+x2, a[3]+x3
	a[4], a[5], a[6], a[7] = a[4]+x4, a[5]+x5, a[6]+x6, a[7]+x7
	a[8], a[9], a[10], a[11] = a[8]+x8, a[9]+x9, a[10]+x10, a[11]+x11
	a[12], a[13], a[14], a[15] = a[12]+x12, a[13]+x13, a[14]+x14, a[15]+x15
}

// quarter is Salsa20's quarter-round; the compiler puts it in line.
func quarter(a, b, c, d uint32) (uint32, uint32, uint32, uint32) {
	b ^= bits.RotateLeft32(a+d, 7)
	c ^= bits.RotateLeft32(b+a, 9)
	d ^= bits.RotateLeft32(c+b, 13)
	a ^= bits.RotateLeft32(d+c, 18)
	return a, b, c, d
}

// An hmac is HMAC-SHA256 with a fixed key and messages of at most 132 bytes. It
// exists because crypto/hmac allocates.
type hmac struct {
	inner, outer [sha256.BlockSize]byte
}

// newHMAC returns the HMAC whose key is header, which is longer than a block of
// SHA-256 and so stands for its hash.
func newHMAC(header *[HeaderSize]byte) (m hmac) {
	key := sha256.Sum256(header[:])
	copy(m.inner[:], key[:])
	copy(m.outer[:], key[:])
	for i := range m.inner {
		m.inner[i] ^= 0x36
		m.outer[i] ^= 0x5c
	}
	return m
}

// sum returns the HMAC of message.
func (m *hmac) sum(message []byte) [sha256.Size]byte {
	var buffer [sha256.BlockSize + 132]byte
	copy(buffer[:], m.inner[:])
	n := sha256.BlockSize + copy(buffer[sha256.BlockSize:], message)
	digest := sha256.Sum256(buffer[:n])
	copy(buffer[:], m.outer[:])
	n = sha256.BlockSize + copy(buffer[sha256.BlockSize:], digest[:])
	return sha256.Sum256(buffer[:n])
}
