package wallet_test

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

func TestWIFIsReadAsBitcoinCoreReadsIt(t *testing.T) {
	file := read[struct {
		Vectors []struct {
			Text, Chain             string
			Payload                 string `json:"payload_hex"`
			IsPrivkey, IsCompressed bool
		}
	}](t, "key_io_valid.json")
	read := 0
	for _, v := range file.Vectors {
		k, form, err := wallet.DecodeWIF(v.Text)
		if !v.IsPrivkey {
			if !errors.Is(err, wallet.ErrWIF) {
				t.Errorf("the address %s is taken for a private key: %v", v.Text, err)
			}
			continue
		}
		read++
		if err != nil || k != key(t, v.Payload) || form.Compressed != v.IsCompressed {
			t.Errorf("%s: compressed %v, %v; want compressed %v", v.Text, form.Compressed, err, v.IsCompressed)
			continue
		}
		if v.Chain == "signet" {
			v.Chain = "test" // same prefixes
		}
		n := cointest.Network(t, "bitcoin", v.Chain)
		if !slices.Contains(form.Networks, n) {
			t.Errorf("%s is of %v, which lacks %s", v.Text, form.Networks, n)
		}
		if v.IsCompressed && k.WIF(n) != v.Text {
			t.Errorf("written back as %s, want %s", k.WIF(n), v.Text)
		}
	}
	if read != 16 {
		t.Errorf("%d private keys in the vectors, want 16", read)
	}
}

// One of the texts that Bitcoin Core refuses happens to be good for other coins.
func TestWIFThatBitcoinCoreRefusesIsNotBitcoins(t *testing.T) {
	refused := 0
	for _, text := range read[struct{ Vectors []string }](t, "key_io_invalid.json").Vectors {
		_, form, err := wallet.DecodeWIF(text)
		if errors.Is(err, wallet.ErrWIF) {
			refused++
			continue
		}
		for _, n := range form.Networks {
			if n.Coin.ID == "bitcoin" {
				t.Errorf("%q is taken for a key of %s", text, n)
			}
		}
	}
	if refused != 69 {
		t.Errorf("%d of 70 are refused, want 69", refused)
	}
}

// TestEveryCoinsWIF compares with what another program made of private key 1, and
// goes there and back on every network.
func TestEveryCoinsWIF(t *testing.T) {
	data, err := os.ReadFile("coin/testdata/private_key_1.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Keys map[string]map[string]string }
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	one := key(t, strings.Repeat("00", 31)+"01")
	for _, c := range coin.All() {
		if got, want := one.WIF(cointest.Network(t, c.ID, "main")), file.Keys[c.ID]["wif_compressed"]; got != want {
			t.Errorf("%s: WIF = %s, want %s", c, got, want)
		}
		for _, n := range c.Networks() {
			k, form, err := wallet.DecodeWIF(one.WIF(n))
			if err != nil || k != one || !form.Compressed || !slices.Contains(form.Networks, n) {
				t.Errorf("%s: read back: %v, %+v", n, err, form)
			}
		}
	}
}

// DigiByte's and MonaCoin's wallets still read the version they once wrote.
func TestOldWIFVersionsAreRead(t *testing.T) {
	one := key(t, strings.Repeat("00", 31)+"01")
	for _, v := range []struct {
		id      string
		version byte
	}{{"digibyte", 158}, {"monacoin", 178}} {
		secret := one.Bytes()
		text := coin.EncodeBase58Check([]byte{v.version}, append(secret[:], 1))
		k, form, err := wallet.DecodeWIF(text)
		if err != nil || k != one || !slices.Contains(form.Networks, cointest.Network(t, v.id, "main")) {
			t.Errorf("%s version %d: %v, %+v", v.id, v.version, err, form)
		}
	}
}

func TestBadWIFIsRefusedAndNotRepeated(t *testing.T) {
	version := []byte{128}
	zeros := make([]byte, 32)
	secret := slices.Repeat([]byte{7}, 32)
	for name, text := range map[string]string{
		"zero":           coin.EncodeBase58Check(version, append(slices.Clone(zeros), 1)),
		"the order":      coin.EncodeBase58Check(version, append(decode(t, order), 1)),
		"another mark":   coin.EncodeBase58Check(version, append(slices.Clone(secret), 2)),
		"a byte short":   coin.EncodeBase58Check(version, secret[:31]),
		"a byte long":    coin.EncodeBase58Check(version, append(slices.Clone(secret), 1, 1)),
		"no version":     coin.EncodeBase58Check(nil, secret),
		"other version":  coin.EncodeBase58Check([]byte{1}, append(slices.Clone(secret), 1)),
		"mistyped":       "KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWm",
		"hex":            strings.Repeat("07", 32),
		"empty":          "",
		"very long":      strings.Repeat("K", 1<<20),
		"two":            "KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn",
		"other alphabet": "0wDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn",
	} {
		k, err := wallet.ParseWIF(text)
		if !errors.Is(err, wallet.ErrWIF) || !k.IsZero() {
			t.Errorf("%s: %v, want ErrWIF", name, err)
			continue
		}
		if text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("%s: the error repeats it", name)
		}
	}
}

func TestWIFMayHaveSpaceAround(t *testing.T) {
	if _, err := wallet.ParseWIF(" KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn\r\n"); err != nil {
		t.Error(err)
	}
}

func FuzzParseWIF(f *testing.F) {
	for _, s := range []string{
		"KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn", "5HpHagT65TZzG1PH3CSu63k8DbpvD8s5ip4nEB3kEsreAnchuDf", "", "1",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k, form, err := wallet.DecodeWIF(s)
		if err != nil {
			return
		}
		for _, n := range form.Networks {
			if back, err := wallet.ParseWIF(k.WIF(n)); err != nil || back != k {
				t.Errorf("%s: written and read back it is another key: %v", n, err)
			}
		}
	})
}
