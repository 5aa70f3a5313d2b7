package coin_test

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
	"github.com/btcsuite/btcd/address/v2/base58"
	"github.com/btcsuite/btcd/address/v2/bech32"
)

// read reads published vectors; each file in testdata names its source.
func read[T any](t testing.TB, name string) T {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}

// The base58 and bech32 code is a library's. These two tests pin the behaviour we
// rely on, whatever version comes next.
func TestBase58KeepsToThePublishedVectors(t *testing.T) {
	file := read[struct {
		Vectors []struct{ Hex, Base58 string }
	}](t, "base58.json")
	for _, v := range file.Vectors {
		want, err := hex.DecodeString(v.Hex)
		if err != nil {
			t.Fatal(err)
		}
		if got := base58.Encode(want); got != v.Base58 {
			t.Errorf("Encode(%s) = %s, want %s", v.Hex, got, v.Base58)
		}
		if got := base58.Decode(v.Base58); string(got) != string(want) {
			t.Errorf("Decode(%s) = %x, want %s", v.Base58, got, v.Hex)
		}
	}
}

type bech32Vectors struct {
	Bech32Valid    []string                `json:"bech32_valid"`
	Bech32Invalid  []struct{ Text string } `json:"bech32_invalid"`
	Bech32mValid   []string                `json:"bech32m_valid"`
	Bech32mInvalid []struct{ Text string } `json:"bech32m_invalid"`
	SegwitValid    []struct {
		Address string
		Script  string `json:"script_pubkey_hex"`
	} `json:"segwit_valid"`
	SegwitInvalid []struct{ Address, Why string } `json:"segwit_invalid"`
}

func TestBech32KeepsToThePublishedVectors(t *testing.T) {
	file := read[bech32Vectors](t, "bech32.json")
	decodes := func(s string, version bech32.Version) bool {
		_, _, got, err := bech32.DecodeGeneric(s)
		return err == nil && got == version
	}
	for _, s := range file.Bech32Valid {
		if !decodes(s, bech32.Version0) {
			t.Errorf("%q is refused as bech32", s)
		}
	}
	for _, s := range file.Bech32mValid {
		if !decodes(s, bech32.VersionM) {
			t.Errorf("%q is refused as bech32m", s)
		}
	}
	for _, v := range file.Bech32Invalid {
		if decodes(v.Text, bech32.Version0) {
			t.Errorf("%q is taken for bech32", v.Text)
		}
	}
	for _, v := range file.Bech32mInvalid {
		if decodes(v.Text, bech32.VersionM) {
			t.Errorf("%q is taken for bech32m", v.Text)
		}
	}
}

func TestSegwitAddressesKeepToThePublishedVectors(t *testing.T) {
	file := read[bech32Vectors](t, "bech32.json")
	for _, v := range file.SegwitValid {
		n := cointest.Network(t, "bitcoin", "main")
		if strings.HasPrefix(strings.ToLower(v.Address), "tb") {
			n = cointest.Network(t, "bitcoin", "test")
		}
		a, err := n.ParseAddress(v.Address)
		if err != nil {
			t.Errorf("ParseAddress(%s): %v", v.Address, err)
			continue
		}
		if got := hex.EncodeToString(a.Script()); got != v.Script {
			t.Errorf("script of %s = %s, want %s", v.Address, got, v.Script)
		}
		if a.String() != strings.ToLower(v.Address) {
			t.Errorf("text of %s = %s", v.Address, a)
		}
	}
	for _, v := range file.SegwitInvalid {
		for _, name := range []string{"main", "test", "regtest"} {
			if a, err := cointest.Network(t, "bitcoin", name).ParseAddress(v.Address); err == nil {
				t.Errorf("%s is taken for %s on %s, but: %s", v.Address, a, name, v.Why)
			}
		}
	}
}

// TestAddressesOfBitcoinCoreAreReadAlike uses Bitcoin Core's own key_io vectors.
func TestAddressesOfBitcoinCoreAreReadAlike(t *testing.T) {
	file := read[struct {
		Vectors []struct {
			Text, Chain            string
			Payload                string `json:"payload_hex"`
			IsPrivkey, TryCaseFlip bool
		}
	}](t, "key_io_valid.json")
	for _, v := range file.Vectors {
		if v.Chain == "signet" {
			v.Chain = "test" // same prefixes
		}
		n := cointest.Network(t, "bitcoin", v.Chain)
		if v.IsPrivkey {
			if a, err := n.ParseAddress(v.Text); err == nil {
				t.Errorf("a private key is taken for the address %s", a)
			}
			continue
		}
		a, err := n.ParseAddress(v.Text)
		if err != nil {
			t.Errorf("ParseAddress(%s) on %s: %v", v.Text, v.Chain, err)
			continue
		}
		if got := hex.EncodeToString(a.Script()); got != v.Payload {
			t.Errorf("script of %s = %s, want %s", v.Text, got, v.Payload)
		}
		if a.String() != v.Text {
			t.Errorf("text of %s = %s", v.Text, a)
		}
		flipped, err := n.ParseAddress(flipCase(v.Text))
		if ok := err == nil && flipped == a; ok != v.TryCaseFlip {
			t.Errorf("%s with case flipped: %v, %v; want it read: %v", v.Text, flipped, err, v.TryCaseFlip)
		}
	}
}

func TestWhatBitcoinCoreRefusesIsRefused(t *testing.T) {
	for _, text := range read[struct{ Vectors []string }](t, "key_io_invalid.json").Vectors {
		for _, name := range []string{"main", "test", "regtest"} {
			if a, err := cointest.Network(t, "bitcoin", name).ParseAddress(text); err == nil {
				t.Errorf("%q is taken for %s on %s", text, a, name)
			}
		}
	}
}

func TestCashAddrKeepsToThePublishedVectors(t *testing.T) {
	file := read[struct {
		Vectors []struct {
			Prefix, Address string
			Type            int
			Hash            string `json:"hash_hex"`
		}
	}](t, "cashaddr.json")
	for _, v := range file.Vectors {
		name := map[string]string{"bitcoincash": "main", "bchtest": "test"}[v.Prefix]
		n := cointest.Network(t, "bitcoincash", name)
		script := [...]string{"76a914" + v.Hash + "88ac", "a914" + v.Hash + "87"}[v.Type]
		_, bare, _ := strings.Cut(v.Address, ":")
		for _, form := range []string{v.Address, bare, strings.ToUpper(v.Address), strings.ToUpper(bare)} {
			a, err := n.ParseAddress(form)
			if err != nil {
				t.Errorf("ParseAddress(%s): %v", form, err)
				continue
			}
			if got := hex.EncodeToString(a.Script()); got != script || a.String() != v.Address {
				t.Errorf("ParseAddress(%s) = %s paying to %s, want %s paying to %s", form, a, got, v.Address, script)
			}
		}
		if v.Type == 0 {
			h, err := hex.DecodeString(v.Hash)
			if err != nil {
				t.Fatal(err)
			}
			if got := n.CashAddr(coin.PubKeyHash(h)).String(); got != v.Address {
				t.Errorf("CashAddr(%s) = %s, want %s", v.Hash, got, v.Address)
			}
		}
	}
}

// TestEveryCoinsSampleAddress compares with addresses that another program made of
// private key 1, coin by coin.
func TestEveryCoinsSampleAddress(t *testing.T) {
	file := read[struct{ Keys map[string]map[string]string }](t, "private_key_1.json")
	for _, c := range coin.All() {
		want, ok := file.Keys[c.ID]
		if !ok {
			t.Errorf("%s has no sample", c.ID)
			continue
		}
		n := cointest.Network(t, c.ID, "main")
		hash, err := hex.DecodeString(want["hash160"])
		if err != nil {
			t.Fatal(err)
		}
		h := coin.PubKeyHash(hash)
		got := map[string]string{"p2pkh": n.P2PKH(h).String()}
		if n.CashAddrPrefix != "" {
			got["cashaddr"] = n.CashAddr(h).String()
		}
		if n.Segwit() {
			got["p2wpkh"] = n.P2WPKH(h).String()
			got["p2sh_p2wpkh"] = n.P2SHP2WPKH(h).String()
		}
		for form, text := range want {
			if form != "hash160" && form != "wif_compressed" && got[form] != text {
				t.Errorf("%s %s = %s, want %s", c.ID, form, got[form], text)
			}
		}
		for form, text := range got {
			if _, ok := want[form]; !ok {
				t.Errorf("%s makes a %s address, %s, that the sample lacks", c.ID, form, text)
			}
		}
	}
}

func flipCase(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return r
	}, s)
}
