package wallet_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/adit-mining/adit/wallet"
)

func TestAWrongPassphraseAndDamageAreToldApart(t *testing.T) {
	path, _ := saved(t, "right")
	for _, passphrase := range []string{"wrong", "Right", "right ", ""} {
		if _, err := wallet.LoadKeyFile(path, passphrase); !errors.Is(err, wallet.ErrPassphrase) || errors.Is(err, wallet.ErrDamaged) {
			t.Errorf("passphrase %q: %v, want ErrPassphrase", passphrase, err)
		}
	}
	if _, err := wallet.LoadKeyFile(path+"x", "right"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{
		"empty":       nil,
		"letters":     []byte("-----BEGIN AGE ENCRYPTED FILE-----\nnot a key"),
		"half":        data[:len(data)/2],
		"without end": data[:len(data)-20],
		"longer":      append(bytes.Clone(data), "more"...),
		"huge":        bytes.Repeat([]byte("a"), 1<<20),
		"nulls":       make([]byte, len(data)),
	} {
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := wallet.LoadKeyFile(path, "right"); !errors.Is(err, wallet.ErrDamaged) || errors.Is(err, wallet.ErrPassphrase) || errors.Is(err, wallet.ErrForeign) {
			t.Errorf("%s: %v, want ErrDamaged", name, err)
		}
	}
	if err := os.WriteFile(path, []byte("a letter to my wife"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := wallet.LoadKeyFile(path, "right"); !errors.Is(err, wallet.ErrForeign) || strings.Contains(err.Error(), "wife") {
		t.Errorf("a letter: %v, want ErrForeign", err)
	}
}

// TestEveryDamagedByteIsNoticed flips each byte of the file, in armour and without.
// Only where the passphrase's lock is does damage look like a wrong passphrase.
func TestEveryDamagedByteIsNoticed(t *testing.T) {
	path, k := saved(t, "x")
	armoured, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	binary := unarmoured(t, path)
	lock := regexp.MustCompile(`-> scrypt (\S+) \d+\n(\S+)\n`).FindIndex(binary)
	for name, data := range map[string][]byte{"armoured": armoured, "binary": binary} {
		for i := range data {
			bad := bytes.Clone(data)
			bad[i] ^= 1
			if err := os.WriteFile(path, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := wallet.LoadKeyFile(path, "x")
			switch {
			case err == nil && got.Key() == k && name == "armoured": // a bit that the armour does not use
			case errors.Is(err, wallet.ErrDamaged):
			case errors.Is(err, wallet.ErrPassphrase) && (name == "armoured" || i >= lock[0] && i < lock[1]):
			default:
				t.Errorf("%s byte %d (%q): %v", name, i, data[i], err)
			}
		}
	}
}

func unarmoured(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	binary, err := io.ReadAll(armor.NewReader(bytes.NewReader(data)))
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

// seal makes a file of any plain text, as another program could.
func seal(t testing.TB, path, passphrase, plain string) {
	t.Helper()
	recipient, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		t.Fatal(err)
	}
	recipient.SetWorkFactor(2)
	var out bytes.Buffer
	w, err := age.Encrypt(&out, recipient)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAFileThatHoldsSomethingElseIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key.age")
	a, b := key(t, secretA).MiningKey(), key(t, secretB).MiningKey()
	const words = `{"version":%d,"miningKey":%q,"words":%q,"path":"m/84'/0'/0'/0/%d","index":%d}`
	wordsKey := wallet.Keyring{Secret: mustWords(t, words12)}.Key().MiningKey()
	form := `{"version":%s,"miningKey":%q,"privateKey":%q}`
	for _, v := range []struct {
		name, plain string
		want        error
	}{
		{"good", fmt.Sprintf(form, "1", a, secretA), nil},
		{"two keys", fmt.Sprintf(form, "1", b, secretA), wallet.ErrDamaged},
		{"zero", fmt.Sprintf(form, "1", a, strings.Repeat("0", 64)), wallet.ErrDamaged},
		{"short", fmt.Sprintf(form, "1", a, "01"), wallet.ErrDamaged},
		{"not hex", fmt.Sprintf(form, "1", a, "SECRET"), wallet.ErrDamaged},
		{"version 0", fmt.Sprintf(form, "0", a, secretA), wallet.ErrDamaged},
		{"version 2", fmt.Sprintf(form, "2", a, secretA), nil},
		{"version 3", fmt.Sprintf(form, "3", a, secretA), wallet.ErrNewer},
		{"text", "SECRET text", wallet.ErrForeign},
		{"number", `{"privateKey": 12345678}`, wallet.ErrForeign},
		{"another program's", `{"seed": "SECRET"}`, wallet.ErrForeign},
		{"empty", "", wallet.ErrForeign},
		{"words", fmt.Sprintf(words, 2, wordsKey, words12, 0, 0), nil},
		{"words' second key", fmt.Sprintf(words, 2, wordsKey, words12, 1, 1), wallet.ErrDamaged},
		{"another path", fmt.Sprintf(words, 2, wordsKey, words12, 1, 0), wallet.ErrDamaged},
		{"words of version 1", fmt.Sprintf(words, 1, wordsKey, words12, 0, 0), wallet.ErrDamaged},
		{"mistyped words", fmt.Sprintf(words, 2, wordsKey, words12+" SECRET", 0, 0), wallet.ErrDamaged},
		{"words and a key", fmt.Sprintf(`{"version":2,"miningKey":%q,"privateKey":%q,"words":%q}`, a, secretA, words12), wallet.ErrDamaged},
		{"a raw key's second", fmt.Sprintf(`{"version":2,"miningKey":%q,"privateKey":%q,"index":1}`, a, secretA), wallet.ErrDamaged},
	} {
		seal(t, path, "x", v.plain)
		_, err := wallet.LoadKeyFile(path, "x")
		if !errors.Is(err, v.want) || v.want == nil && err != nil {
			t.Errorf("%s: %v, want %v", v.name, err, v.want)
		}
		if err != nil && (strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), "12345678") || strings.Contains(err.Error(), secretA)) {
			t.Errorf("%s: the error shows the content: %v", v.name, err)
		}
	}
}

func TestAFileOfAnotherKindOfAgeIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key.age")
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, identity.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := wallet.LoadKeyFile(path, "x"); !errors.Is(err, wallet.ErrForeign) || errors.Is(err, wallet.ErrPassphrase) {
		t.Errorf("a file locked for a key instead of a passphrase: %v, want ErrForeign", err)
	}
}

// FuzzLoadKeyFile feeds damaged files; whatever opens must be the key that was saved.
func FuzzLoadKeyFile(f *testing.F) {
	path, k := saved(f, "x")
	data, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add(unarmoured(f, path))
	f.Add([]byte(armor.Header))
	dear := regexp.MustCompile(`-> scrypt \S+ (\d\d+|[6-9])\n`)
	f.Fuzz(func(t *testing.T, data []byte) {
		plain, _ := io.ReadAll(armor.NewReader(bytes.NewReader(data)))
		if dear.Match(data) || dear.Match(plain) {
			t.Skip("costs too much time")
		}
		path := filepath.Join(t.TempDir(), "key.age")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := wallet.LoadKeyFile(path, "x")
		switch {
		case err == nil && got.Key() != k:
			t.Error("a damaged file opens and holds another key")
		case err != nil && !errors.Is(err, wallet.ErrDamaged) && !errors.Is(err, wallet.ErrPassphrase):
			t.Errorf("an error that nobody can branch on: %v", err)
		}
	})
}

// FuzzDocument feeds what is inside a key file, which somebody else can have locked:
// whatever is read has a key, and is the same after saving it.
func FuzzDocument(f *testing.F) {
	wordsKey := wallet.Keyring{Secret: mustWords(f, words12)}.Key().MiningKey()
	f.Add([]byte(fmt.Sprintf(`{"version":1,"miningKey":%q,"privateKey":%q}`, key(f, secretA).MiningKey(), secretA)))
	f.Add([]byte(fmt.Sprintf(`{"version":2,"created":"2026-11-23T07:08:09+01:00","miningKey":%q,"words":%q,"path":"m/84'/0'/0'/0/0"}`, wordsKey, words12)))
	f.Add([]byte(`{"version":3}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		r, err := wallet.ReadDocument(document)
		if err != nil {
			if !errors.Is(err, wallet.ErrDamaged) && !errors.Is(err, wallet.ErrNewer) {
				t.Errorf("an error that nobody can branch on: %v", err)
			}
			return
		}
		path := filepath.Join(t.TempDir(), "key.age")
		if r.Key().IsZero() {
			t.Fatal("no key")
		}
		if r.Created.Year() < 1 || r.Created.Year() > 9998 {
			return // cannot be written as JSON in every zone
		}
		if err := wallet.SaveKeyFile(path, r, cheap("x")); err != nil {
			t.Fatal(err)
		}
		if back, err := wallet.LoadKeyFile(path, "x"); err != nil || back.Secret != r.Secret || back.Index != r.Index {
			t.Errorf("saved, it is another key: %v", err)
		}
	})
}
