package sweep_test

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
	"github.com/adit-mining/adit/wallet/sweep"
)

func hexOf(b []byte) string { return hex.EncodeToString(b) }

func TestAddressesAreExplained(t *testing.T) {
	ltc, bch, rvn := cointest.Network(t, "litecoin", "main"), cointest.Network(t, "bitcoincash", "main"), cointest.Network(t, "ravencoin", "main")
	dgb := cointest.Network(t, "dogecoin", "main")
	k := newKey(t)
	h := k.PubKeyHash()
	good := ltc.P2WPKH(h).String()
	const taproot = "tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c" // BIP 350
	for _, c := range []struct {
		n                *coin.Network
		text, code, want string
	}{
		{ltc, good, "", ""},
		{ltc, "  " + strings.ToUpper(good) + "\n", "", ""},
		{ltc, ltc.P2PKH(h).String(), "", ""},
		{ltc, ltc.P2SHP2WPKH(h).String(), "", ""},
		{bch, bch.CashAddr(h).String(), "", ""},
		{bch, strings.TrimPrefix(bch.CashAddr(h).String(), "bitcoincash:"), "", ""},
		{cointest.Network(t, "bitcoin", "test"), taproot, "", ""},
		{ltc, "", sweep.AddressEmpty, "empty"},
		{ltc, good[:8] + swap(good[8:9]) + good[9:], sweep.AddressTyped, "checksum"},
		{ltc, good[:10], sweep.AddressTyped, "copy it again"},
		{ltc, "hello", sweep.AddressForm, "Litecoin"},
		{ltc, cointest.Network(t, "bitcoin", "main").P2WPKH(h).String(), sweep.AddressOther, "Bitcoin main"},
		{ltc, cointest.Network(t, "litecoin", "test").P2WPKH(h).String(), sweep.AddressNetwork, "Litecoin test"},
		{cointest.Network(t, "litecoin", "test"), good, sweep.AddressNetwork, "Litecoin main"},
		{ltc, dgb.P2PKH(h).String(), sweep.AddressOther, "Dogecoin"},
		{ltc, rvn.P2PKH(h).String(), sweep.AddressOther, "Ravencoin"},
		{ltc, bch.CashAddr(h).String(), sweep.AddressOther, "Bitcoin Cash"},
		{ltc, "ltcmweb1qq0xl6j8r9xhs0h4dgwelgtlgnl64uxcm4ah3uhpmlhdvejrsu0hfvq4uwcvr46fr8sspffgxgkf2fwxgtw0q8twkwhdhz9sjj7vdaq4qavd6hnwq", sweep.AddressMWEB, "confidential"},
		{ltc, "litecoin:" + good + "?amount=1", sweep.AddressLink, "link"},
		{ltc, "send it to " + good, sweep.AddressLink, "address alone"},
		{ltc, k.MiningKey(), sweep.AddressKey, "mining key"},
		{ltc, h.String(), sweep.AddressKey, "mining key"},
		{ltc, k.WIF(ltc), sweep.AddressSecret, "private key"},
		{ltc, strings.Repeat("ab", 32), sweep.AddressSecret, "private key"},
		{ltc, "legal winner thank year wave sausage worth useful legal winner thank yellow", sweep.AddressSecret, "never"},
		{ltc, "0x52908400098527886E0F7030069857D2E4169EE7", sweep.AddressEthereum, "Ethereum"},
		{cointest.Network(t, "bitcoin", "main"), "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs", sweep.AddressUnguard, "anybody"}, // BIP 350, witness version 2
		{ltc, strings.Repeat("1", 5000), sweep.AddressForm, "characters"},
	} {
		a, err := sweep.ParseDestination(c.n, c.text)
		var told *sweep.AddressError
		switch {
		case c.code == "" && (err != nil || len(a.Script()) == 0):
			t.Errorf("%s on %s: %v", c.text, c.n, err)
		case c.code == "":
		case !errors.As(err, &told) || told.Code != c.code || !strings.Contains(told.Text, c.want):
			t.Errorf("%.40q on %s: %v, want %s with %q", c.text, c.n, err, c.code, c.want)
		case len(c.text) > 12 && strings.Contains(told.Text, c.text):
			t.Errorf("the error repeats %.20q", c.text)
		}
	}
}

func TestTaprootOnlyWhereItIsGuarded(t *testing.T) {
	guarded := 0
	for _, c := range coin.All() {
		n, err := c.Network("main")
		if err != nil || !n.Segwit() {
			continue
		}
		a, err := taprootOf(n)
		if err != nil {
			t.Fatal(err)
		}
		_, err = sweep.ParseDestination(n, a)
		var told *sweep.AddressError
		if c.Taproot {
			guarded++
			if err != nil {
				t.Errorf("%s: %v", c.ID, err)
			}
		} else if !errors.As(err, &told) || told.Code != sweep.AddressTaproot {
			t.Errorf("%s: %v", c.ID, err)
		}
	}
	if guarded == 0 {
		t.Error("no coin with taproot")
	}
}

func TestOddButGoodAddressesAreWarnedOf(t *testing.T) {
	ltc, k := cointest.Network(t, "litecoin", "main"), newKey(t)
	scripts := scriptsOf(t, ltc, k.PublicKey())
	f := newFake(t, scripts)
	f.pay(scripts[0], 10, 5_000_000)
	other := newKey(t).PubKeyHash()
	old := cointest.Network(t, "bitcoin", "main").P2SHP2WPKH(other).String() // "3...", which Litecoin reads too
	for text, code := range map[string]string{
		ltc.P2WPKH(k.PubKeyHash()).String(): sweep.WarnOwnAddress,
		ltc.P2PKH(k.PubKeyHash()).String():  sweep.WarnOwnAddress,
		old:                                 sweep.WarnSameForm,
		ltc.P2WPKH(other).String():          "",
	} {
		p, err := sweep.Prepare(t.Context(), k.PublicKey(), ltc, text, f, sweep.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if (code == "") != (len(p.Warnings) == 0) || code != "" && p.Warnings[0].Code != code {
			t.Errorf("%s: warnings %v, want %q", text, p.Warnings, code)
		}
		if code == sweep.WarnSameForm && !strings.Contains(p.Warnings[0].Text, "Bitcoin") {
			t.Errorf("the warning names no coin: %s", p.Warnings[0].Text)
		}
	}
}
