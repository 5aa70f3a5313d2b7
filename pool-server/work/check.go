package work

import (
	"encoding/binary"
	"fmt"

	"github.com/adit-mining/adit/miners/pow"
)

// Result is what Check found out about a share.
type Result struct {
	Hash      pow.Hash             // the proof-of-work hash
	Header    [pow.HeaderSize]byte // what was hashed; identifies the share, in whatever spelling it came
	Candidate *Candidate           // not nil if the hash meets the network's target
}

// A Hasher computes the hash of a header. It is a pow.Hasher, or what lets many
// goroutines share some.
type Hasher interface {
	Sum(header *[pow.HeaderSize]byte) pow.Hash
}

// scratch is the memory of one Check. It is kept between checks because what is
// handed to a Hasher lives on the heap.
type scratch struct {
	coinbase []byte
	header   [pow.HeaderSize]byte
}

// Check judges s, found by the session with extranonce1, against the target that
// the session's job was sent with and the version bits that the session may
// roll. The error is a *Reject. Whenever the hash meets the network's target
// the Candidate is built, even if the share is rejected: a block is submitted
// whatever else is wrong with the share. Whether the share is new is not checked:
// package stratum remembers the hashes of each job.
//
// It may run on many goroutines at once, as far as h may.
func (j *Job) Check(h Hasher, extranonce1 [Extranonce1Size]byte, s Submission, share pow.Target, versionMask uint32) (Result, error) {
	if len(s.Extranonce2) != j.extranonce2Size {
		return Result{}, &Reject{CodeOther, fmt.Sprintf("extranonce2: want %d bytes", j.extranonce2Size)}
	}
	w := j.scratch.Get().(*scratch)
	defer j.scratch.Put(w)
	w.coinbase = j.coinbase.appendTo(w.coinbase[:0], extranonce1, s.Extranonce2)
	txid := hash256(w.coinbase)
	j.writeHeader(&w.header, merkleRoot(txid, j.branch), s, versionMask)

	r := Result{Hash: h.Sum(&w.header), Header: w.header}
	if j.Target.MetBy(r.Hash) {
		r.Candidate = j.candidate(&w.header, w.coinbase, txid)
	}
	switch {
	case s.NTime < j.MinTime || s.NTime > j.MaxTime:
		return r, &Reject{CodeOther, "ntime out of range"}
	case s.HasVersion && s.Version&^(versionMask&j.VersionMask) != 0:
		return r, &Reject{CodeOther, "version bits outside the mask"}
	case !share.MetBy(r.Hash):
		return r, &Reject{CodeLowDifficulty, fmt.Sprintf("low difficulty share of %.6g", pow.Target(r.Hash).Difficulty(j.Algorithm))}
	}
	return r, nil
}

// writeHeader fills in the 80 bytes that are hashed.
func (j *Job) writeHeader(header *[pow.HeaderSize]byte, root [32]byte, s Submission, versionMask uint32) {
	version := j.Version
	if s.HasVersion {
		// BIP 310. Bits outside the mask are kept so that this is the header that
		// the miner hashed; Check rejects the share, but not a block.
		version = version&^(versionMask&j.VersionMask) | s.Version
	}
	previous := j.PreviousHash.Bytes()
	binary.LittleEndian.PutUint32(header[0:], version)
	copy(header[4:], previous[:])
	copy(header[36:], root[:])
	binary.LittleEndian.PutUint32(header[68:], s.NTime)
	binary.LittleEndian.PutUint32(header[72:], j.Bits)
	binary.LittleEndian.PutUint32(header[76:], s.Nonce)
}
