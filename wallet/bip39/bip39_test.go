package bip39_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/adit-mining/adit/wallet/bip39"
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

func decode(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

type vectors struct {
	Vectors []struct {
		Language, Mnemonic, Passphrase string
		Entropy                        string `json:"entropy_hex"`
		Seed                           string `json:"seed_hex"`
	}
}

// TestEveryLanguagesSeed has vectors in twelve languages; a seed needs no word list.
func TestEveryLanguagesSeed(t *testing.T) {
	file := read[vectors](t, "bip39.json")
	if len(file.Vectors) != 288 {
		t.Fatalf("%d vectors, want 288", len(file.Vectors))
	}
	for _, v := range file.Vectors {
		if got := hex.EncodeToString(bip39.Seed(v.Mnemonic, v.Passphrase)); got != v.Seed {
			t.Errorf("%s %s: seed %s, want %s", v.Language, v.Entropy, got, v.Seed)
		}
	}
}

func TestEnglishWordsThereAndBack(t *testing.T) {
	english := 0
	for _, v := range read[vectors](t, "bip39.json").Vectors {
		if v.Language != "english" {
			continue
		}
		english++
		entropy := decode(t, v.Entropy)
		words, err := bip39.New(entropy)
		if err != nil || strings.Join(words, " ") != v.Mnemonic {
			t.Errorf("New(%s) = %v, %v, want %s", v.Entropy, words, err, v.Mnemonic)
		}
		parsed, err := bip39.Parse(v.Mnemonic)
		if err != nil {
			t.Errorf("%s: %v", v.Mnemonic, err)
			continue
		}
		if back, err := bip39.Entropy(parsed); err != nil || !bytes.Equal(back, entropy) {
			t.Errorf("Entropy(%s) = %x, %v, want %s", v.Mnemonic, back, err, v.Entropy)
		}
	}
	if english != 24 {
		t.Errorf("%d English vectors, want 24", english)
	}
}

// TestOtherLanguagesAreRefused: their words are not in the list.
func TestOtherLanguagesAreRefused(t *testing.T) {
	for _, v := range read[vectors](t, "bip39.json").Vectors {
		if _, err := bip39.Parse(v.Mnemonic); (err == nil) != (v.Language == "english") {
			t.Errorf("%s: %s: %v", v.Language, v.Mnemonic, err)
		}
	}
}

type wordlist struct {
	Words       int
	SHA256      string `json:"sha256_of_file"`
	First, Last string
	Negative    []struct{ Mnemonic, Why string }
}

func TestTheListIsThePublishedOne(t *testing.T) {
	want := read[wordlist](t, "bip39_wordlist.json")
	file, err := os.ReadFile("english.txt")
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(file); hex.EncodeToString(sum[:]) != want.SHA256 {
		t.Errorf("english.txt has SHA-256 %x, want %s", sum, want.SHA256)
	}
	list := bip39.List()
	if len(list) != want.Words || list[0] != want.First || list[len(list)-1] != want.Last {
		t.Errorf("%d words from %s to %s", len(list), list[0], list[len(list)-1])
	}
	if !slices.IsSorted(list) {
		t.Error("the list is not sorted, which looking up words goes by")
	}
	seen := map[string]bool{}
	for _, w := range list {
		short := w[:min(4, len(w))]
		if seen[short] {
			t.Errorf("two words begin with %s", short)
		}
		seen[short] = true
	}
}

func TestFaultsAreNamed(t *testing.T) {
	negative := read[wordlist](t, "bip39_wordlist.json").Negative
	twelve := strings.Repeat("abandon ", 11) + "about"
	for _, v := range []struct {
		name, text   string
		fault        bip39.Fault
		index, count int
	}{
		{negative[0].Why, negative[0].Mnemonic, bip39.FaultChecksum, -1, 12},
		{negative[1].Why, negative[1].Mnemonic, bip39.FaultCount, -1, 11},
		{negative[2].Why, negative[2].Mnemonic, bip39.FaultUnknown, 11, 12},
		{"nothing", "", bip39.FaultCount, -1, 0},
		{"13 words", twelve + " about", bip39.FaultCount, -1, 13},
		{"27 words", strings.Repeat("abandon ", 27), bip39.FaultCount, -1, 27},
		{"two exchanged", "legal winner thank yaer wave", bip39.FaultUnknown, 3, 5},
		{"other order", "winner legal thank year wave sausage worth useful legal winner thank yellow", bip39.FaultChecksum, -1, 12},
	} {
		words, err := bip39.Parse(v.text)
		var fault *bip39.Error
		if !errors.As(err, &fault) || fault.Fault != v.fault || fault.Index != v.index || fault.Count != v.count {
			t.Errorf("%s: %v %+v", v.name, words, err)
			continue
		}
		for _, w := range bip39.Split(v.text) {
			if w != "in" && w != "of" && strings.Contains(err.Error(), w) {
				t.Errorf("%s: the error repeats a word: %v", v.name, err)
			}
		}
	}
}

func TestWordsAreReadHoweverTheyAreWritten(t *testing.T) {
	const want = "legal winner thank year wave sausage worth useful legal winner thank yellow"
	numbered := ""
	for i, w := range strings.Fields(want) {
		numbered += string(rune('1'+i%9)) + ". " + strings.ToUpper(w) + "\r\n"
	}
	for _, text := range []string{
		want, strings.ToUpper(want), "  " + strings.ReplaceAll(want, " ", "\n\t") + "\n", numbered,
		strings.ReplaceAll(want, " ", ", "), strings.ReplaceAll(want, " ", "\u3000"), "\ufeff" + want,
		strings.ReplaceAll(want, "wa", "\uff57a"), // a wide letter
	} {
		words, err := bip39.Parse(text)
		if err != nil || strings.Join(words, " ") != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestNewRefusesOtherLengths(t *testing.T) {
	for n := range 40 {
		words, err := bip39.New(make([]byte, n))
		if good := n >= 16 && n <= 32 && n%4 == 0; (err == nil) != good || good && len(words) != n/4*3 {
			t.Errorf("%d bytes: %d words, %v", n, len(words), err)
		}
	}
}

// FuzzParse: whatever parses is made of its own entropy again.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "abandon", strings.Repeat("abandon ", 11) + "about", "1. zoo, 2. zoo", strings.Repeat("zoo ", 24)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		words, err := bip39.Parse(text)
		if err != nil {
			var fault *bip39.Error
			if !errors.As(err, &fault) || fault.Index >= fault.Count {
				t.Errorf("%v", err)
			}
			split := bip39.Split(text)
			bip39.Hint(split)
			if len(split) < 30 {
				bip39.Last(split)
			}
			return
		}
		entropy, err := bip39.Entropy(words)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := bip39.New(entropy); err != nil || !slices.Equal(back, words) {
			t.Errorf("%v comes back as %v, %v", words, back, err)
		}
	})
}
