package coin_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
	"github.com/btcsuite/btcd/address/v2/bech32"
)

// segwitAddress makes the text of any witness program with the library alone.
func segwitAddress(t testing.TB, prefix string, version byte, program []byte) string {
	t.Helper()
	data, err := bech32.ConvertBits(program, 8, 5, true)
	if err != nil {
		t.Fatal(err)
	}
	encode := bech32.EncodeM
	if version == 0 {
		encode = bech32.Encode
	}
	text, err := encode(prefix, append([]byte{version}, data...))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestEveryAddressOfAKeyIsReadBackOnEveryNetwork(t *testing.T) {
	hashes := []coin.PubKeyHash{{}, {19: 1}, {0: 0xff, 19: 0xff}, coin.HashPubKey([]byte("any"))}
	for _, c := range coin.All() {
		for _, n := range c.Networks() {
			for _, h := range hashes {
				for _, a := range n.Addresses(h) {
					back, err := n.ParseAddress(a.String())
					if err != nil || string(back.Script()) != string(a.Script()) {
						t.Errorf("%s: %s is read as %v, %v", n, a, back, err)
					}
				}
				if a := n.PayoutAddress(h); !strings.Contains(hex.EncodeToString(a.Script()), h.String()) {
					t.Errorf("%s: %s does not pay to %s", n, a, h)
				}
			}
		}
	}
}

func TestScriptsPayAsTheyShould(t *testing.T) {
	h := coin.HashPubKey(decode(t, key1))
	if h.String() != hash1 {
		t.Fatalf("HashPubKey = %s, want %s", h, hash1)
	}
	n := cointest.Network(t, "litecoin", "regtest")
	for _, v := range []struct {
		address coin.Address
		kind    coin.Kind
		script  string
	}{
		{n.P2PKH(h), coin.KindP2PKH, "76a914" + hash1 + "88ac"},
		{n.P2WPKH(h), coin.KindP2WPKH, "0014" + hash1},
		// BIP 49: the script's hash is that of the witness program.
		{n.P2SHP2WPKH(h), coin.KindP2SH, "a914bcfeb728b584253d5f3f70bcb780e9ef218a68f487"},
	} {
		if got := hex.EncodeToString(v.address.Script()); got != v.script || v.address.Kind() != v.kind {
			t.Errorf("%s %s pays to %s, want %s %s", v.address.Kind(), v.address, got, v.kind, v.script)
		}
	}
}

func TestAScriptsCopyIsTheCallers(t *testing.T) {
	a := cointest.Network(t, "bitcoin", "main").PayoutAddress(coin.PubKeyHash{1})
	a.Script()[0] = 0xff
	if a.Script()[0] == 0xff {
		t.Error("a caller changed an address")
	}
}

func TestSegwitFormsAreNotMadeWhereAnybodyCouldTakeThem(t *testing.T) {
	n := cointest.Network(t, "dogecoin", "main")
	for name, form := range map[string]func(coin.PubKeyHash) coin.Address{
		"P2WPKH": n.P2WPKH, "P2SHP2WPKH": n.P2SHP2WPKH, "CashAddr": n.CashAddr,
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s makes an address on Dogecoin", name)
				}
			}()
			form(coin.PubKeyHash{1})
		}()
	}
}

// TestAMistypedAddressIsNeverAnotherOne changes each character of good addresses.
func TestAMistypedAddressIsNeverAnotherOne(t *testing.T) {
	for _, v := range []struct{ id, address string }{
		{"litecoin", key1Wit},
		{"dogecoin", "DFpN6QqFfUm3gKNaxN6tNcab1FArL9cZLE"},
		{"bitcoincash", "bitcoincash:qp63uahgrxged4z5jswyt5dn5v3lzsem6cy4spdc2h"},
		{"zcash", "t1UYsZVJkLPeMjxEtACvSxfWuNmddpWfxzs"},
	} {
		n := cointest.Network(t, v.id, "main")
		if _, err := n.ParseAddress(v.address); err != nil {
			t.Fatal(err)
		}
		for i := range v.address {
			for c := byte(' '); c < 0x7f; c++ {
				bad := v.address[:i] + string(c) + v.address[i+1:]
				if a, err := n.ParseAddress(bad); err == nil && bad != v.address {
					t.Errorf("%s is taken for %s", bad, a)
				}
			}
		}
	}
}

func TestBitsBeyondAnAddressAreRefused(t *testing.T) {
	for _, s := range []string{
		" " + key1Wit, key1Wit + " ", key1Wit + "\n", key1Wit + "\x00", key1Wit + key1Wit,
		"ecash:qp63uahgrxged4z5jswyt5dn5v3lzsem6cacy2kzvq", ":" + key1Wit,
	} {
		if a, err := cointest.Network(t, "litecoin", "main").ParseAddress(s); err == nil {
			t.Errorf("%q is taken for %s", s, a)
		}
	}
	// Types and sizes that Bitcoin Cash's key and script addresses do not have.
	for _, s := range []string{
		"bitcoincash:zp63uahgrxged4z5jswyt5dn5v3lzsem6cy4spdc2h", "bitcoincash:", "bitcoincash:q", ":", "bchtest:" + key1Wit,
	} {
		if a, err := cointest.Network(t, "bitcoincash", "main").ParseAddress(s); err == nil {
			t.Errorf("%q is taken for %s", s, a)
		}
	}
}

func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{
		key1Wit, "DFpN6QqFfUm3gKNaxN6tNcab1FArL9cZLE", "bitcoincash:qp63uahgrxged4z5jswyt5dn5v3lzsem6cy4spdc2h",
		"qp63uahgrxged4z5jswyt5dn5v3lzsem6cy4spdc2h", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", "MR8UQSBr5ULwWheBHznrHk2jxyxkHQu8vB",
		"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", "BC1SW50QGDZ25J", "ltcmweb1qq", "ltc1", ":", "",
	} {
		f.Add(s)
	}
	networks := []*coin.Network{
		cointest.Network(f, "bitcoin", "main"), cointest.Network(f, "litecoin", "main"), cointest.Network(f, "dogecoin", "main"),
		cointest.Network(f, "bitcoincash", "main"), cointest.Network(f, "zcash", "main"), cointest.Network(f, "ecash", "regtest"),
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, n := range networks {
			a, err := n.ParseAddress(s)
			if err != nil {
				continue
			}
			if back, err := n.ParseAddress(a.String()); err != nil || back != a {
				t.Errorf("%s: %q is %s, and that is %v, %v", n, s, a, back, err)
			}
			if len(a.Script()) < 4 || len(a.Script()) > 42 {
				t.Errorf("%s: %q pays to the script %x", n, s, a.Script())
			}
		}
	})
}

func FuzzParseAccount(f *testing.F) {
	for _, s := range []string{key1, hash1, key1Wit, strings.ToUpper(hash1), "0x" + hash1, "04", "xprv", "a b"} {
		f.Add(s)
	}
	networks := []*coin.Network{cointest.Network(f, "litecoin", "main"), cointest.Network(f, "bitcoincash", "main"), cointest.Network(f, "dogecoin", "main")}
	f.Fuzz(func(t *testing.T, s string) {
		for _, n := range networks {
			a, err := n.ParseAccount(s)
			if err != nil {
				continue
			}
			if back, err := n.ParseAccount(a.String()); err != nil || back != a {
				t.Errorf("%s: %q is %s, and that is %v, %v", n, s, a, back, err)
			}
			if _, err := a.Address(n); err != nil {
				t.Errorf("%s: the account %s cannot be paid: %v", n, a, err)
			}
			if account, worker := coin.SplitWorker(a.String() + ".w"); account != a.String() || worker != "w" {
				t.Errorf("%s: the account %s does not stand before a worker's name", n, a)
			}
		}
	})
}

func BenchmarkParseAccountRefused(b *testing.B) {
	n := cointest.Network(b, "litecoin", "main")
	for b.Loop() {
		if _, err := n.ParseAccount("DFpN6QqFfUm3gKNaxN6tNcab1FArL9cZLe"); err == nil {
			b.Fatal("read")
		}
	}
}

func decode(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
