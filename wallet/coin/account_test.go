package coin_test

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

// Private key 1's public names.
const (
	key1    = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
	hash1   = "751e76e8199196d454941c45d1b3a323f1433bd6"
	key1Wit = "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9"
)

func TestBothNamesOfAMiningKeyAreOneAccount(t *testing.T) {
	n := cointest.Network(t, "litecoin", "main")
	var accounts []coin.Account
	for _, name := range []string{key1, strings.ToUpper(key1), hash1, strings.ToUpper(hash1)} {
		a, err := n.ParseAccount(name)
		if err != nil {
			t.Fatalf("ParseAccount(%s): %v", name, err)
		}
		accounts = append(accounts, a)
	}
	for _, a := range accounts {
		if a != accounts[0] || a.String() != hash1 {
			t.Errorf("account %s, want %s", a, hash1)
		}
		if h, ok := a.PubKeyHash(); !ok || h.String() != hash1 || coin.KeyAccount(h) != a {
			t.Errorf("PubKeyHash = %s, %v", h, ok)
		}
	}
	address, err := accounts[0].Address(n)
	if err != nil || address.String() != key1Wit {
		t.Errorf("paid at %s, %v, want %s", address, err, key1Wit)
	}
}

func TestAMiningKeyIsPaidInEachCoinsBestForm(t *testing.T) {
	for _, v := range []struct{ id, network, begin string }{
		{"bitcoin", "main", "bc1q"}, {"bitcoin", "regtest", "bcrt1q"},
		{"litecoin", "test", "tltc1q"}, {"litecoin", "regtest", "rltc1q"},
		{"digibyte", "main", "dgb1q"},
		{"bitcoincash", "main", "bitcoincash:q"}, {"bitcoincash", "regtest", "bchreg:q"},
		{"dogecoin", "main", "D"}, {"dogecoin", "test", "n"}, {"zcash", "main", "t1"},
	} {
		n := cointest.Network(t, v.id, v.network)
		a, err := n.ParseAccount(hash1)
		if err != nil {
			t.Fatal(err)
		}
		address, err := a.Address(n)
		if err != nil || !strings.HasPrefix(address.String(), v.begin) {
			t.Errorf("%s: paid at %s, %v, want %s...", n, address, err, v.begin)
		}
	}
}

func TestEveryFormOfAnAddressIsOneAccount(t *testing.T) {
	for _, v := range []struct {
		id, network, want string
		forms             []string
	}{
		{"litecoin", "main", key1Wit, []string{key1Wit, strings.ToUpper(key1Wit)}},
		// Litecoin's scripts: the old version, like Bitcoin's, and the new one.
		{"litecoin", "main", "MR8UQSBr5ULwWheBHznrHk2jxyxkHQu8vB",
			[]string{"MR8UQSBr5ULwWheBHznrHk2jxyxkHQu8vB", "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN"}},
		{"bitcoincash", "main", "bitcoincash:qp63uahgrxged4z5jswyt5dn5v3lzsem6cy4spdc2h",
			[]string{"bitcoincash:qp63uahgrxged4z5jswyt5dn5v3lzsem6cy4spdc2h", "qp63uahgrxged4z5jswyt5dn5v3lzsem6cy4spdc2h",
				"1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", "BITCOINCASH:QP63UAHGRXGED4Z5JSWYT5DN5V3LZSEM6CY4SPDC2H"}},
	} {
		n := cointest.Network(t, v.id, v.network)
		for _, form := range v.forms {
			a, err := n.ParseAccount(form)
			if err != nil {
				t.Errorf("ParseAccount(%s): %v", form, err)
				continue
			}
			if a.String() != v.want {
				t.Errorf("account %s of %s, want %s", a, form, v.want)
			}
			if _, isKey := a.PubKeyHash(); isKey {
				t.Errorf("address %s is taken for a key", form)
			}
		}
	}
}

func TestRefusedAccountsTellWhatToChange(t *testing.T) {
	mweb := "tmweb1qqt0hd25upw5mmeuu2sekmfygdlk9xcxu0ugxzul4dyqyx6jctwvuxqmdmdh0g6yx5ydlp0w2dh4yeyzsm8h6p2hcdhhe8x5xr0r2l9zqvqqqqqq0"
	for _, v := range []struct{ name, user, says string }{
		{"nothing", "", "empty"},
		{"a word", "rig1", "mining key"},
		{"39 hex digits", hash1[1:], "40 or 66 hex digits"},
		{"zeros", strings.Repeat("0", 40), "zeros"},
		{"not on the curve", "02" + strings.Repeat("0", 63) + "5", "mistyped"},
		{"uncompressed", "04" + strings.Repeat("11", 64), "compressed"},
		{"Ethereum", "0x" + hash1, "Ethereum"},
		{"MimbleWimble", mweb, "MWEB"},
		{"Dogecoin", "DFpN6QqFfUm3gKNaxN6tNcab1FArL9cZLE", "Dogecoin main"},
		{"Bitcoin", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "Bitcoin main"},
		{"mistyped", "rltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n8", "checksum"},
		{"wrong network", key1Wit, "Litecoin main"},
		{"example", "mbitcoin", "rltc1q..."},
		{"very long", strings.Repeat("1", 1<<20), "too many"},
	} {
		_, err := cointest.Network(t, "litecoin", "regtest").ParseAccount(v.user)
		if err == nil || !strings.Contains(err.Error(), v.says) {
			t.Errorf("%s: error %v, want it to say %q", v.name, err, v.says)
			continue
		}
		if errors.Is(err, coin.ErrPrivateKey) {
			t.Errorf("%s: taken for a private key", v.name)
		}
		if len(v.user) > 5 && strings.Contains(err.Error(), v.user) {
			t.Errorf("%s: the error repeats the name: %v", v.name, err)
		}
	}
}

func TestPrivateKeysAreRecognisedAndNotRepeated(t *testing.T) {
	for _, secret := range []string{
		strings.Repeat("0", 63) + "1",
		strings.Repeat("0", 62) + "1", // a digit lost
		"KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn",
		"KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWm", // mistyped
		"5HpHagT65TZzG1PH3CSu63k8DbpvD8s5ip4nEB3kEsreAnchuDf",
		"6PRVWUbkzzsbcVac2qwfssoUJAN1Xhrg6bNk8J7Nzm5H7kxEbn2Nh2ZoGg",
		"xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
		strings.Repeat("abandon ", 11) + "about",
	} {
		_, err := cointest.Network(t, "bitcoin", "main").ParseAccount(secret)
		if !errors.Is(err, coin.ErrPrivateKey) {
			t.Errorf("a private key of %d characters: %v", len(secret), err)
		}
	}
}

// A pool must not pay to what anybody can take.
func TestUnguardedAddressesAreNoAccounts(t *testing.T) {
	const taproot = "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"
	n := cointest.Network(t, "bitcoin", "main")
	if a, err := n.ParseAccount(taproot); err != nil || a.String() != taproot {
		t.Errorf("taproot on Bitcoin: %v, %v", a, err)
	}
	const future = "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs"
	address, err := n.ParseAddress(future)
	if err != nil || address.Kind() != coin.KindWitnessUnknown {
		t.Fatalf("witness version 2 is read as %v, %v", address.Kind(), err)
	}
	if _, err := n.ParseAccount(future); err == nil {
		t.Error("witness version 2 is an account")
	}
	// Feathercoin has bech32; nothing here says that it has taproot.
	fc := cointest.Network(t, "feathercoin", "main")
	if _, err := fc.ParseAccount(taprootOf(t, fc)); err == nil || !strings.Contains(err.Error(), "taproot") {
		t.Errorf("taproot on Feathercoin: %v", err)
	}
}

func TestAKeyAccountNeedsNoNetworkAndAnAddressItsOwn(t *testing.T) {
	ltc, btc := cointest.Network(t, "litecoin", "main"), cointest.Network(t, "bitcoin", "main")
	a, err := ltc.ParseAccount(key1Wit)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := a.Address(btc); err == nil {
		t.Errorf("a Litecoin address is paid at %s on Bitcoin", got)
	}
	if got, err := (coin.Account{}).Address(btc); err == nil {
		t.Errorf("nobody is paid at %s", got)
	}
}

func TestSplitWorker(t *testing.T) {
	for user, want := range map[string][2]string{
		hash1 + ".rig1":    {hash1, "rig1"},
		hash1:              {hash1, ""},
		hash1 + ".":        {hash1, ""},
		hash1 + ".a.b":     {hash1, "a.b"},
		".rig":             {"", "rig"},
		"":                 {"", ""},
		"bchreg:qqq.rig_2": {"bchreg:qqq", "rig_2"},
	} {
		if account, worker := coin.SplitWorker(user); account != want[0] || worker != want[1] {
			t.Errorf("SplitWorker(%q) = %q, %q, want %q", user, account, worker, want)
		}
	}
}

func taprootOf(t testing.TB, n *coin.Network) string {
	t.Helper()
	x, err := hex.DecodeString(key1[2:])
	if err != nil {
		t.Fatal(err)
	}
	return segwitAddress(t, n.Bech32Prefix, 1, x)
}
