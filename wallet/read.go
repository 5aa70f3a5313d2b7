package wallet

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/adit-mining/adit/wallet/bip32"
	"github.com/adit-mining/adit/wallet/bip38"
	"github.com/adit-mining/adit/wallet/bip39"
	"github.com/adit-mining/adit/wallet/coin"
)

// Errors of Read, for callers that branch. ErrPassphrase, ErrDamaged, ErrNewer,
// ErrForeign, ErrWIF, ErrRange, bip38.ErrFormat and *bip39.Error are others.
var (
	ErrPassphraseNeeded = errors.New("a passphrase is needed")
	// ErrPublic says that the text is no secret at all.
	ErrPublic = errors.New("this is public and opens nothing")
	// ErrUnknown says that the text is no secret in any form that is read here.
	ErrUnknown = errors.New("want 12 or 24 words, a private key (WIF, 64 hex digits, or BIP 38, which begins with 6P), or a key file")
)

// Kinds of Reading.
const (
	ReadWords   = "words"
	ReadWIF     = "wif"
	ReadHex     = "hex"
	ReadBIP38   = "bip38"
	ReadKeyFile = "keyfile"
)

// A Reading is what a text says that somebody has kept.
type Reading struct {
	Kind    string // ReadWords and so on
	Keyring Keyring
	// Compressed is false if a wallet has the key's coins at addresses of its
	// uncompressed public key. Hex digits do not say it; NOMP's are of that kind, too.
	Compressed bool
	Networks   []*coin.Network // whose WIF it is; nil for all else
}

// longestText is more than any secret takes: the armour of a key file.
const longestText = maxKeyFile

// Read reads a secret in whatever form its owner has it: words, WIF, 64 hex digits,
// BIP 38 and the text of a key file (both with the passphrase), in any case where case
// does not matter, and with any spaces. Errors tell what is wrong, and never repeat the
// text.
func Read(text, passphrase string) (Reading, error) {
	if len(text) > longestText {
		return Reading{}, fmt.Errorf("%w: the text is too long", ErrUnknown)
	}
	if isKeyFile(text) {
		return readKeyFile(text, passphrase)
	}
	s, wordsErr := SecretFromWords(text)
	if wordsErr == nil {
		return Reading{Kind: ReadWords, Keyring: Keyring{Secret: s}, Compressed: true}, nil
	}
	joined := strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' }), "")
	if k, form, err := DecodeWIF(joined); err == nil {
		return Reading{ReadWIF, Keyring{Secret: SecretFromKey(k)}, form.Compressed, form.Networks}, nil
	}
	switch digits := strings.TrimPrefix(strings.ToLower(joined), "0x"); {
	case bip38.Looks(joined):
		return readBIP38(joined, passphrase)
	case len(digits) == 64 && isHex(digits):
		return readHex(digits)
	case len(digits) == 40 && isHex(digits), (len(digits) == 66 || len(digits) == 130) && isHex(digits):
		return Reading{}, fmt.Errorf("%w: it looks like a mining key", ErrPublic)
	case looksLikeWords(text):
		return Reading{}, wordsErr
	}
	return Reading{}, explain(joined)
}

func isHex(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil
}

func isKeyFile(text string) bool {
	return isArmoured(text) || strings.HasPrefix(text, "age-encryption.org/")
}

func readKeyFile(text, passphrase string) (Reading, error) {
	if passphrase == "" {
		return Reading{}, ErrPassphraseNeeded
	}
	r, _, err := open([]byte(text), passphrase)
	if err != nil {
		return Reading{}, err
	}
	return Reading{Kind: ReadKeyFile, Keyring: r, Compressed: true}, nil
}

func readBIP38(text, passphrase string) (Reading, error) {
	if _, err := coin.DecodeBase58Check(text); err != nil { // before anybody is asked for a passphrase
		return Reading{}, fmt.Errorf("%w: %w", bip38.ErrFormat, err)
	}
	if passphrase == "" {
		return Reading{}, ErrPassphraseNeeded
	}
	secret, compressed, err := bip38.Decrypt(text, passphrase)
	switch {
	case errors.Is(err, bip38.ErrPassphrase):
		return Reading{}, ErrPassphrase
	case err != nil:
		return Reading{}, err
	}
	k, err := KeyFromBytes(secret[:])
	if err != nil {
		return Reading{}, err
	}
	return Reading{Kind: ReadBIP38, Keyring: Keyring{Secret: SecretFromKey(k)}, Compressed: compressed}, nil
}

func readHex(digits string) (Reading, error) {
	b, err := hex.DecodeString(digits)
	if err != nil {
		return Reading{}, ErrUnknown
	}
	k, err := KeyFromBytes(b)
	if err != nil {
		return Reading{}, err
	}
	return Reading{Kind: ReadHex, Keyring: Keyring{Secret: SecretFromKey(k)}, Compressed: true}, nil
}

// looksLikeWords reports whether at least half of the words in text are in the list,
// or it can be nothing else.
func looksLikeWords(text string) bool {
	words := bip39.Split(text)
	known := 0
	for _, w := range words {
		if bip39.Known(w) {
			known++
		}
	}
	return known > 0 && known*2 >= len(words) || len(words) >= 9 && !strings.ContainsFunc(text, unicode.IsDigit)
}

// explain says what a text is that is no secret.
func explain(text string) error {
	if _, _, err := bip32.Parse(text); err == nil {
		return fmt.Errorf("%w; an extended private key is not read", ErrUnknown)
	}
	for _, c := range coin.All() {
		for _, n := range c.Networks() {
			if _, err := n.ParseAddress(text); err == nil {
				return fmt.Errorf("%w: it is an address of %s", ErrPublic, n)
			}
		}
	}
	if _, _, err := DecodeWIF(text); len(text) >= 50 && len(text) <= 54 {
		if typo := findTypo(text); typo != nil {
			return typo
		}
		return err
	}
	return ErrUnknown
}
