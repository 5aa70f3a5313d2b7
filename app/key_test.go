package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/wallet"
)

// The secrets that these tests type: the words of BIP 84's vectors, and BIP 38's.
const (
	abandonWords = "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about"
	abandonKey   = "0330d54fd0dd420a6e5f8d3624f5f3482cae350f79d5f0753bf5beef9c2d91af3c"
	bip38Text    = "6PYNKZ1EAgYgmQfmNVamxyXVWHzK5s6DGhwP4J5o44cvXdoY7sRzhtpUeo"
	bip38WIF     = "L44B5gGEpqEDRS9vVPz7QT35jcBG2r3CZwSwQ4fCewXAhAhqGVpP"
)

type inspected struct {
	Kind         string
	Compressed   bool
	PublicKey    string `json:"public_key"`
	MiningKey    string `json:"mining_key"`
	Uncompressed string `json:"mining_key_uncompressed"`
	Hash         string `json:"pubkeyhash"`
	NOMP         string `json:"pubkeyhash_uncompressed"`
	Path         string
	Networks     []string
	Addresses    []struct{ Coin, Symbol, Network, Form, Address string }
}

func (k inspected) address(coin, network, form string) string {
	for _, a := range k.Addresses {
		if a.Coin == coin && a.Network == network && a.Form == form {
			return a.Address
		}
	}
	return ""
}

func inspect(t *testing.T, stdin string, args ...string) inspected {
	t.Helper()
	r := adit(t, stdin, append([]string{"key", "inspect", "--json"}, args...)...)
	var k inspected
	if err := json.Unmarshal([]byte(r.stdout), &k); err != nil || r.code != 0 {
		t.Fatalf("%d %v: %s%s", r.code, err, r.stdout, r.stderr)
	}
	for _, secret := range append(strings.Fields(abandonWords), bip38Text, bip38WIF, strings.Repeat("0", 63)+"1", "KyZpNDKnfs94vbrwhJneDi77V6jF64PWPF8x5cdJb8ifgg2DUc9d") {
		if strings.Contains(r.stdout+r.stderr, secret) {
			t.Errorf("%q is repeated", secret)
		}
	}
	return k
}

func TestInspectShowsWhatWordsAreGoodFor(t *testing.T) {
	k := inspect(t, abandonWords+"\n")
	if k.Kind != "words" || k.Path != "m/84'/0'/0'/0/0" || k.MiningKey != abandonKey || k.PublicKey != abandonKey || !k.Compressed {
		t.Errorf("%+v", k)
	}
	for form, want := range map[string]string{
		"p2wpkh": "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "p2sh-p2wpkh": "", "p2pkh": "", "p2pkh-uncompressed": "",
	} {
		got := k.address("bitcoin", "main", form)
		if got == "" || want != "" && got != want {
			t.Errorf("%s: %q, want %q", form, got, want)
		}
	}
	if !strings.HasPrefix(k.address("bitcoincash", "main", "cashaddr"), "bitcoincash:q") || !strings.HasPrefix(k.address("litecoin", "regtest", "p2wpkh"), "rltc1q") {
		t.Error("cashaddr or litecoin's regtest is missing")
	}
	lines := inspect(t, "1. "+strings.ReplaceAll(strings.ToUpper(abandonWords), " ", "\n2. ")+"\n")
	if lines.MiningKey != abandonKey {
		t.Errorf("in lines: %+v", lines.MiningKey)
	}
	second := inspect(t, abandonWords, "--index", "1", "--coin", "bitcoin", "--net", "main")
	if second.Path != "m/84'/0'/0'/0/1" || second.address("bitcoin", "main", "p2wpkh") != "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g" || len(second.Addresses) != 4 {
		t.Errorf("the second key: %+v", second)
	}
}

func TestInspectReadsEveryKindOfKey(t *testing.T) {
	const one = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
	locked := inspect(t, bip38Text+"\nTestingOneTwoThree\n")
	for _, v := range []struct {
		stdin, kind, key string
		compressed       bool
	}{
		{strings.Repeat("0", 63) + "1\n", "hex", one, true},
		{"KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn\n", "wif", one, true},
		{"5HpHagT65TZzG1PH3CSu63k8DbpvD8s5ip4nEB3kEsreAnchuDf\r\n", "wif", one, false},
		{bip38WIF, "wif", locked.MiningKey, true},
	} {
		k := inspect(t, v.stdin)
		if k.Kind != v.kind || k.MiningKey != v.key || k.Compressed != v.compressed || (k.Networks != nil) != (v.kind == "wif") {
			t.Errorf("%s: %s, %s, compressed %v, of %v", v.stdin, k.Kind, k.MiningKey, k.Compressed, k.Networks)
		}
		if v.key == one && (k.NOMP != "91b24bf9f5288532960ac687abb035127b1d28a5" || k.address("bitcoin", "main", "p2pkh-uncompressed") != "1EHNa6Q4Jz2uvNExL497mE43ikXhwF6kZm") {
			t.Errorf("NOMP's: %s", k.NOMP)
		}
	}
	if locked.Kind != "bip38" {
		t.Errorf("%+v", locked)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "backup.age")
	if r := adit(t, "correct horse\n", "key", "export", "--backup", file, "--data", dir); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	ring, _, err := wallet.OpenOrCreate(dir)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if k := inspect(t, string(text)+"correct horse\n"); k.Kind != "keyfile" || k.MiningKey != ring.Key().MiningKey() || k.Path != ring.Path() {
		t.Errorf("key file: %+v", k)
	}
	if k := inspect(t, "correct horse\n", "--file", file); k.MiningKey != ring.Key().MiningKey() {
		t.Errorf("key file by name: %+v", k)
	}
}

func TestInspectSaysWhatIsWrong(t *testing.T) {
	for stdin, want := range map[string]string{
		"":                              "read the key",
		"howdy\n":                       "want 12 or 24 words",
		strings.Repeat("abandon ", 12):  "do not belong together",
		"abandon\nability\n\n":          "2 words: want 12",
		abandonKey:                      "public",
		bip38Text + "\nwrong\n":         "wrong passphrase",
		bip38Text + "\n":                "read the password",
		bip38Text[:57] + "x\nTesting\n": "checksum",
	} {
		r := adit(t, stdin, "key", "inspect", "--json")
		if r.code != 1 || !strings.Contains(r.stderr, want) || r.stdout != "" {
			t.Errorf("%q: %d %q %q, want %q", stdin, r.code, r.stdout, r.stderr, want)
		}
	}
}

func TestWordsTravelFromOneComputerToAnother(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	paper := filepath.Join(t.TempDir(), "words.txt")
	if r := adit(t, "", "key", "new", "--data", first); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	if r := adit(t, "", "key", "new", "--data", first); r.code != 1 || !strings.Contains(r.stderr, "--next") {
		t.Errorf("a second first key: %+v", r)
	}
	ring, _, err := wallet.OpenOrCreate(first)
	if err != nil {
		t.Fatal(err)
	}
	if r := adit(t, "", "key", "export", "--words", "--out", paper, "--data", first); r.code != 0 || r.stdout != "" {
		t.Fatalf("%+v", r)
	}
	r := adit(t, "", "key", "restore", "--file", paper, "--born", "2026-11-23", "--data", second)
	if r.code != 0 || !strings.Contains(r.stdout, ring.Key().MiningKey()) {
		t.Fatalf("%+v", r)
	}
	got, _, err := wallet.OpenOrCreate(second)
	if err != nil || got.Secret != ring.Secret || got.Created.Format("2006-01-02") != "2026-11-23" {
		t.Errorf("restored, born %v, %v", got.Created, err)
	}
	if r := adit(t, "", "key", "new", "--next", "--data", second); r.code != 0 || !strings.Contains(r.stdout, "is kept in") {
		t.Fatalf("%+v", r)
	}
	if got, _, err := wallet.OpenOrCreate(second); err != nil || got.Secret != ring.Secret || got.Index != 1 {
		t.Errorf("the next key has index %d, %v", got.Index, err)
	}
	if r := adit(t, "", "key", "new", "--out", filepath.Join(second, "new.txt"), "--data", second); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	if k := inspect(t, "", "--file", filepath.Join(second, "new.txt")); k.Kind != "words" {
		t.Errorf("%+v", k)
	}
}

func TestALockedKeyAsksForItsPassword(t *testing.T) {
	if bubble.RaceDetector {
		t.Skip("a passphrase takes half a minute under the race detector; `make alone` runs this")
	}
	dir := t.TempDir()
	ring, _, err := wallet.OpenOrCreate(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := wallet.Protect(dir, "correct horse"); err != nil {
		t.Fatal(err)
	}
	if r := adit(t, "", "key", "show", "--data", dir); r.code != 0 || !strings.Contains(r.stdout, ring.Key().MiningKey()) {
		t.Errorf("show: %+v", r)
	}
	if r := adit(t, "wrong horse\n", "key", "export", "--words", "--data", dir); r.code != 1 || r.stdout != "" {
		t.Errorf("a wrong password: %+v", r)
	}
	r := adit(t, "correct horse\n", "key", "export", "--words", "--data", dir)
	if r.code != 0 || strings.TrimSpace(r.stdout) != strings.Join(ring.Secret.Words(), " ") {
		t.Errorf("export: exit %d, %s", r.code, r.stderr)
	}
	r = adit(t, "correct horse\nanother password\n", "key", "export", "--bip38", "--data", dir)
	if r.code != 0 || !strings.HasPrefix(r.stdout, "6P") {
		t.Errorf("export: exit %d, %s", r.code, r.stderr)
	}
}
