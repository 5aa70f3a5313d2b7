package bip32

import (
	"encoding/binary"

	"github.com/adit-mining/adit/wallet/coin"
)

// PublicText returns the extended public key, which the program never makes, as the
// vectors have it.
func (k Key) PublicText() string {
	payload := append([]byte{k.its().depth}, k.its().parent[:]...)
	payload = binary.BigEndian.AppendUint32(payload, k.its().number)
	payload = append(append(payload, k.its().chain[:]...), k.its().public[:]...)
	return coin.EncodeBase58Check([]byte{0x04, 0x88, 0xb2, 0x1e}, payload)
}

// Chain returns the chain code, which with the public key is as good as a secret.
func (k Key) Chain() [32]byte { return k.its().chain }
