package pow

import (
	"crypto/sha256"
	"encoding"
	"fmt"
	"hash"
)

// midstateAt is how much of a header SHA-256 takes in before it meets the nonce:
// its first block, the same for all nonces.
const midstateAt = sha256.BlockSize

// doubleSHA is the hasher of SHA256d. Searching, it hashes a header's first
// block once and goes back to that state for each nonce.
type doubleSHA struct {
	digest   rewindable
	midstate []byte

	// These are here so as not to be allocated.
	tried [HeaderSize]byte
	first [sha256.Size]byte // result of the inner hash
}

// rewindable is what sha256.New returns, by its documentation.
type rewindable interface {
	hash.Hash
	encoding.BinaryAppender
	encoding.BinaryUnmarshaler
}

func newDoubleSHA() *doubleSHA {
	return &doubleSHA{digest: sha256.New().(rewindable)}
}

func (*doubleSHA) Sum(header *[HeaderSize]byte) Hash {
	first := sha256.Sum256(header[:])
	return HashFromBytes(sha256.Sum256(first[:]))
}

// Lanes is one: two blocks of SHA-256 are too little work to share.
func (*doubleSHA) Lanes() int { return 1 }

func (d *doubleSHA) SumAll(headers [][HeaderSize]byte, hashes []Hash) {
	for i := range headers {
		hashes[i] = d.Sum(&headers[i])
	}
}

// searchPure is search with what the standard library offers.
func (d *doubleSHA) searchPure(header *[HeaderSize]byte, t Target, tries uint32) (hash Hash, passed uint32, found bool) {
	d.prepare(header)
	nonce := nonceOf(header)
	d.tried = *header
	for passed < tries {
		setNonce(&d.tried, nonce+passed)
		if hash = d.sumPrepared(&d.tried); t.MetBy(hash) {
			return hash, passed, true
		}
		passed++
	}
	return Hash{}, passed, false
}

// prepare takes in the part of header that no nonce changes.
func (d *doubleSHA) prepare(header *[HeaderSize]byte) {
	d.digest.Reset()
	d.digest.Write(header[:midstateAt])
	var err error
	if d.midstate, err = d.digest.AppendBinary(d.midstate[:0]); err != nil {
		panic(fmt.Sprintf("state of SHA-256: %v", err))
	}
}

// sumPrepared is Sum for a header whose beginning was prepared.
func (d *doubleSHA) sumPrepared(header *[HeaderSize]byte) Hash {
	if err := d.digest.UnmarshalBinary(d.midstate); err != nil {
		panic(fmt.Sprintf("state of SHA-256: %v", err))
	}
	d.digest.Write(header[midstateAt:])
	d.digest.Sum(d.first[:0])
	return HashFromBytes(sha256.Sum256(d.first[:]))
}
