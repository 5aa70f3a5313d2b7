// Package wallet makes and keeps the mining key: one secp256k1 key whose public
// half names its owner on every pool and coin, and whose private half spends what
// they pay. What its owner keeps is a Secret: 12 words that the key is derived from,
// or the raw key. It writes them into encrypted files, writes and reads them as people
// have them (words, WIF, hex, BIP 38), and signs with the key.
//
// It leaves addresses and coins to wallet/coin, and transactions to the coins' own
// wallets. It starts no goroutine; a Key is a value, safe to copy and share. Errors
// never contain a private key or a passphrase. Where a key could be lost, because a
// file stands in the way, is damaged, or belongs to another key, nothing is written
// and the error says which of these it was.
package wallet

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"unique"

	"github.com/adit-mining/adit/wallet/bip38"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"
)

// ErrRange is in the error about 32 bytes that are no private key: zero, or not
// below the order of the curve.
var ErrRange = errors.New("not a secp256k1 private key")

// A Key is a private key with its public key, always used in compressed form.
// Two compare equal if they are the same key. The zero value is no key. Printing one,
// in whatever way, prints "(secret)"; Bytes and WIF are the only ways out.
type Key struct {
	// secret is 32 bytes, big-endian and in range. Package fmt prints a struct that
	// holds a Key unexported without asking the Key, and follows pointers to arrays,
	// but not this one to a string; and unlike a plain pointer it compares by what it
	// points to.
	secret unique.Handle[string]
	public [33]byte // SEC 1 compressed
}

// draws is how often NewKey asks for other bytes. A true source needs a second draw
// once in 2^127.
const draws = 16

// NewKey makes a key from 32 bytes of random, which is crypto/rand's if nil. It fails
// only if random does, or gives what no random source gives.
func NewKey(random io.Reader) (Key, error) {
	if random == nil {
		random = rand.Reader
	}
	var b [32]byte
	for range draws {
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return Key{}, fmt.Errorf("read random bytes: %w", err)
		}
		k, err := KeyFromBytes(b[:])
		if err == nil {
			return k, nil
		}
	}
	return Key{}, fmt.Errorf("random bytes are not random: %d times %w", draws, ErrRange)
}

// KeyFromBytes makes a key of its 32 bytes, most significant first. Bytes out of
// range are refused with ErrRange; reducing them, as libraries do, would make
// another key than its owner has on paper.
func KeyFromBytes(b []byte) (Key, error) {
	if len(b) != 32 {
		return Key{}, fmt.Errorf("%w: %d bytes instead of 32", ErrRange, len(b))
	}
	var scalar btcec.ModNScalar
	if overflow := scalar.SetByteSlice(b); overflow || scalar.IsZero() {
		return Key{}, fmt.Errorf("%w: the number is out of range", ErrRange)
	}
	private := btcec.PrivKeyFromScalar(&scalar)
	return Key{
		secret: unique.Make(string(b)),
		public: [33]byte(private.PubKey().SerializeCompressed()),
	}, nil
}

// PublicKey returns the compressed public key: 2 or 3, and x with all its leading
// zeros.
func (k Key) PublicKey() [33]byte { return k.public }

// PubKeyHash returns the hash160 of the compressed public key, the mining key's
// short name.
func (k Key) PubKeyHash() coin.PubKeyHash { return coin.HashPubKey(k.public[:]) }

// UncompressedPubKeyHash returns the hash160 of the uncompressed public key: what
// NOMP calls a mining key. Coins paid to it lie at addresses of their own, which the
// key spends, too.
func (k Key) UncompressedPubKeyHash() coin.PubKeyHash {
	public := k.uncompressed()
	return coin.HashPubKey(public[:])
}

// UncompressedMiningKey returns the uncompressed public key as 130 lower-case hex
// digits. It names the same key; pools of Adit want MiningKey.
func (k Key) UncompressedMiningKey() string {
	public := k.uncompressed()
	return hex.EncodeToString(public[:])
}

// uncompressed returns 4, x and y, each with all its leading zeros, and zeros for the
// zero Key.
func (k Key) uncompressed() [65]byte {
	public, err := btcec.ParsePubKey(k.public[:])
	if err != nil {
		return [65]byte{}
	}
	return [65]byte(public.SerializeUncompressed())
}

// MiningKey returns the public name of the key, to be given to pools: the
// compressed public key as 66 lower-case hex digits.
func (k Key) MiningKey() string { return hex.EncodeToString(k.public[:]) }

// Bytes returns the private key, most significant byte first, and zeros for the
// zero Key.
func (k Key) Bytes() [32]byte {
	if k.IsZero() {
		return [32]byte{}
	}
	return [32]byte([]byte(k.secret.Value()))
}

// BIP38 returns the key locked with the passphrase, for any wallet that opens BIP 38,
// whatever the coin. It takes a second, because the text is opened again before it is
// returned.
func (k Key) BIP38(passphrase string) (string, error) {
	if k.IsZero() {
		return "", errors.New("no key")
	}
	if passphrase == "" {
		return "", errors.New("a passphrase is needed")
	}
	text, err := bip38.Encrypt(k.Bytes(), true, passphrase)
	if err != nil {
		return "", fmt.Errorf("lock the key: %w", err)
	}
	return text, nil
}

// IsZero reports whether k is the zero value, which is no key.
func (k Key) IsZero() bool { return k == Key{} }

// Sign returns the signature of the message's SHA-256: ECDSA in DER, with the
// deterministic nonce of RFC 6979 and the lower s. It panics on the zero Key.
func (k Key) Sign(message []byte) []byte {
	private, _ := btcec.PrivKeyFromBytes([]byte(k.secret.Value()))
	hash := sha256.Sum256(message)
	return ecdsa.Sign(private, hash[:]).Serialize()
}

// secretText is what is printed instead of a key.
const secretText = "(secret)"

// String returns "(secret)".
func (k Key) String() string { return secretText }

// Format writes "(secret)" for every verb, %x, %+v and %#v among them.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, secretText) }

// LogValue returns "(secret)".
func (k Key) LogValue() slog.Value { return slog.StringValue(secretText) }

// MarshalText fails, so that no JSON or configuration gets a key by accident.
func (k Key) MarshalText() ([]byte, error) {
	return nil, errors.New("a private key is not to be marshalled")
}
