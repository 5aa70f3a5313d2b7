package pooltest

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
)

// Transactions makes up n transactions of a template, each with that many bytes and
// a fee of 1000. They are no transactions but for their ids: for fake daemons only.
func Transactions(n, size int) []map[string]any {
	all := make([]map[string]any, n)
	for i := range all {
		data := make([]byte, size)
		for at := 0; at+8 <= size; at += 8 {
			binary.LittleEndian.PutUint64(data[at:], uint64(i+1)*0x9e3779b97f4a7c15+uint64(at))
		}
		first := sha256.Sum256(data)
		id := sha256.Sum256(first[:])
		slices.Reverse(id[:])
		text := hex.EncodeToString(id[:])
		all[i] = map[string]any{
			"data": hex.EncodeToString(data), "txid": text, "hash": text,
			"depends": []int{}, "fee": 1000, "sigops": 4, "weight": 4 * size,
		}
	}
	return all
}
