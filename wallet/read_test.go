package wallet_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/bip38"
	"github.com/adit-mining/adit/wallet/bip39"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

// The secrets that these tests read: twelve words, key 1, and a text of BIP 38.
const (
	words12      = "legal winner thank year wave sausage worth useful legal winner thank yellow"
	wifOne       = "KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn"
	wifOneOld    = "5HpHagT65TZzG1PH3CSu63k8DbpvD8s5ip4nEB3kEsreAnchuDf"
	bip38Text    = "6PYNKZ1EAgYgmQfmNVamxyXVWHzK5s6DGhwP4J5o44cvXdoY7sRzhtpUeo"
	bip38Secret  = "cbf4b9f70470856bb4f40f80b87edb90865997ffee6df315ab166d713af433a5"
	bip38Pass    = "TestingOneTwoThree"
	fileVersion1 = "testdata/version1.age"
)

func TestReadTakesWhatPeopleHave(t *testing.T) {
	file, err := os.ReadFile(fileVersion1)
	if err != nil {
		t.Fatal(err)
	}
	one, fromWords := key(t, secretA), mustWords(t, words12)
	for _, v := range []struct {
		name, text, passphrase string
		want                   wallet.Secret
		kind                   string
		uncompressed           bool
	}{
		{"words", words12, "", fromWords, wallet.ReadWords, false},
		{"words in lines", "1. " + strings.ReplaceAll(strings.ToUpper(words12), " ", "\r\n2. "), "", fromWords, wallet.ReadWords, false},
		{"24 words", strings.Repeat("abandon ", 23) + "art", "", mustWords(t, strings.Repeat("abandon ", 23)+"art"), wallet.ReadWords, false},
		{"wif", " " + wifOne + "\n", "", wallet.SecretFromKey(one), wallet.ReadWIF, false},
		{"wif in groups", "KwDi Bf89 QgGb jEhK nhXJ uH7L rciV rZi3 qYjg d9M7 rFU7\n3sVH noWn", "", wallet.SecretFromKey(one), wallet.ReadWIF, false},
		{"old wif", wifOneOld, "", wallet.SecretFromKey(one), wallet.ReadWIF, true},
		{"litecoin's wif", one.WIF(cointest.Network(t, "litecoin", "regtest")), "", wallet.SecretFromKey(one), wallet.ReadWIF, false},
		{"hex", secretA, "", wallet.SecretFromKey(one), wallet.ReadHex, false},
		{"hex of others", "0x" + strings.ToUpper(secretA), "", wallet.SecretFromKey(one), wallet.ReadHex, false},
		{"hex in groups", "5a5a5a5a " + strings.Repeat("5a5a5a5a ", 7), "", wallet.SecretFromKey(key(t, secretB)), wallet.ReadHex, false},
		{"bip38", bip38Text, bip38Pass, wallet.SecretFromKey(key(t, bip38Secret)), wallet.ReadBIP38, false},
		{"key file", string(file), "correct horse", wallet.SecretFromKey(key(t, secretB)), wallet.ReadKeyFile, false},
		{"key file unarmoured", string(unarmoured(t, fileVersion1)), "correct horse", wallet.SecretFromKey(key(t, secretB)), wallet.ReadKeyFile, false},
	} {
		got, err := wallet.Read(v.text, v.passphrase)
		if err != nil || got.Keyring.Secret != v.want || got.Kind != v.kind || got.Compressed == v.uncompressed {
			t.Errorf("%s: kind %s, compressed %v, %v", v.name, got.Kind, got.Compressed, err)
		}
		if (got.Networks != nil) != (v.kind == wallet.ReadWIF) {
			t.Errorf("%s: networks %v", v.name, got.Networks)
		}
	}
	got, err := wallet.Read(one.WIF(cointest.Network(t, "litecoin", "main")), "")
	if err != nil || !slices.Contains(got.Networks, cointest.Network(t, "litecoin", "main")) || slices.Contains(got.Networks, cointest.Network(t, "bitcoin", "main")) {
		t.Errorf("litecoin's key is of %v, %v", got.Networks, err)
	}
}

func TestReadSaysWhatIsWrong(t *testing.T) {
	file, err := os.ReadFile(fileVersion1)
	if err != nil {
		t.Fatal(err)
	}
	one := key(t, secretA)
	n := cointest.Network(t, "litecoin", "main")
	for _, v := range []struct {
		name, text, passphrase string
		want                   error
	}{
		{"nothing", "", "", wallet.ErrUnknown},
		{"space", " \n", "", wallet.ErrUnknown},
		{"a letter", "dear Sir, I have the honour to send 12 words", "", wallet.ErrUnknown},
		{"mistyped wif", wifOne[:51] + "m", "", wallet.ErrWIF},
		{"short hex", secretA[:62], "", wallet.ErrUnknown},
		{"zero", strings.Repeat("0", 64), "", wallet.ErrRange},
		{"the order", order, "", wallet.ErrRange},
		{"mining key", one.MiningKey(), "", wallet.ErrPublic},
		{"its short name", one.PubKeyHash().String(), "", wallet.ErrPublic},
		{"NOMP's", one.UncompressedMiningKey(), "", wallet.ErrPublic},
		{"address", n.PayoutAddress(one.PubKeyHash()).String(), "", wallet.ErrPublic},
		{"old address", n.P2PKH(one.PubKeyHash()).String(), "", wallet.ErrPublic},
		{"extended key", "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi", "", wallet.ErrUnknown},
		{"bip38 without", bip38Text, "", wallet.ErrPassphraseNeeded},
		{"bip38 wrong", bip38Text, "TestingOneTwoThre", wallet.ErrPassphrase},
		{"bip38 mistyped", bip38Text[:57] + "p", "", bip38.ErrFormat},
		{"file without", string(file), "", wallet.ErrPassphraseNeeded},
		{"file wrong", string(file), "Correct horse", wallet.ErrPassphrase},
		{"file cut", string(file[:200]), "correct horse", wallet.ErrDamaged},
		{"very long", strings.Repeat("abandon ", 1<<20), "", wallet.ErrUnknown},
	} {
		got, err := wallet.Read(v.text, v.passphrase)
		if !errors.Is(err, v.want) || !got.Keyring.Secret.IsZero() {
			t.Errorf("%s: %v, want %v", v.name, err, v.want)
		}
		if err != nil && len(v.text) > 12 && strings.Contains(err.Error(), strings.TrimSpace(v.text)) {
			t.Errorf("%s: the error repeats it: %v", v.name, err)
		}
	}
	for text, want := range map[string]bip39.Error{
		strings.Repeat("abandon ", 12): {Fault: bip39.FaultChecksum, Index: -1, Count: 12},
		"abandon":                      {Fault: bip39.FaultCount, Index: -1, Count: 1},
		strings.Replace(words12, "wave", "weve", 1):             {Fault: bip39.FaultUnknown, Index: 4, Count: 12},
		"zug um zug geht der krug zum brunnen bis er bricht ja": {Fault: bip39.FaultUnknown, Index: 0, Count: 12},
	} {
		_, err := wallet.Read(text, "")
		var fault *bip39.Error
		if !errors.As(err, &fault) || *fault != want {
			t.Errorf("%q: %v, want %v", text, err, &want)
		}
	}
}

func mustWords(t testing.TB, text string) wallet.Secret {
	t.Helper()
	s, err := wallet.SecretFromWords(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// FuzzRead: whatever is read has a key, and the key's own texts are read as the same.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"", words12, wifOne, wifOneOld, secretA, bip38Text, "-----BEGIN AGE ENCRYPTED FILE-----\n", "age-encryption.org/v1\n", "0x" + secretB} {
		f.Add(s)
	}
	n := cointest.Network(f, "bitcoin", "main")
	f.Fuzz(func(t *testing.T, text string) {
		if payload, err := coin.DecodeBase58Check(text); err == nil && len(payload) == 39 {
			t.Skip("costs too much time")
		}
		reading, err := wallet.Read(text, "")
		if err != nil {
			if !reading.Keyring.Secret.IsZero() {
				t.Error("an error and a secret")
			}
			return
		}
		k := reading.Keyring.Key()
		if k.IsZero() {
			t.Fatal("a secret without a key")
		}
		if back, err := wallet.Read(k.WIF(n), ""); err != nil || back.Keyring.Key() != k {
			t.Errorf("the key's WIF is read as another: %v", err)
		}
		if words := reading.Keyring.Secret.Words(); words != nil {
			if back, err := wallet.Read(strings.Join(words, " "), ""); err != nil || back.Keyring.Secret != reading.Keyring.Secret {
				t.Errorf("the words are read as others: %v", err)
			}
		}
	})
}
