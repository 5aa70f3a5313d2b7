package coin

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/btcsuite/btcd/btcec/v2"
)

// ErrPrivateKey is in the error of ParseAccount when the text seems to be a private
// key. Then it must not be logged or shown to anybody.
var ErrPrivateKey = errors.New("this looks like a private key, which must never be sent to anybody: use the mining key (66 hex digits) or an address")

// An Account is who is paid: a mining key, on any coin, or an address of one
// coin. Accounts compare with == and can be keys of a map; the zero value is
// nobody.
type Account struct {
	name  string
	hash  PubKeyHash // if isKey
	isKey bool
}

// KeyAccount returns the account of the mining key with that hash.
func KeyAccount(h PubKeyHash) Account {
	return Account{name: h.String(), hash: h, isKey: true}
}

// ParseAccount reads who a miner says he mines for: a mining key as 66 hex digits
// (the compressed public key) or 40 (its hash160), both naming the same account, or
// an address of n. What could not be paid safely is refused now rather than at
// payout time. The error tells the miner what to change and never repeats s; if
// errors.Is finds ErrPrivateKey in it, s is to be forgotten.
func (n *Network) ParseAccount(s string) (Account, error) {
	if b, err := hex.DecodeString(s); err == nil {
		switch len(b) {
		case 20:
			return accountOfHash(PubKeyHash(b))
		case 33:
			return accountOfKey(b)
		case 65:
			return Account{}, errors.New("this is an uncompressed public key: use the compressed one, 66 hex digits that begin with 02 or 03")
		}
	}
	if s == "" {
		return Account{}, errors.New("the user name is empty: use your mining key or a " + n.String() + " address")
	}
	a, err := n.ParsePayable(s)
	switch {
	case errors.Is(err, ErrPrivateKey), errors.Is(err, errUnguarded), errors.Is(err, ErrEthereum):
		return Account{}, err
	case err != nil:
		return Account{}, fmt.Errorf("%w, or your mining key (40 or 66 hex digits)", err)
	}
	return Account{name: a.String()}, nil
}

// What a text can be instead of an address.
var (
	ErrMiningKey = errors.New("this is a mining key and not an address")
	ErrEthereum  = errors.New("this is an address of the Ethereum family")
)

var errUnguarded = errors.New("anybody could take the coins")

// ParsePayable reads an address of n that coins are to be paid to. Beyond what
// ParseAddress refuses, it refuses an address that nobody is known to own, a mining
// key (ErrMiningKey), one of Ethereum (ErrEthereum), and what must not be shown around
// (ErrPrivateKey). The error tells the person who typed s what to change and never
// repeats s.
func (n *Network) ParsePayable(s string) (Address, error) {
	switch b, err := hex.DecodeString(s); {
	case err == nil && (len(b) == 20 || len(b) == 33 || len(b) == 65):
		return Address{}, fmt.Errorf("%w; %s", ErrMiningKey, n.want())
	case looksSecret(s):
		return Address{}, ErrPrivateKey
	case len(s) == 42 && strings.HasPrefix(strings.ToLower(s), "0x"):
		return Address{}, fmt.Errorf("%w; %s", ErrEthereum, n.want())
	}
	a, err := n.ParseAddress(s)
	switch {
	case err != nil:
		return Address{}, err
	case a.Kind() == KindWitnessUnknown:
		return Address{}, fmt.Errorf("nobody owns an address of this witness version yet, so %w; %s", errUnguarded, n.want())
	case a.Kind() == KindP2TR && !n.Coin.Taproot:
		return Address{}, fmt.Errorf("it is not known here that %s guards taproot addresses: perhaps %w; %s", n.Coin, errUnguarded, n.want())
	}
	return a, nil
}

func accountOfHash(h PubKeyHash) (Account, error) {
	if h == (PubKeyHash{}) {
		return Account{}, errors.New("forty zeros are nobody's key: use your mining key")
	}
	return KeyAccount(h), nil
}

func accountOfKey(b []byte) (Account, error) {
	// A hash is paid to whatever it is the hash of. So a mistyped key must be
	// noticed here, where half of all typing errors are off the curve.
	if _, err := btcec.ParsePubKey(b); err != nil {
		return Account{}, errors.New("these 66 hex digits are not a public key: look for a mistyped or lost digit")
	}
	return KeyAccount(HashPubKey(b)), nil
}

// looksSecret reports whether s has the shape of a private key, mistyped perhaps:
// 64 hex digits, WIF (51 or 52 characters), BIP 38 (58), an extended private key, or
// many words. Nothing that names an account has one of these shapes.
func looksSecret(s string) bool {
	const (
		hexDigits = "0123456789abcdefABCDEF"
		base58    = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
		fewWords  = 11
	)
	n := len(s)
	switch {
	case n >= 62 && n <= 65 && strings.Trim(s, hexDigits) == "":
		return true
	case n >= 49 && n <= 60 && strings.Trim(s, base58) == "":
		return true
	}
	return n > 100 && s[1:4] == "prv" || len(strings.Fields(s)) > fewWords
}

// String returns the one name of a in logs, ledger and API: 40 lower-case hex
// digits for a mining key, else the address's canonical text. ParseAccount reads
// it back.
func (a Account) String() string { return a.name }

// PubKeyHash returns the mining key's hash; ok is false if a is an address.
func (a Account) PubKeyHash() (h PubKeyHash, ok bool) { return a.hash, a.isKey }

// Address returns where a is paid on n. It fails if a is an address, and not one
// of n.
func (a Account) Address(n *Network) (Address, error) {
	switch {
	case a.isKey:
		return n.PayoutAddress(a.hash), nil
	case a.name == "":
		return Address{}, errors.New("no account")
	}
	return n.ParseAddress(a.name)
}

// SplitWorker parts a stratum user name at its first point: "KEY.rig1" is the
// account KEY and the worker rig1. Without a point the worker is "". Neither is
// checked.
func SplitWorker(user string) (account, worker string) {
	account, worker, _ = strings.Cut(user, ".")
	return account, worker
}
