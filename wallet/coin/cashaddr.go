package coin

import (
	"errors"
	"fmt"
	"strings"

	"github.com/btcsuite/btcd/address/v2/bech32"
)

// CashAddr, the address form of Bitcoin Cash and eCash: prefix, colon, and then in
// groups of five bits a version byte, the hash, and a checksum of 40 bits.
// https://github.com/bitcoincashorg/bitcoincash.org/blob/master/spec/cashaddr.md

// cashCharset is bech32's alphabet: the character's place is its value.
const cashCharset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// Types in a CashAddr version byte, whose upper bits hold the type and whose lower
// three the size of the hash, zero for 20 bytes.
const (
	cashP2PKH = 0
	cashP2SH  = 1
)

// cashChecksumLength is in groups of five bits.
const cashChecksumLength = 8

func encodeCashAddr(prefix string, kind byte, hash [20]byte) string {
	data, err := bech32.ConvertBits(append([]byte{kind << 3}, hash[:]...), 8, 5, true)
	if err != nil {
		panic("coin: " + err.Error()) // bytes always have 8 bits
	}
	sum := cashPolymod(cashInput(prefix, append(data, make([]byte, cashChecksumLength)...)))
	for i := cashChecksumLength - 1; i >= 0; i-- {
		data = append(data, byte(sum>>(5*i))&31)
	}
	text := make([]byte, len(data))
	for i, d := range data {
		text[i] = cashCharset[d]
	}
	return prefix + ":" + string(text)
}

// decodeCashAddr reads s, which may lack the prefix, as an address with that prefix.
func decodeCashAddr(s, prefix string) (kind byte, hash [20]byte, err error) {
	if strings.ToLower(s) != s && strings.ToUpper(s) != s {
		return 0, hash, errors.New("upper and lower case letters are mixed")
	}
	s = strings.TrimPrefix(strings.ToLower(s), prefix+":")
	data := make([]byte, len(s))
	for i := range len(s) {
		value := strings.IndexByte(cashCharset, s[i])
		if value < 0 {
			return 0, hash, errors.New("a character that cashaddr does not have")
		}
		data[i] = byte(value)
	}
	if len(data) <= cashChecksumLength || cashPolymod(cashInput(prefix, data)) != 0 {
		return 0, hash, ErrChecksum
	}
	payload, err := bech32.ConvertBits(data[:len(data)-cashChecksumLength], 5, 8, false)
	if err != nil {
		return 0, hash, errors.New("bits are left over at its end")
	}
	if len(payload) != 1+len(hash) || payload[0]&^(cashP2SH<<3) != 0 {
		return 0, hash, fmt.Errorf("want the address of a key (%s:q...) or of a script (%s:p...) of 20 bytes", prefix, prefix)
	}
	return payload[0] >> 3, [20]byte(payload[1:]), nil
}

// cashInput is what the checksum is taken over: the low five bits of the prefix's
// letters, a zero for the colon, and the data.
func cashInput(prefix string, data []byte) []byte {
	in := make([]byte, 0, len(prefix)+1+len(data))
	for i := range len(prefix) {
		in = append(in, prefix[i]&31)
	}
	return append(append(in, 0), data...)
}

// cashPolymod is the BCH code of the specification; it is zero for data that ends
// in its right checksum.
func cashPolymod(in []byte) uint64 {
	generator := [5]uint64{0x98f2bc8e61, 0x79b76d99e2, 0xf33e5fb3c4, 0xae2eabe2a8, 0x1e4f43e470}
	sum := uint64(1)
	for _, d := range in {
		top := byte(sum >> 35)
		sum = (sum&0x07ffffffff)<<5 ^ uint64(d)
		for i, g := range generator {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	return sum ^ 1
}
