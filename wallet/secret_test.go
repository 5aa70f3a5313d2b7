package wallet_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/bip38"
	"github.com/adit-mining/adit/wallet/bip39"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

// TestWordsGiveTheKeyThatOrdinaryWalletsShow has the vectors of BIP 84.
func TestWordsGiveTheKeyThatOrdinaryWalletsShow(t *testing.T) {
	file := read[struct {
		Mnemonic string
		BIP84    struct {
			Addresses []struct {
				Path, WIF, Address string
				PublicKey          string `json:"public_key"`
			}
		}
	}](t, "bip49_bip84.json")
	s, err := wallet.SecretFromWords(file.Mnemonic)
	if err != nil {
		t.Fatal(err)
	}
	n := cointest.Network(t, "bitcoin", "main")
	for i, want := range file.BIP84.Addresses[:2] {
		k, err := s.Key(uint32(i))
		if err != nil || s.Path(uint32(i)) != want.Path {
			t.Fatalf("path %s, %v, want %s", s.Path(uint32(i)), err, want.Path)
		}
		if k.WIF(n) != want.WIF || k.MiningKey() != want.PublicKey || n.P2WPKH(k.PubKeyHash()).String() != want.Address {
			t.Errorf("%s: mining key %s, want %s", want.Path, k.MiningKey(), want.PublicKey)
		}
	}
}

func TestSecretsAreWordsOrAKey(t *testing.T) {
	s := mustWords(t, words12)
	for _, text := range []string{words12, strings.ToUpper(words12), strings.ReplaceAll(words12, " ", "\n")} {
		if again := mustWords(t, text); again != s {
			t.Errorf("%q is another secret", text)
		}
	}
	if strings.Join(s.Words(), " ") != words12 || s.Kind() != wallet.KindWords || s.Path(7) != "m/84'/0'/0'/0/7" {
		t.Errorf("kind %s, path %s", s.Kind(), s.Path(7))
	}
	if _, err := s.Key(1 << 31); err == nil {
		t.Error("a hardened index has a key")
	}
	first, err := s.Key(0)
	if err != nil {
		t.Fatal(err)
	}
	raw := wallet.SecretFromKey(first)
	if raw == s || raw != wallet.SecretFromKey(first) || raw.Words() != nil || raw.Kind() != wallet.KindKey || raw.Path(0) != "" {
		t.Errorf("raw: kind %s, path %q", raw.Kind(), raw.Path(0))
	}
	if got, err := raw.Key(0); err != nil || got != first {
		t.Errorf("raw: another key, %v", err)
	}
	if _, err := raw.Key(1); err == nil {
		t.Error("a raw key has a second key")
	}
	var none wallet.Secret
	if _, err := none.Key(0); err == nil || !none.IsZero() || none.Kind() != "" || none.Words() != nil || none.Path(0) != "" {
		t.Errorf("no secret: kind %q, %v", none.Kind(), err)
	}
	if !(wallet.Keyring{}).Key().IsZero() {
		t.Error("no secret has a key")
	}
	_, err = wallet.SecretFromWords(words12 + " zoo")
	if fault := new(bip39.Error); !errors.As(err, &fault) {
		t.Errorf("13 words: %v", err)
	}
}

func TestNewSecretsAreRandom(t *testing.T) {
	seen := map[wallet.Secret]bool{}
	for range 20 {
		s, err := wallet.NewSecret(nil)
		if err != nil || seen[s] {
			t.Fatalf("the same words again, or %v", err)
		}
		seen[s] = true
	}
	if _, err := wallet.NewSecret(zeroReader{}); err == nil {
		t.Error("a source of zeros makes words")
	}
	if _, err := wallet.NewSecret(bytes.NewReader(make([]byte, 15))); err == nil {
		t.Error("15 bytes make words")
	}
}

// TestASecretIsNeverPrinted tries the ways in which one gets into a log by accident.
func TestASecretIsNeverPrinted(t *testing.T) {
	s := mustWords(t, words12)
	r := wallet.Keyring{Secret: s, Created: time.Now()}
	reading := wallet.Reading{Kind: wallet.ReadWords, Keyring: r}
	holder := struct {
		Exported wallet.Secret
		hidden   wallet.Secret
		ring     wallet.Keyring
		Ring     wallet.Keyring
	}{s, s, r, r}
	var log bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(h).Info("x", "secret", s, "pointer", &s, "ring", r, "pointed", &r, "holder", holder, "reading", reading)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(&log, strings.Repeat(verb, 7), s, &s, r, &r, holder, reading, []wallet.Secret{s})
	}
	for _, v := range []any{s, r, reading, holder} {
		if _, err := json.Marshal(v); err == nil {
			t.Errorf("%T is marshalled", v)
		}
	}
	for _, word := range []string{"winner", "sausage", fmt.Sprintf("%x", "winner"), fmt.Sprintf("%X", "winner")} {
		if strings.Contains(log.String(), word) {
			t.Errorf("%q is printed: %s", word, log.String())
		}
	}
	if !strings.Contains(log.String(), "(secret)") {
		t.Errorf("printed: %s", log.String())
	}
}

func TestAKeyIsLockedAsBIP38(t *testing.T) {
	k := key(t, secretB)
	text, err := k.BIP38("Gr\u00fcn")
	if err != nil || !bip38.Looks(text) {
		t.Fatalf("%q, %v", text, err)
	}
	got, err := wallet.Read(text, "Gru\u0308n") // typed on another system
	if err != nil || got.Keyring.Key() != k || !got.Compressed || got.Kind != wallet.ReadBIP38 {
		t.Errorf("compressed %v, %v", got.Compressed, err)
	}
	if _, err := k.BIP38(""); err == nil {
		t.Error("locked with nothing")
	}
	if _, err := (wallet.Key{}).BIP38("x"); err == nil {
		t.Error("no key is locked")
	}
}

// BenchmarkNewKey is what a first start does for the key: it must be below 50 ms.
func BenchmarkNewKey(b *testing.B) {
	for i := 0; b.Loop(); i++ {
		if _, created, err := wallet.OpenOrCreate(filepath.Join(b.TempDir(), fmt.Sprint(i))); err != nil || !created {
			b.Fatal(created, err)
		}
	}
}

// BenchmarkNewSecret is the same without the disk.
func BenchmarkNewSecret(b *testing.B) {
	for b.Loop() {
		s, err := wallet.NewSecret(nil)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Key(0); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpenBackup opens a file that is locked as backups are: it must be below
// 1.5 s.
func BenchmarkOpenBackup(b *testing.B) {
	path := filepath.Join(b.TempDir(), "backup.age")
	if err := wallet.SaveKeyFile(path, ring(key(b, secretB)), wallet.KeyFileOptions{Passphrase: "x"}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := wallet.LoadKeyFile(path, "x"); err != nil {
			b.Fatal(err)
		}
	}
}
