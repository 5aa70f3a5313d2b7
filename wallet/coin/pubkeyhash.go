package coin

import (
	"crypto/sha256"
	"encoding/hex"

	//lint:ignore SA1019 the coins' addresses are made with it; nothing else here uses it
	"golang.org/x/crypto/ripemd160"
)

// A PubKeyHash is the hash160 of a compressed secp256k1 public key, of 33 bytes:
// the short public name of a mining key, and what most coins' addresses hold.
type PubKeyHash [20]byte

// String returns 40 lower-case hex digits.
func (h PubKeyHash) String() string { return hex.EncodeToString(h[:]) }

// HashPubKey returns the hash160 of a public key as serialised, RIPEMD-160 of
// SHA-256. It does not look whether the key is one.
func HashPubKey(serialised []byte) PubKeyHash { return hash160(serialised) }

func hash160(data []byte) [20]byte {
	first := sha256.Sum256(data)
	second := ripemd160.New()
	second.Write(first[:])
	return [20]byte(second.Sum(nil))
}
