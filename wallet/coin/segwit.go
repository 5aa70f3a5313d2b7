package coin

import (
	"errors"
	"fmt"
	"strings"

	"github.com/btcsuite/btcd/address/v2/bech32"
)

// A program is what a segwit address holds: a witness version and 2 to 40 bytes
// (BIP 141).
type program struct {
	version byte
	bytes   []byte
}

// decodeSegwit takes a segwit address apart. Version 0 carries a bech32 checksum
// (BIP 173), every later one a bech32m checksum (BIP 350).
func decodeSegwit(s string) (prefix string, p program, err error) {
	prefix, data, checksum, err := bech32.DecodeGeneric(s)
	if err != nil {
		return "", program{}, bech32Fault(err)
	}
	if len(data) == 0 || data[0] > 16 {
		return "", program{}, errors.New("no witness version from 0 to 16")
	}
	p.version = data[0]
	if (p.version == 0) != (checksum == bech32.Version0) {
		return "", program{}, errors.New("the checksum is of another witness version's kind")
	}
	if p.bytes, err = bech32.ConvertBits(data[1:], 5, 8, false); err != nil {
		return "", program{}, errors.New("bits are left over at its end")
	}
	n := len(p.bytes)
	if n < 2 || n > 40 || p.version == 0 && n != 20 && n != 32 {
		return "", program{}, fmt.Errorf("%d bytes do not fit witness version %d", n, p.version)
	}
	return prefix, p, nil
}

// bech32Fault says in our words what the library found; its own words repeat parts
// of the text.
func bech32Fault(err error) error {
	var sum bech32.ErrInvalidChecksum
	var mixed bech32.ErrMixedCase
	switch {
	case errors.As(err, &sum):
		return ErrChecksum
	case errors.As(err, &mixed):
		return errors.New("upper and lower case letters are mixed")
	}
	return errors.New("a character or a length that bech32 does not have")
}

func (p program) encode(prefix string) string {
	data, err := bech32.ConvertBits(p.bytes, 8, 5, true)
	if err != nil {
		panic("coin: " + err.Error()) // bytes always have 8 bits
	}
	encode := bech32.EncodeM
	if p.version == 0 {
		encode = bech32.Encode
	}
	text, err := encode(prefix, append([]byte{p.version}, data...))
	if err != nil {
		panic("coin: " + err.Error()) // groups of 5 bits always are in range
	}
	return text
}

func (p program) script() []byte {
	op := p.version
	if op > 0 {
		op += opBeforeOne
	}
	return append([]byte{op, byte(len(p.bytes))}, p.bytes...)
}

func (p program) kind() Kind {
	switch {
	case p.version == 0 && len(p.bytes) == 20:
		return KindP2WPKH
	case p.version == 0:
		return KindP2WSH
	case p.version == 1 && len(p.bytes) == 32:
		return KindP2TR
	}
	return KindWitnessUnknown
}

// hasBech32Prefix reports whether s begins like a bech32 text with that
// human-readable part. Prefixes may hold the separator 1 themselves; ours do not.
func hasBech32Prefix(s, prefix string) bool {
	n := len(prefix)
	return prefix != "" && len(s) > n && s[n] == '1' && strings.EqualFold(s[:n], prefix)
}
