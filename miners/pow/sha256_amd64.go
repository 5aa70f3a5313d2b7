package pow

import (
	"encoding/binary"

	"github.com/klauspost/cpuid/v2"
)

// hasSHA says whether the processor has the instructions that sha256_amd64.s uses.
var hasSHA = cpuid.CPU.Supports(cpuid.SHA, cpuid.AVX)

// compress lets SHA-256's state take in a block.
func compress(state *[8]uint32, message *block) {
	if hasSHA {
		compressSHA(state, message)
		return
	}
	compressPure(state, message)
}

// scanPairs is how many pairs of nonces scanSHA gets at a time: a fraction of a
// millisecond, as nothing can interrupt it.
const scanPairs = 1 << 12

func (d *doubleSHA) search(header *[HeaderSize]byte, t Target, tries uint32) (hash Hash, passed uint32, found bool) {
	if !hasSHA {
		return d.searchPure(header, t, tries)
	}
	s, limit := newScan(header), binary.BigEndian.Uint32(t[:])
	tried, nonce := *header, nonceOf(header)
	for passed < tries {
		if pairs := min((tries-passed)/2, scanPairs); pairs > 0 {
			n := scanSHA(&s, nonce+passed, pairs, limit)
			passed += n
			if n == 2*pairs {
				continue
			}
		}
		setNonce(&tried, nonce+passed)
		if hash = d.Sum(&tried); t.MetBy(hash) {
			return hash, passed, true
		}
		passed++
	}
	return Hash{}, passed, false
}

// A scan is what scanSHA knows of one header.
type scan struct {
	midstate [8]uint32 // after the header's first block, in the order f e b a h g d c
	tail     [4]uint32 // the words behind it; the nonce is the fourth
}

func newScan(header *[HeaderSize]byte) (s scan) {
	first, last := headerBlocks(header)
	m := sha256Start
	compressSHA(&m, &first)
	s.midstate = [8]uint32{m[5], m[4], m[1], m[0], m[7], m[6], m[3], m[2]}
	copy(s.tail[:], last[:])
	return s
}

// scanConstants is what scanSHA knows of all headers: the padding of a message of
// 80 bytes, of which a header's second block holds 16, and of one of 32 bytes; both
// with the constants of their rounds added; and the state before the first block.
//
//lint:ignore U1000 scanSHA reads it
var scanConstants = [9][4]uint32{
	{1 << 31, 0, 0, 0},
	{0, 0, 0, 8 * HeaderSize},
	{0, 0, 0, 8 * 32},
	{sha256K[4] + 1<<31, sha256K[5], sha256K[6], sha256K[7]},
	{sha256K[12], sha256K[13], sha256K[14], sha256K[15] + 8*HeaderSize},
	{sha256K[8] + 1<<31, sha256K[9], sha256K[10], sha256K[11]},
	{sha256K[12], sha256K[13], sha256K[14], sha256K[15] + 8*32},
	{sha256Start[5], sha256Start[4], sha256Start[1], sha256Start[0]},
	{sha256Start[7], sha256Start[6], sha256Start[3], sha256Start[2]},
}

// compressSHA is compressPure.
//
//go:noescape
func compressSHA(state *[8]uint32, message *block)

// scanSHA tries pairs (at least one) of nonces, from nonce on, until the top 32 bits
// of a hash are not above limit. It returns how many nonces it passed over.
//
//go:noescape
func scanSHA(s *scan, nonce, pairs, limit uint32) (passed uint32)
