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
		"text":        []byte("not a key"),
		"half":        data[:len(data)/2],
		"without end": data[:len(data)-20],
		"longer":      append(bytes.Clone(data), "more"...),
		"huge":        bytes.Repeat([]byte("a"), 1<<20),
		"nulls":       make([]byte, len(data)),
	} {
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := wallet.LoadKeyFile(path, "right"); !errors.Is(err, wallet.ErrDamaged) || errors.Is(err, wallet.ErrPassphrase) {
			t.Errorf("%s: %v, want ErrDamaged", name, err)
		}
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
		{"text", "SECRET text", wallet.ErrDamaged},
		{"number", `{"privateKey": 12345678}`, wallet.ErrDamaged},
		{"empty", "", wallet.ErrDamaged},
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
	if _, err := wallet.LoadKeyFile(path, "x"); !errors.Is(err, wallet.ErrDamaged) || errors.Is(err, wallet.ErrPassphrase) {
		t.Errorf("a file locked for a key instead of a passphrase: %v, want ErrDamaged", err)
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
