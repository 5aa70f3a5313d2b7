package pow

import "math/bits"

// scryptN is scrypt's cost, the number of blocks it remembers.
const scryptN = 1024

// A lane is scrypt's working block for r=1: two Salsa20 blocks of 16 words.
type lane [32]uint32

// scrypt is the hasher of Scrypt: scrypt (RFC 7914) with N=1024, r=1, p=1, the
// header as both password and salt, and 32 bytes of output.
type scrypt struct {
	mixer mixer
	lanes [mixerLanes]lane
	keyed [mixerLanes]hmac
	tried [mixerLanes][HeaderSize]byte // by search
	found [mixerLanes]Hash
}

func (s *scrypt) Sum(header *[HeaderSize]byte) Hash {
	s.begin(0, header)
	s.mixer.mix(s.lanes[:1])
	return s.end(0)
}

func (s *scrypt) Lanes() int { return s.mixer.lanes() }

func (s *scrypt) SumAll(headers [][HeaderSize]byte, hashes []Hash) {
	for len(headers) > 0 {
		n := min(len(headers), s.Lanes())
		for i := range n {
			s.begin(i, &headers[i])
		}
		s.mixer.mix(s.lanes[:n])
		for i := range n {
			hashes[i] = s.end(i)
		}
		headers, hashes = headers[n:], hashes[n:]
	}
}

// begin fills lane i from a header, and end makes a hash of it.
func (s *scrypt) begin(i int, header *[HeaderSize]byte) {
	first, last := headerBlocks(header)
	s.keyed[i] = newHMAC(&first, &last)
	s.keyed[i].expand(&first, &last, &s.lanes[i])
}

func (s *scrypt) end(i int) Hash { return s.keyed[i].collapse(&s.lanes[i]) }

func (s *scrypt) search(header *[HeaderSize]byte, t Target, tries uint32) (hash Hash, passed uint32, found bool) {
	nonce, lanes := nonceOf(header), s.Lanes()
	if t[0] >= 0xc0 {
		lanes = 1 // most hashes meet t: those behind the first would be thrown away
	}
	for passed < tries {
		n := int(min(uint32(lanes), tries-passed))
		for i := range n {
			s.tried[i] = *header
			setNonce(&s.tried[i], nonce+passed+uint32(i))
		}
		s.SumAll(s.tried[:n], s.found[:n])
		for _, hash := range s.found[:n] {
			if t.MetBy(hash) {
				return hash, passed, true
			}
			passed++
		}
	}
	return Hash{}, passed, false
}

// romix is scrypt's ROMix on x, in Go alone. On amd64 mixOne and mixSix do the same.
func romix(memory *[scryptN]lane, x *lane) {
	for i := range memory {
		memory[i] = *x
		x.blockMix()
	}
	for range memory {
		v := &memory[x[16]%scryptN]
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
