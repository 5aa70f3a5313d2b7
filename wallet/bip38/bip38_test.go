package bip38_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adit-mining/adit/wallet/bip38"
	"github.com/adit-mining/adit/wallet/coin"
	"golang.org/x/crypto/scrypt"
)

// read reads published vectors; each file in testdata names its source.
func read[T any](t testing.TB, name string) (v T) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}

// long says to leave nothing out: make wallet-long.
var long = os.Getenv("ADIT_WALLET_LONG") != ""

type vector struct {
	Section, Passphrase, Encrypted, WIF string
	Compressed                          bool
	Multiply                            bool   `json:"ec_multiply"`
	NFC                                 string `json:"passphrase_nfc_utf8_hex"`
	Key                                 string `json:"private_key_hex"`
}

func vectors(t testing.TB) []vector {
	all := read[struct{ Vectors []vector }](t, "bip38.json").Vectors
	if len(all) != 9 {
		t.Fatalf("%d vectors, want 9", len(all))
	}
	return all
}

// secret returns the vector's private key.
func (v vector) secret(t testing.TB) [32]byte {
	t.Helper()
	payload, err := coin.DecodeBase58Check(v.WIF)
	if err != nil || len(payload) < 33 {
		t.Fatalf("%s: %v", v.WIF, err)
	}
	secret := [32]byte(payload[1:33])
	if v.Key != "" && hex.EncodeToString(secret[:]) != v.Key {
		t.Fatalf("%s is not %s", v.WIF, v.Key)
	}
	return secret
}

// TestThePublishedTextsOpen has keys of both kinds, locked with and without the key
// being known, and a passphrase that is not in its normal form and holds a zero.
func TestThePublishedTextsOpen(t *testing.T) {
	for _, v := range vectors(t) {
		t.Run(v.Encrypted, func(t *testing.T) {
			t.Parallel()
			secret, compressed, err := bip38.Decrypt(v.Encrypted, v.Passphrase)
			if err != nil || secret != v.secret(t) || compressed != v.Compressed {
				t.Errorf("%s: compressed %v, %v", v.Section, compressed, err)
			}
			if !bip38.Looks(v.Encrypted) {
				t.Error("it does not look like one")
			}
		})
	}
}

func TestKeysAreLockedAsPublished(t *testing.T) {
	for i, v := range vectors(t) {
		if v.Multiply {
			continue // nobody can lock a given key so
		}
		if !long && i != 2 && i != 3 {
			continue // time
		}
		t.Run(v.Encrypted, func(t *testing.T) {
			t.Parallel()
			if got, err := bip38.Encrypt(v.secret(t), v.Compressed, v.Passphrase); err != nil || got != v.Encrypted {
				t.Errorf("%s: %v, %v, want %s", v.Section, got, err, v.Encrypted)
			}
			if v.NFC == "" {
				return
			}
			b, err := hex.DecodeString(v.NFC)
			if err != nil || string(b) == v.Passphrase {
				t.Fatalf("%v: the passphrase is in its normal form already", err)
			}
			if got, _, err := bip38.Decrypt(v.Encrypted, string(b)); err != nil || got != v.secret(t) {
				t.Errorf("the passphrase in its normal form: %v", err)
			}
		})
	}
}

func TestAWrongPassphraseIsToldFromAMistypedText(t *testing.T) {
	all := vectors(t)
	for _, v := range []vector{all[3], all[7]} {
		t.Run(v.Section, func(t *testing.T) {
			t.Parallel()
			secret, _, err := bip38.Decrypt(v.Encrypted, v.Passphrase+" ")
			if !errors.Is(err, bip38.ErrPassphrase) || errors.Is(err, bip38.ErrFormat) || secret != [32]byte{} {
				t.Errorf("wrong passphrase: %v", err)
			}
			mistyped := v.Encrypted[:20] + "1" + v.Encrypted[21:]
			if _, _, err := bip38.Decrypt(mistyped, v.Passphrase); !errors.Is(err, bip38.ErrFormat) || errors.Is(err, bip38.ErrPassphrase) {
				t.Errorf("mistyped: %v", err)
			}
		})
	}
}

func TestOtherTextsAreRefused(t *testing.T) {
	payload, err := coin.DecodeBase58Check(vectors(t)[3].Encrypted)
	if err != nil {
		t.Fatal(err)
	}
	with := func(at int, b byte) string {
		changed := append([]byte{}, payload...)
		changed[at] = b
		return coin.EncodeBase58Check(nil, changed)
	}
	for name, text := range map[string]string{
		"empty":          "",
		"a key":          "KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn",
		"a version":      with(0, 2),
		"a mark":         with(1, 0x41),
		"no mark":        with(2, 0x20),
		"reserved":       with(2, 0xe1),
		"lot of a key":   with(2, 0xe4),
		"multiplied":     with(1, 0x43),
		"a byte long":    coin.EncodeBase58Check(nil, append(payload[:39:39], 0)),
		"a byte short":   coin.EncodeBase58Check(nil, payload[:38]),
		"very long":      strings.Repeat("6P", 1<<20),
		"other alphabet": "6P0" + strings.Repeat("l", 55),
	} {
		_, _, err := bip38.Decrypt(text, "x")
		if !errors.Is(err, bip38.ErrFormat) {
			t.Errorf("%s: %v, want ErrFormat", name, err)
		} else if text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("%s: the error repeats it", name)
		}
	}
}

func TestEncryptRefusesWhatIsNoKey(t *testing.T) {
	if _, err := bip38.Encrypt([32]byte{}, true, "x"); err == nil {
		t.Error("zero is locked")
	}
}

// TestScryptKeepsToThePublishedVectors pins the library that all passphrases here go
// through, BIP 38's and those of key files.
func TestScryptKeepsToThePublishedVectors(t *testing.T) {
	file := read[struct {
		Vectors []struct {
			Password, Salt string
			N, R, P        int
			Key            string `json:"key_hex"`
		}
	}](t, "scrypt.json")
	for _, v := range file.Vectors {
		if v.N > 1<<17 && !long {
			continue // a gigabyte
		}
		got, err := scrypt.Key([]byte(v.Password), []byte(v.Salt), v.N, v.R, v.P, len(v.Key)/2)
		if err != nil || hex.EncodeToString(got) != v.Key {
			t.Errorf("scrypt of %q, N=%d: %x, %v, want %s", v.Password, v.N, got, err, v.Key)
		}
	}
}

// FuzzDecrypt feeds texts; those whose checksum is right cost a second each and are
// tried with one key only.
func FuzzDecrypt(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.Encrypted)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if payload, err := coin.DecodeBase58Check(strings.TrimSpace(text)); err == nil && len(payload) == 39 && payload[0] == 1 {
			t.Skip("costs too much time")
		}
		if secret, _, err := bip38.Decrypt(text, "x"); !errors.Is(err, bip38.ErrFormat) || secret != [32]byte{} {
			t.Errorf("%q opens: %v", text, err)
		}
	})
}

func BenchmarkDecrypt(b *testing.B) {
	v := vectors(b)[3]
	for b.Loop() {
		if _, _, err := bip38.Decrypt(v.Encrypted, v.Passphrase); err != nil {
			b.Fatal(err)
		}
	}
}
