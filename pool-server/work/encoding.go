package work

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/adit-mining/adit/miners/pow"
)

// hash256 is Bitcoin's double SHA-256, in the order in which the bytes come out
// (the reverse of pow.Hash).
func hash256(b []byte) [32]byte {
	first := sha256.Sum256(b)
	return sha256.Sum256(first[:])
}

// appendCompactSize appends Bitcoin's variable length integer.
func appendCompactSize(b []byte, n uint64) []byte {
	switch {
	case n < 0xfd:
		return append(b, byte(n))
	case n <= 0xffff:
		return binary.LittleEndian.AppendUint16(append(b, 0xfd), uint16(n))
	case n <= 0xffffffff:
		return binary.LittleEndian.AppendUint32(append(b, 0xfe), uint32(n))
	}
	return binary.LittleEndian.AppendUint64(append(b, 0xff), n)
}

// appendHeight appends the push of height that BIP 34 wants at the start of a
// coinbase: OP_1 to OP_16 for the first blocks, as Bitcoin Core's CScript writes
// them, and a minimal little-endian script number above.
func appendHeight(b []byte, height int64) []byte {
	if height >= 1 && height <= 16 {
		return append(b, 0x50+byte(height))
	}
	var number []byte
	for n := height; n > 0; n >>= 8 {
		number = append(number, byte(n))
	}
	if len(number) > 0 && number[len(number)-1]&0x80 != 0 {
		number = append(number, 0) // the top bit would be the sign
	}
	return append(append(b, byte(len(number))), number...)
}

// appendPush appends a push of data, which must be shorter than 76 bytes.
func appendPush(b, data []byte) []byte {
	return append(append(b, byte(len(data))), data...)
}

// swapWords writes a previous block's hash in stratum's order: the bytes as
// hashed, but each group of four reversed.
func swapWords(h pow.Hash) [32]byte {
	out := h.Bytes()
	for i := 0; i < 32; i += 4 {
		out[i], out[i+1], out[i+2], out[i+3] = out[i+3], out[i+2], out[i+1], out[i]
	}
	return out
}
