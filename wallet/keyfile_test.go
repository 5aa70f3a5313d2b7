package wallet_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/adit-mining/adit/wallet"
)

// cheap keeps scrypt out of the tests' way.
func cheap(passphrase string) wallet.KeyFileOptions {
	return wallet.KeyFileOptions{Passphrase: passphrase, WorkFactor: 2}
}

var (
	secretA = strings.Repeat("00", 31) + "01"
	secretB = strings.Repeat("5a", 32)
)

func saved(t testing.TB, passphrase string) (path string, k wallet.Key) {
	t.Helper()
	path, k = filepath.Join(t.TempDir(), "key.age"), key(t, secretB)
	if err := wallet.SaveKeyFile(path, ring(k), cheap(passphrase)); err != nil {
		t.Fatal(err)
	}
	return path, k
}

func TestAKeyFileGivesTheKeyBack(t *testing.T) {
	path, k := filepath.Join(t.TempDir(), "key.age"), key(t, secretA)
	created := time.Date(2026, 11, 23, 7, 8, 9, 123456, time.FixedZone("", 3600))
	o, r := cheap("pass phrase, ümlaut"), ring(k)
	r.Created = created
	if err := wallet.SaveKeyFile(path, r, o); err != nil {
		t.Fatal(err)
	}
	got, err := wallet.LoadKeyFile(path, o.Passphrase)
	if err != nil || got.Key() != k {
		t.Fatalf("another key, %v", err)
	}
	if got.Created != created.UTC().Truncate(time.Second) || got.Secret != wallet.SecretFromKey(k) {
		t.Errorf("created %v", got.Created)
	}
}

// TestAKeyFileOpensWithoutUs reads it with the age library alone, as `age -d` would.
func TestAKeyFileOpensWithoutUs(t *testing.T) {
	path, k := saved(t, "x")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	identity, err := age.NewScryptIdentity("x")
	if err != nil {
		t.Fatal(err)
	}
	plain, err := age.Decrypt(armor.NewReader(bytes.NewReader(data)), identity)
	if err != nil {
		t.Fatal(err)
	}
	var document map[string]any
	if err := json.NewDecoder(plain).Decode(&document); err != nil {
		t.Fatal(err)
	}
	if document["privateKey"] != secretB || document["miningKey"] != k.MiningKey() || document["version"] != 2.0 {
		t.Errorf("the file holds %v", document)
	}
}

func TestTheUsualWorkFactorIsHigh(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	path := filepath.Join(t.TempDir(), "key.age")
	if err := wallet.SaveKeyFile(path, ring(key(t, secretA)), wallet.KeyFileOptions{Passphrase: "x"}); err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`-> scrypt \S+ 18\n`).Match(unarmoured(t, path)) {
		t.Error("the file was not locked with work factor 18")
	}
}

func TestOnlyTheOwnerReadsAKeyFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the folder decides there")
	}
	path, k := saved(t, "x")
	check := func() {
		t.Helper()
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
		}
	}
	check()
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := wallet.SaveKeyFile(path, ring(k), cheap("x")); err != nil {
		t.Fatal(err)
	}
	check()
}

func TestAnotherKeysFileIsNeverOverwritten(t *testing.T) {
	path, k := saved(t, "x")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []struct {
		name, passphrase string
		key              wallet.Key
	}{
		{"another key", "x", key(t, secretA)},
		{"the same key and another passphrase", "y", k},
		{"another key and passphrase", "y", key(t, secretA)},
	} {
		if err := wallet.SaveKeyFile(path, ring(v.key), cheap(v.passphrase)); !errors.Is(err, wallet.ErrOtherKey) {
			t.Errorf("%s: %v, want ErrOtherKey", v.name, err)
		}
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file has changed, %v", err)
	}
	// Nor is any other file, be it a damaged key file or a letter.
	if err := os.WriteFile(path, []byte("a letter"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := wallet.SaveKeyFile(path, ring(k), cheap("x")); !errors.Is(err, wallet.ErrOtherKey) {
		t.Errorf("a letter: %v, want ErrOtherKey", err)
	}
	onlyFile(t, path)
}

func TestSavingAgainKeepsTheBirthday(t *testing.T) {
	path, k := filepath.Join(t.TempDir(), "key.age"), key(t, secretB)
	r := ring(k)
	r.Created = time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	if err := wallet.SaveKeyFile(path, r, cheap("x")); err != nil {
		t.Fatal(err)
	}
	if err := wallet.SaveKeyFile(path, ring(k), cheap("x")); err != nil {
		t.Fatal(err)
	}
	if info, err := wallet.LoadKeyFile(path, "x"); err != nil || !info.Created.Equal(r.Created) {
		t.Errorf("birthday %v, %v, want %v", info.Created, err, r.Created)
	}
	onlyFile(t, path)
}

func TestSaveKeyFileRefusesBadOptions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key.age")
	for name, o := range map[string]wallet.KeyFileOptions{
		"no passphrase": {WorkFactor: 2},
		"too cheap":     {Passphrase: "x", WorkFactor: -1},
		"too dear":      {Passphrase: "x", WorkFactor: 21},
	} {
		if err := wallet.SaveKeyFile(path, ring(key(t, secretA)), o); err == nil {
			t.Errorf("%s: saved", name)
		}
	}
	if err := wallet.SaveKeyFile(path, wallet.Keyring{}, cheap("x")); err == nil {
		t.Error("no key is saved")
	}
	if err := wallet.SaveKeyFile(filepath.Join(path, "missing", "key.age"), ring(key(t, secretA)), cheap("x")); err == nil {
		t.Error("saved in a folder that is not there")
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// onlyFile checks that nothing lies beside path, such as a part of a file.
func onlyFile(t testing.TB, path string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v, want one file", entries, err)
	}
}
