// Package bip32 derives private keys from a seed (BIP 32), along paths as BIP 44, 49
// and 84 name them. https://github.com/bitcoin/bips/blob/master/bip-0032.mediawiki
//
// It knows private keys only. A public extended key and any one private key below it
// that is not hardened give away the private key above, so none is ever made here.
// Words become seeds in bip39; coins and addresses are wallet/coin's. Keys are values
// that print "(secret)" and can be shared; errors never contain one.
package bip32

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/wallet/coin"
	"github.com/btcsuite/btcd/btcec/v2"
)

// Hardened is added to the number of a child whose key its parent's public key
// cannot lead to; it is the ' in a path.
const Hardened uint32 = 1 << 31

// ErrNoKey is in the error about a seed or a number that has no key. That happens
// once in 2^127: take the next number.
var ErrNoKey = errors.New("no key is derived here")

// ErrFormat is in the error about a text that is no extended private key.
var ErrFormat = errors.New("not an extended private key")

// A Key is an extended private key. The zero value is none, and has no methods but
// those that print it.
type Key struct {
	// at leads to a pointer, because package fmt follows one to a struct for verbs that
	// do not fit, even where the Key itself is never asked.
	at **extended
}

type extended struct {
	depth  byte
	parent [4]byte // fingerprint
	number uint32
	chain  [32]byte
	secret btcec.ModNScalar
	public [33]byte
}

// Master returns the key at "m" of a seed of 16 to 64 bytes.
func Master(seed []byte) (Key, error) {
	if len(seed) < 16 || len(seed) > 64 {
		return Key{}, fmt.Errorf("a seed of %d bytes: want 16 to 64", len(seed))
	}
	mac := hmac.New(sha512.New, []byte("Bitcoin seed"))
	mac.Write(seed)
	sum := mac.Sum(nil)
	var secret btcec.ModNScalar
	if overflow := secret.SetByteSlice(sum[:32]); overflow || secret.IsZero() {
		return Key{}, ErrNoKey
	}
	return keyOf(&extended{chain: [32]byte(sum[32:]), secret: secret, public: public(&secret)}), nil
}

func keyOf(e *extended) Key { return Key{&e} }

func (k Key) its() *extended { return *k.at }

func public(secret *btcec.ModNScalar) [33]byte {
	return [33]byte(btcec.PrivKeyFromScalar(secret).PubKey().SerializeCompressed())
}

// Child returns the key with that number below k; Hardened is part of the number.
func (k Key) Child(number uint32) (Key, error) {
	if k.its().depth == 255 {
		return Key{}, fmt.Errorf("%w: there are 255 keys above it", ErrNoKey)
	}
	mac := hmac.New(sha512.New, k.its().chain[:])
	if number >= Hardened {
		secret := k.its().secret.Bytes()
		mac.Write([]byte{0})
		mac.Write(secret[:])
	} else {
		mac.Write(k.its().public[:])
	}
	mac.Write(binary.BigEndian.AppendUint32(nil, number))
	sum := mac.Sum(nil)
	var secret btcec.ModNScalar
	if overflow := secret.SetByteSlice(sum[:32]); overflow {
		return Key{}, ErrNoKey
	}
	if secret.Add(&k.its().secret); secret.IsZero() {
		return Key{}, ErrNoKey
	}
	above := coin.HashPubKey(k.its().public[:])
	return keyOf(&extended{
		depth: k.its().depth + 1, parent: [4]byte(above[:4]), number: number,
		chain: [32]byte(sum[32:]), secret: secret, public: public(&secret),
	}), nil
}

// Derive returns the key at the end of path, seen from k: "m/84'/0'/0'/0/0".
func (k Key) Derive(path string) (Key, error) {
	numbers, err := ParsePath(path)
	if err != nil {
		return Key{}, err
	}
	for _, n := range numbers {
		if k, err = k.Child(n); err != nil {
			return Key{}, err
		}
	}
	return k, nil
}

// ParsePath returns the numbers in a path, which begins with m; hardened ones have a
// ' or an h behind them.
func ParsePath(path string) ([]uint32, error) {
	first, rest, more := strings.Cut(path, "/")
	if first != "m" {
		return nil, errors.New("a path begins with m")
	}
	if !more {
		return nil, nil
	}
	var numbers []uint32
	for _, part := range strings.Split(rest, "/") {
		digits := strings.TrimRight(part, "'h")
		if len(part)-len(digits) > 1 || digits == "" || digits[0] == '+' {
			return nil, fmt.Errorf("%q in a path: want a number, with a ' if it is hardened", part)
		}
		n, err := strconv.ParseUint(digits, 10, 31)
		if err != nil {
			return nil, fmt.Errorf("%q in a path: want a number below 2147483648, with a ' if it is hardened", part)
		}
		if digits != part {
			n += uint64(Hardened)
		}
		numbers = append(numbers, uint32(n))
	}
	return numbers, nil
}

// Bytes returns the private key, most significant byte first.
func (k Key) Bytes() [32]byte { return k.its().secret.Bytes() }

// Versions of extended private keys: what a wallet is to make of the keys below.
const (
	VersionXprv uint32 = 0x0488ade4 // P2PKH, or anything
	VersionTprv uint32 = 0x04358394 // the same on a test network
	VersionYprv uint32 = 0x049d7878 // P2SH-P2WPKH
	VersionZprv uint32 = 0x04b2430c // P2WPKH
	VersionUprv uint32 = 0x044a4e28 // P2SH-P2WPKH on a test network
	VersionVprv uint32 = 0x045f18bc // P2WPKH on a test network
)

// Text returns k as wallets write it, base58check: secret.
func (k Key) Text(version uint32) string {
	secret := k.its().secret.Bytes()
	payload := append([]byte{k.its().depth}, k.its().parent[:]...)
	payload = binary.BigEndian.AppendUint32(payload, k.its().number)
	payload = append(payload, k.its().chain[:]...)
	payload = append(append(payload, 0), secret[:]...)
	return coin.EncodeBase58Check(binary.BigEndian.AppendUint32(nil, version), payload)
}

// Parse reads what Text wrote. Extended public keys are refused.
func Parse(text string) (k Key, version uint32, err error) {
	payload, err := coin.DecodeBase58Check(strings.TrimSpace(text))
	if err != nil {
		return Key{}, 0, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	if len(payload) != 78 {
		return Key{}, 0, fmt.Errorf("%w: the length is of something else", ErrFormat)
	}
	version = binary.BigEndian.Uint32(payload)
	switch version {
	case VersionXprv, VersionTprv, VersionYprv, VersionZprv, VersionUprv, VersionVprv:
	default:
		return Key{}, 0, fmt.Errorf("%w: the version is of something else", ErrFormat)
	}
	e := &extended{
		depth: payload[4], parent: [4]byte(payload[5:9]), number: binary.BigEndian.Uint32(payload[9:13]),
		chain: [32]byte(payload[13:45]),
	}
	overflow := e.secret.SetByteSlice(payload[46:])
	switch {
	case payload[45] != 0:
		return Key{}, 0, fmt.Errorf("%w: the key in it is a public one", ErrFormat)
	case overflow || e.secret.IsZero():
		return Key{}, 0, fmt.Errorf("%w: the number is out of range", ErrFormat)
	case e.depth == 0 && (e.parent != [4]byte{} || e.number != 0):
		return Key{}, 0, fmt.Errorf("%w: the first key has no key above it", ErrFormat)
	}
	e.public = public(&e.secret)
	return keyOf(e), version, nil
}

const secretText = "(secret)"

// String returns "(secret)".
func (k Key) String() string { return secretText }

// Format writes "(secret)" for every verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, secretText) }

// LogValue returns "(secret)".
func (k Key) LogValue() slog.Value { return slog.StringValue(secretText) }

// MarshalText fails, so that no JSON gets a key by accident.
func (k Key) MarshalText() ([]byte, error) {
	return nil, errors.New("a private key is not to be marshalled")
}
