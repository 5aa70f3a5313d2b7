package bip32_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/adit-mining/adit/wallet/bip32"
)

// read reads published vectors; each file names its source.
func read[T any](t testing.TB, path string) (v T) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return v
}

func master(t testing.TB, seed string) bip32.Key {
	t.Helper()
	b, err := hex.DecodeString(seed)
	if err != nil {
		t.Fatal(err)
	}
	k, err := bip32.Master(b)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

type vectors struct {
	Vectors []struct {
		Title string
		Seed  string `json:"seed_hex"`
		Chain []struct{ Path, Xpub, Xprv string }
	}
	Invalid []struct{ Key, Why string }
}

// TestKeysAreDerivedAsPublished has keys that begin with zeros among them.
func TestKeysAreDerivedAsPublished(t *testing.T) {
	checked := 0
	for _, v := range read[vectors](t, "testdata/bip32.json").Vectors {
		root := master(t, v.Seed)
		for _, want := range v.Chain {
			k, err := root.Derive(want.Path)
			if err != nil {
				t.Errorf("%s %s: %v", v.Title, want.Path, err)
				continue
			}
			checked++
			if got := k.Text(bip32.VersionXprv); got != want.Xprv {
				t.Errorf("%s %s: %s, want %s", v.Title, want.Path, got, want.Xprv)
			}
			if got := k.PublicText(); got != want.Xpub {
				t.Errorf("%s %s: %s, want %s", v.Title, want.Path, got, want.Xpub)
			}
			back, version, err := bip32.Parse(want.Xprv)
			if err != nil || version != bip32.VersionXprv || back.PublicText() != want.Xpub {
				t.Errorf("%s %s: read as %x, %v", v.Title, want.Path, version, err)
			}
			if _, _, err := bip32.Parse(want.Xpub); !errors.Is(err, bip32.ErrFormat) {
				t.Errorf("%s %s: the public key is read: %v", v.Title, want.Path, err)
			}
		}
	}
	if checked != 17 {
		t.Errorf("%d keys in the vectors, want 17", checked)
	}
}

func TestInvalidKeysAreRefused(t *testing.T) {
	file := read[vectors](t, "testdata/bip32.json")
	if len(file.Invalid) != 16 {
		t.Errorf("%d invalid keys, want 16", len(file.Invalid))
	}
	for _, v := range file.Invalid {
		if _, _, err := bip32.Parse(v.Key); !errors.Is(err, bip32.ErrFormat) || strings.Contains(err.Error(), v.Key) {
			t.Errorf("%s: %v, want ErrFormat", v.Why, err)
		}
	}
}

// TestRootKeysOfEveryLanguage derives from the seeds of the vectors of BIP 39.
func TestRootKeysOfEveryLanguage(t *testing.T) {
	file := read[struct {
		Vectors []struct {
			Language string
			Seed     string `json:"seed_hex"`
			Xprv     string `json:"bip32_xprv"`
		}
	}](t, "../bip39/testdata/bip39.json")
	for _, v := range file.Vectors {
		if got := master(t, v.Seed).Text(bip32.VersionXprv); got != v.Xprv {
			t.Errorf("%s: %s, want %s", v.Language, got, v.Xprv)
		}
	}
}

// TestPathsOfWallets has the vectors of BIP 84 and BIP 49.
func TestPathsOfWallets(t *testing.T) {
	file := read[struct {
		BIP84 struct {
			Root    string `json:"root_zprv"`
			Account string `json:"account0_zprv"`
		}
		BIP49 struct {
			Path string
			Key  string `json:"private_key_hex"`
		} `json:"bip49_testnet"`
	}](t, "../testdata/bip49_bip84.json")
	// The seed of "abandon ... about" without a passphrase.
	root := master(t, "5eb00bbddcf069084889a8ab9155568165f5c453ccb85e70811aaed6f6da5fc19a5ac40b389cd370d086206dec8aa6c43daea6690f20ad3d8d48b2d2ce9e38e4")
	if got := root.Text(bip32.VersionZprv); got != file.BIP84.Root {
		t.Errorf("root %s, want %s", got, file.BIP84.Root)
	}
	account, err := root.Derive("m/84'/0'/0'")
	if err != nil || account.Text(bip32.VersionZprv) != file.BIP84.Account {
		t.Errorf("account %v, want %s", err, file.BIP84.Account)
	}
	k, err := root.Derive(file.BIP49.Path)
	if err != nil {
		t.Fatal(err)
	}
	if b := k.Bytes(); hex.EncodeToString(b[:]) != file.BIP49.Key {
		t.Errorf("%s: %x, want %s", file.BIP49.Path, b, file.BIP49.Key)
	}
}

func TestParsePath(t *testing.T) {
	const h = bip32.Hardened
	for _, v := range []struct {
		path string
		want []uint32
		good bool
	}{
		{"m", nil, true},
		{"m/84'/0'/0'/0/0", []uint32{h + 84, h, h, 0, 0}, true},
		{"m/84h/0h/1", []uint32{h + 84, h, 1}, true},
		{"m/2147483647'", []uint32{h + 2147483647}, true},
		{"", nil, false}, {"/0", nil, false}, {"0/1", nil, false}, {"m/", nil, false}, {"m//0", nil, false}, {"M/0", nil, false},
		{"m/0''", nil, false}, {"m/'", nil, false}, {"m/-1", nil, false}, {"m/+1", nil, false}, {"m/2147483648", nil, false},
		{"m/0x1", nil, false}, {"m/1 ", nil, false}, {"m/1_0", nil, false}, {"m/*", nil, false},
	} {
		got, err := bip32.ParsePath(v.path)
		if (err == nil) != v.good || !slices.Equal(got, v.want) {
			t.Errorf("ParsePath(%q) = %v, %v, want %v", v.path, got, err, v.want)
		}
	}
}

func TestMasterRefusesSeedsThatAreNone(t *testing.T) {
	for _, n := range []int{0, 15, 65} {
		if _, err := bip32.Master(make([]byte, n)); err == nil {
			t.Errorf("%d bytes make a key", n)
		}
	}
}

func TestKeysHaveADepth(t *testing.T) {
	k := master(t, strings.Repeat("5a", 16))
	for i := range 256 {
		next, err := k.Child(0)
		if (err == nil) != (i < 255) {
			t.Fatalf("key %d below the first: %v", i+1, err)
		}
		k = next
	}
}

func TestAKeyIsNeverPrinted(t *testing.T) {
	k, err := master(t, strings.Repeat("5a", 16)).Derive("m/0'")
	if err != nil {
		t.Fatal(err)
	}
	secret, chain := k.Bytes(), k.Chain()
	holder := struct {
		Exported bip32.Key
		hidden   bip32.Key
	}{k, k}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "key", k, "pointer", &k, "holder", holder)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&log, verb+verb+verb+verb, k, &k, holder, []bip32.Key{k})
	}
	if _, err := json.Marshal(holder); err == nil {
		t.Error("a key is marshalled")
	}
	for _, hidden := range []string{hex.EncodeToString(secret[:]), fmt.Sprint(secret[:])[1:40], fmt.Sprint(chain[:])[1:40], hex.EncodeToString(chain[:]), k.Text(bip32.VersionXprv)} {
		if strings.Contains(strings.ToLower(log.String()), strings.ToLower(hidden)) {
			t.Errorf("%q is printed: %s", hidden, log.String())
		}
	}
	if !strings.Contains(log.String(), "(secret)") {
		t.Errorf("printed: %s", log.String())
	}
}

// FuzzParse: whatever is read is written the same way again.
func FuzzParse(f *testing.F) {
	for _, v := range read[vectors](f, "testdata/bip32.json").Vectors {
		f.Add(v.Chain[0].Xprv)
		f.Add(v.Chain[0].Xpub)
	}
	f.Fuzz(func(t *testing.T, text string) {
		k, version, err := bip32.Parse(text)
		if err == nil && k.Text(version) != strings.TrimSpace(text) {
			t.Errorf("%q comes back as another text", text)
		}
	})
}

func FuzzParsePath(f *testing.F) {
	f.Add("m/84'/0'/0'/0/0")
	f.Add("m/0h/4294967295")
	f.Fuzz(func(t *testing.T, path string) {
		numbers, err := bip32.ParsePath(path)
		if err == nil && len(numbers) != strings.Count(path, "/") {
			t.Errorf("%q: %v", path, numbers)
		}
	})
}
