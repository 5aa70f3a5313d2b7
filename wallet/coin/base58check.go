package coin

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"slices"

	"github.com/btcsuite/btcd/address/v2/base58"
)

// maxText is longer than any address or key that people type (a MimbleWimble
// address has about 120 characters). Longer texts are refused unread, because
// decoding base58 takes time in the square of the length.
const maxText = 200

var errBase58 = errors.New("a character that base58 does not have")

// ErrChecksum is in the error about an address or a key that was most likely mistyped.
var ErrChecksum = errors.New("the checksum is wrong: at least one character is not as it was")

// EncodeBase58Check returns the base58 text of version, payload and their checksum
// (the first four bytes of the double SHA-256), the form of old addresses and of
// private keys. Version is one or two bytes.
// https://en.bitcoin.it/wiki/Base58Check_encoding
func EncodeBase58Check(version, payload []byte) string {
	data := slices.Concat(version, payload)
	sum := checksum(data)
	return base58.Encode(append(data, sum[:]...))
}

// DecodeBase58Check returns what EncodeBase58Check wrote: version and payload in
// one, without the checksum. Where the version ends, its reader has to know. The
// error never repeats s, which may be a private key.
func DecodeBase58Check(s string) ([]byte, error) {
	if len(s) > maxText {
		return nil, errors.New("too long")
	}
	data := base58.Decode(s)
	switch {
	case len(data) == 0:
		return nil, errBase58
	case len(data) < 5:
		return nil, errors.New("too short")
	}
	data, sum := data[:len(data)-4], data[len(data)-4:]
	if want := checksum(data); subtle.ConstantTimeCompare(want[:], sum) != 1 {
		return nil, ErrChecksum
	}
	return data, nil
}

func checksum(data []byte) [4]byte {
	first := sha256.Sum256(data)
	second := sha256.Sum256(first[:])
	return [4]byte(second[:4])
}
