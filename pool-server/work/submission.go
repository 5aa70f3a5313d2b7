package work

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// Submission is what a miner found, decoded: two texts that mean the same give
// equal Submissions.
type Submission struct {
	Extranonce2 []byte
	NTime       uint32 // the header's time, Unix seconds
	Nonce       uint32
	Version     uint32 // the rolled bits, not the whole version (BIP 310)
	HasVersion  bool   // whether the miner sent version bits at all
}

// ParseSubmission reads the texts of mining.submit. Each must be hex, in capitals
// or not, of exactly its length; versionBits may be empty, which means that the
// miner does not roll the version. Anything else is a *Reject with CodeOther.
func (j *Job) ParseSubmission(extranonce2, ntime, nonce, versionBits string) (Submission, error) {
	var s Submission
	if len(extranonce2) != 2*j.extranonce2Size {
		return s, &Reject{CodeOther, fmt.Sprintf("extranonce2: want %d hex digits", 2*j.extranonce2Size)}
	}
	var err error
	if s.Extranonce2, err = hex.DecodeString(extranonce2); err != nil {
		return s, &Reject{CodeOther, "extranonce2: not hex"}
	}
	if s.NTime, err = parseWord("ntime", ntime); err != nil {
		return s, err
	}
	if s.Nonce, err = parseWord("nonce", nonce); err != nil {
		return s, err
	}
	if versionBits == "" {
		return s, nil
	}
	s.HasVersion = true
	s.Version, err = parseWord("version bits", versionBits)
	return s, err
}

// parseWord reads exactly 8 hex digits, most significant first. strconv would
// also take signs and underscores.
func parseWord(name, text string) (uint32, error) {
	if len(text) != 8 {
		return 0, &Reject{CodeOther, name + ": want 8 hex digits"}
	}
	var word [4]byte
	if _, err := hex.Decode(word[:], []byte(text)); err != nil {
		return 0, &Reject{CodeOther, name + ": not hex"}
	}
	return binary.BigEndian.Uint32(word[:]), nil
}
