package wallet

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"time"
	"unique"

	"github.com/adit-mining/adit/wallet/bip32"
	"github.com/adit-mining/adit/wallet/bip39"
)

// A Secret is what its owner keeps on paper: words, from which any number of keys are
// derived, or one raw key. Two compare equal if they are the same words or the same
// key. The zero value is none. Like a Key it prints "(secret)" in whatever way.
type Secret struct {
	// words are separated by a space; after a newline comes the seed that follows from
	// them, which takes most of the time of deriving a key. See Key on why it is a handle,
	// and of a string: package fmt follows pointers to structs for a verb like %s.
	words unique.Handle[string]
	key   Key
}

// Kinds of secret.
const (
	KindWords = "words"
	KindKey   = "key"
)

// newWords is how many bytes make a new secret's words: twelve of them. Longer ones
// guard no better a key whose own strength is 128 bits.
const newWords = 16

// pathFormat is where an ordinary wallet of Bitcoin (BIP 84) has its addresses, so
// that any of them shows from the same words the hash of the mining key as that of
// its first one: a backup can be proved without Adit.
const pathFormat = "m/84'/0'/0'/0/"

// NewSecret makes 12 words of random, which is crypto/rand's if nil.
func NewSecret(random io.Reader) (Secret, error) {
	if random == nil {
		random = rand.Reader
	}
	entropy := make([]byte, newWords)
	for range draws {
		if _, err := io.ReadFull(random, entropy); err != nil {
			return Secret{}, fmt.Errorf("read random bytes: %w", err)
		}
		if same(entropy) {
			continue // once in 2^120, or the source is broken
		}
		words, err := bip39.New(entropy)
		if err != nil {
			return Secret{}, err
		}
		return secretOf(words)
	}
	return Secret{}, errors.New("random bytes are not random: they are all the same")
}

func same(b []byte) bool {
	for _, other := range b {
		if other != b[0] {
			return false
		}
	}
	return true
}

// SecretFromWords returns the secret of 12, 15, 18, 21 or 24 English words in any case
// and spacing. The error is or wraps a *bip39.Error that says what is wrong with them.
func SecretFromWords(text string) (Secret, error) {
	words, err := bip39.Parse(text)
	if err != nil {
		return Secret{}, err
	}
	return secretOf(words)
}

// secretOf makes sure that the words have a first key: once in 2^125 some have none.
func secretOf(words []string) (Secret, error) {
	text := strings.Join(words, " ")
	s := Secret{words: unique.Make(text + "\n" + string(bip39.Seed(text, "")))}
	if _, err := s.Key(0); err != nil {
		return Secret{}, err
	}
	return s, nil
}

// SecretFromKey returns the secret that is one raw key.
func SecretFromKey(k Key) Secret { return Secret{key: k} }

// IsZero reports whether s is the zero value, which is no secret.
func (s Secret) IsZero() bool { return s == Secret{} }

// Kind returns KindWords or KindKey, and "" for the zero Secret.
func (s Secret) Kind() string {
	switch {
	case s.words != (unique.Handle[string]{}):
		return KindWords
	case !s.key.IsZero():
		return KindKey
	}
	return ""
}

// Words returns the words, and nil for a raw key.
func (s Secret) Words() []string {
	if s.Kind() != KindWords {
		return nil
	}
	text, _, _ := strings.Cut(s.words.Value(), "\n")
	return strings.Fields(text)
}

// Path returns the derivation path of a key: "m/84'/0'/0'/0/0"; "" for a raw key.
func (s Secret) Path(index uint32) string {
	if s.Kind() != KindWords {
		return ""
	}
	return pathFormat + strconv.FormatUint(uint64(index), 10)
}

// Key returns the key with that index. A raw key is the only one of its secret, with
// index 0. It takes milliseconds for words.
func (s Secret) Key(index uint32) (Key, error) {
	switch s.Kind() {
	case KindKey:
		if index != 0 {
			return Key{}, errors.New("a raw key has no further keys")
		}
		return s.key, nil
	case KindWords:
	default:
		return Key{}, errors.New("no secret")
	}
	if index >= bip32.Hardened {
		return Key{}, fmt.Errorf("index %d: want one below %d", index, bip32.Hardened)
	}
	_, seed, _ := strings.Cut(s.words.Value(), "\n")
	master, err := bip32.Master([]byte(seed))
	if err != nil {
		return Key{}, fmt.Errorf("derive the key: %w", err)
	}
	derived, err := master.Derive(s.Path(index))
	if err != nil {
		return Key{}, fmt.Errorf("derive the key: %w", err)
	}
	b := derived.Bytes()
	return KeyFromBytes(b[:])
}

// String returns "(secret)".
func (s Secret) String() string { return secretText }

// Format writes "(secret)" for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, secretText) }

// LogValue returns "(secret)".
func (s Secret) LogValue() slog.Value { return slog.StringValue(secretText) }

// MarshalText fails, so that no JSON or configuration gets a secret by accident.
func (s Secret) MarshalText() ([]byte, error) {
	return nil, errors.New("a secret is not to be marshalled")
}

// A Keyring is a secret, which of its keys is in use, and since when.
type Keyring struct {
	Secret Secret
	Index  uint32 // 0 for a raw key
	// Created is the key's birthday, before which no wallet has to look for coins, in
	// UTC and whole seconds. Zero means that nobody knows; files then say that it is as
	// old as Bitcoin, for a birthday that is too late hides coins.
	Created time.Time
}

// Key returns the key in use, and the zero Key if there is none.
func (r Keyring) Key() Key {
	k, err := r.Secret.Key(r.Index)
	if err != nil {
		return Key{}
	}
	return k
}

// Path returns the derivation path of the key in use, "" for a raw key.
func (r Keyring) Path() string { return r.Secret.Path(r.Index) }

// firstBlock is the time of Bitcoin's: no coin is older, so a key of unknown age
// can have no coin from before.
var firstBlock = time.Date(2009, time.January, 3, 0, 0, 0, 0, time.UTC)

// birthday is Created as files have it.
func (r Keyring) birthday() time.Time {
	if r.Created.IsZero() {
		return firstBlock
	}
	return r.Created.UTC().Truncate(time.Second)
}

// covers reports whether whoever has r's secret has other's key in use, too, and
// knows no less than before.
func (r Keyring) covers(other Keyring) bool {
	return r.Key() == other.Key() && (r.Secret == other.Secret || other.Secret.Kind() == KindKey)
}
