// Package bip38 locks a private key with a passphrase into a short text that begins
// with 6P, and opens such texts (BIP 38), those made without knowing the key (EC
// multiply) among them. https://github.com/bitcoin/bips/blob/master/bip-0038.mediawiki
//
// Each call takes most of a second and 16 MiB: scrypt is there to make guessing slow.
// It keeps nothing and is safe for several goroutines. Errors never contain the text,
// the passphrase or the key.
package bip38

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"

	"github.com/adit-mining/adit/wallet/coin"
	"github.com/btcsuite/btcd/btcec/v2"
	"golang.org/x/crypto/scrypt"
	"golang.org/x/text/unicode/norm"
)

// Errors for callers that branch.
var (
	ErrFormat     = errors.New("not a private key in BIP 38")
	ErrPassphrase = errors.New("wrong passphrase") // or, once in 2^32, none notices that it is wrong
)

// Bytes at the beginning, and bits of the flags after them.
const (
	markKey      = 0x42 // a key was locked
	markMultiply = 0x43 // a passphrase was multiplied with somebody else's number

	flagKey        = 0xc0
	flagCompressed = 0x20
	flagLot        = 0x04
)

// Size of the texts' payload, and of the texts.
const (
	payloadSize = 39
	TextLength  = 58
)

// Looks reports whether text looks like one, so that a passphrase is to be asked for.
func Looks(text string) bool {
	return len(text) == TextLength && strings.HasPrefix(text, "6P")
}

// Encrypt locks secret, a private key in range, with the passphrase, of which the
// Unicode form does not matter (NFC). A wallet that opens it uses the compressed
// public key if compressed is true. The text is opened again before it is returned.
func Encrypt(secret [32]byte, compressed bool, passphrase string) (string, error) {
	hash, err := addressHash(secret[:], compressed)
	if err != nil {
		return "", err
	}
	one, two, err := halves(passphrase, hash)
	if err != nil {
		return "", err
	}
	flags := byte(flagKey)
	if compressed {
		flags |= flagCompressed
	}
	payload := append([]byte{1, markKey, flags}, hash[:]...)
	payload = append(payload, lock(two, secret[:16], one[:16])...)
	payload = append(payload, lock(two, secret[16:], one[16:])...)
	text := coin.EncodeBase58Check(nil, payload)
	back, backCompressed, err := Decrypt(text, passphrase)
	if err != nil || back != secret || backCompressed != compressed {
		return "", errors.New("what was locked does not open again")
	}
	return text, nil
}

// Decrypt opens text. The error has ErrPassphrase if the passphrase is another one,
// and ErrFormat if it is no such text, or was mistyped.
func Decrypt(text, passphrase string) (secret [32]byte, compressed bool, err error) {
	payload, err := coin.DecodeBase58Check(strings.TrimSpace(text))
	switch {
	case err != nil:
		return secret, false, fmt.Errorf("%w: %w", ErrFormat, err)
	case len(payload) != payloadSize || payload[0] != 1:
		return secret, false, fmt.Errorf("%w: the version or the length is of something else", ErrFormat)
	}
	mark, flags, hash := payload[1], payload[2], [4]byte(payload[3:7])
	compressed = flags&flagCompressed != 0
	var key []byte
	switch {
	case mark == markKey && flags&^flagCompressed == flagKey:
		key, err = openKey(payload[7:], hash, passphrase)
	case mark == markMultiply && flags&^(flagCompressed|flagLot) == 0:
		key, err = openMultiplied(payload[7:], hash, flags&flagLot != 0, passphrase)
	default:
		err = fmt.Errorf("%w: the marks at its beginning are of something else", ErrFormat)
	}
	if err != nil {
		return secret, false, err
	}
	if got, err := addressHash(key, compressed); err != nil || subtle.ConstantTimeCompare(got[:], hash[:]) != 1 {
		return secret, false, ErrPassphrase
	}
	return [32]byte(key), compressed, nil
}

// openKey opens what Encrypt locked.
func openKey(locked []byte, hash [4]byte, passphrase string) ([]byte, error) {
	one, two, err := halves(passphrase, hash)
	if err != nil {
		return nil, err
	}
	return append(open(two, locked[:16], one[:16]), open(two, locked[16:], one[16:])...), nil
}

// openMultiplied opens what was made of an intermediate passphrase code.
func openMultiplied(locked []byte, hash [4]byte, lot bool, passphrase string) ([]byte, error) {
	ownerEntropy := locked[:8] // of which with lot the last four are the lot's
	ownerSalt := ownerEntropy
	if lot {
		ownerSalt = ownerEntropy[:4]
	}
	factor, err := scrypt.Key([]byte(norm.NFC.String(passphrase)), ownerSalt, 16384, 8, 8, 32)
	if err != nil {
		return nil, err
	}
	if lot {
		factor = doubleSHA256(append(factor, ownerEntropy...))
	}
	var pass btcec.ModNScalar
	if overflow := pass.SetByteSlice(factor); overflow || pass.IsZero() {
		return nil, ErrPassphrase
	}
	point := btcec.PrivKeyFromScalar(&pass).PubKey().SerializeCompressed()
	derived, err := scrypt.Key(point, append(hash[:], ownerEntropy...), 1024, 1, 1, 64)
	if err != nil {
		return nil, err
	}
	one, two := derived[:32], derived[32:]
	second := open(two, locked[16:], one[16:]) // the rest of the first part, then of the seed
	first := open(two, append(bytes.Clone(locked[8:16]), second[:8]...), one[:16])
	seed := append(first, second[8:]...)
	var b btcec.ModNScalar
	if overflow := b.SetByteSlice(doubleSHA256(seed)); overflow || b.IsZero() {
		return nil, ErrPassphrase
	}
	b.Mul(&pass)
	key := b.Bytes()
	return key[:], nil
}

// halves derives from a passphrase what blinds the key and what locks it.
func halves(passphrase string, salt [4]byte) (one, two []byte, err error) {
	derived, err := scrypt.Key([]byte(norm.NFC.String(passphrase)), salt[:], 16384, 8, 8, 64)
	if err != nil {
		return nil, nil, err
	}
	return derived[:32], derived[32:], nil
}

// addressHash is the salt and the check: of the key's old address of Bitcoin,
// whatever the coin.
func addressHash(secret []byte, compressed bool) (hash [4]byte, err error) {
	var scalar btcec.ModNScalar
	if overflow := scalar.SetByteSlice(secret); overflow || scalar.IsZero() {
		return hash, errors.New("not a secp256k1 private key")
	}
	public := btcec.PrivKeyFromScalar(&scalar).PubKey()
	serialised := public.SerializeUncompressed()
	if compressed {
		serialised = public.SerializeCompressed()
	}
	h := coin.HashPubKey(serialised)
	return [4]byte(doubleSHA256([]byte(coin.EncodeBase58Check([]byte{0}, h[:])))), nil
}

func doubleSHA256(b []byte) []byte {
	first := sha256.Sum256(b)
	second := sha256.Sum256(first[:])
	return second[:]
}

// lock encrypts one block, blinded; open does the reverse.
func lock(key, block, blind []byte) []byte {
	out := make([]byte, aes.BlockSize)
	subtle.XORBytes(out, block, blind)
	newCipher(key).Encrypt(out, out)
	return out
}

func open(key, block, blind []byte) []byte {
	out := make([]byte, aes.BlockSize)
	newCipher(key).Decrypt(out, block)
	subtle.XORBytes(out, out, blind)
	return out
}

func newCipher(key []byte) cipher.Block {
	c, err := aes.NewCipher(key)
	if err != nil {
		panic("bip38: " + err.Error()) // a key always has 32 bytes here
	}
	return c
}
