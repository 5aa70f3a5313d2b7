package bip32

import (
	"encoding/binary"

	"github.com/adit-mining/adit/wallet/coin"
)

// PublicText returns the extended public key, which the program never makes, as the
// vectors have it.
func (k Key) PublicText() string {
	payload := append([]byte{k.at.depth}, k.at.parent[:]...)
	payload = binary.BigEndian.AppendUint32(payload, k.at.number)
	payload = append(append(payload, k.at.chain[:]...), k.at.public[:]...)
	return coin.EncodeBase58Check([]byte{0x04, 0x88, 0xb2, 0x1e}, payload)
}
