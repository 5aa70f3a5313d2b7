package coin_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/wallet/coin"
)

func TestTheCoinsOfTheFirstPoolAreThere(t *testing.T) {
	for _, v := range []struct {
		id, symbol, algorithm string
		slip44                uint32
		blockTime             time.Duration
		maturity              int
		rules                 []string
	}{
		{"bitcoin", "BTC", "sha256d", 0, 10 * time.Minute, 100, []string{"segwit"}},
		{"litecoin", "LTC", "scrypt", 2, 150 * time.Second, 100, []string{"mweb", "segwit"}},
		{"dogecoin", "DOGE", "scrypt", 3, time.Minute, 240, nil},
		{"bitcoincash", "BCH", "sha256d", 145, 10 * time.Minute, 100, nil},
		{"digibyte", "DGB", "sha256d", 20, 15 * time.Second, 100, []string{"segwit"}},
	} {
		c, err := coin.Lookup(v.id)
		if err != nil {
			t.Error(err)
			continue
		}
		if c.Symbol != v.symbol || c.Algorithm != v.algorithm || c.SLIP44 != v.slip44 ||
			c.BlockTime != v.blockTime || c.Maturity != v.maturity || !slices.Equal(c.Rules, v.rules) {
			t.Errorf("%s = %+v, want %+v", v.id, c, v)
		}
		for _, name := range []string{"main", "test", "regtest"} {
			if _, err := c.Network(name); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestEveryCoinFileIsNamedByItsIDAndRead(t *testing.T) {
	entries, err := os.ReadDir("coins")
	if err != nil {
		t.Fatal(err)
	}
	all := coin.All()
	if len(all) != len(entries) || len(all) < 30 {
		t.Errorf("%d coins from %d files", len(all), len(entries))
	}
	ids, symbols := map[string]bool{}, map[string]bool{}
	for _, c := range all {
		if _, err := os.Stat(filepath.Join("coins", c.ID+".json")); err != nil {
			t.Error(err)
		}
		if ids[c.ID] || symbols[c.Symbol] || ids[strings.ToLower(c.Symbol)] {
			t.Errorf("%s or %s names two coins", c.ID, c.Symbol)
		}
		ids[c.ID], symbols[c.Symbol] = true, true
		if c.Segwit != slices.Contains(c.Rules, "segwit") {
			t.Errorf("%s: segwit is %v and the rules are %v", c, c.Segwit, c.Rules)
		}
	}
}

func TestLookupKnowsSymbolsAndNamesTheCoinsThereAre(t *testing.T) {
	for _, id := range []string{"litecoin", "LTC", "ltc", "LiteCoin"} {
		if c, err := coin.Lookup(id); err != nil || c.ID != "litecoin" {
			t.Errorf("Lookup(%s) = %v, %v", id, c, err)
		}
	}
	_, err := coin.Lookup("lightcoin\x1b[31m")
	if err == nil || !strings.Contains(err.Error(), "litecoin") || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("Lookup of an unknown coin: %v", err)
	}
}

func TestAllCannotBeChangedByItsCaller(t *testing.T) {
	coin.All()[0] = nil
	if coin.All()[0] == nil {
		t.Error("a caller emptied the list of coins")
	}
}

const goodCoin = `{"id": "some", "name": "Some", "symbol": "SOME", "algorithms": ["scrypt"], "slip44": 7,
	"blockTime": "1m", "maturity": 100, "decimals": 8, "segwit": true, "rules": ["segwit"], "minable": "yes",
	"networks": {"main": {"p2pkh": [1], "p2sh": [2], "wif": [3], "bech32": "so"}}, "source": "here"}`

func TestParseReadsAnOperatorsCoin(t *testing.T) {
	c, err := coin.Parse([]byte(goodCoin))
	if err != nil {
		t.Fatal(err)
	}
	n, err := c.Network("main")
	if err != nil {
		t.Fatal(err)
	}
	a := n.PayoutAddress(coin.PubKeyHash{1})
	if back, err := n.ParseAddress(a.String()); err != nil || back != a {
		t.Errorf("ParseAddress(%s) = %v, %v", a, back, err)
	}
	if _, err := c.Network("regtest"); err == nil {
		t.Error("a network that the file lacks is there")
	}
}

func TestParseTellsAllFaultsAtOnceWithTheirKeys(t *testing.T) {
	bad := strings.NewReplacer(`"Some"`, `""`, `"1m"`, `"0s"`, `[3]`, `[1, 2, 3]`, `"yes"`, `"perhaps"`, `[2]`, `[1]`).Replace(goodCoin)
	_, err := coin.Parse([]byte(bad))
	if err == nil {
		t.Fatal("a bad coin is read")
	}
	for _, key := range []string{"name: ", "blockTime: ", "networks.main.wif: ", "minable: ", "networks.main.p2sh: "} {
		if !strings.Contains(err.Error(), key) {
			t.Errorf("%q does not name the key %q", err, key)
		}
	}
}

func TestParseRefusesWhatIsNotACoin(t *testing.T) {
	for _, text := range []string{
		"", "{}", "null", "[]", goodCoin + goodCoin,
		strings.Replace(goodCoin, `"name"`, `"nmae"`, 1),
		strings.Replace(goodCoin, `"bech32"`, `"bech31"`, 1),
		strings.Replace(goodCoin, `"main"`, `"mainnet"`, 1),
		strings.Replace(goodCoin, `[3]`, `[256]`, 1),
		strings.Replace(goodCoin, `[3]`, `[]`, 1),
		strings.Replace(goodCoin, `"id": "some"`, `"id": "So/me"`, 1),
		strings.Replace(goodCoin, `"1m"`, `60`, 1),
	} {
		if c, err := coin.Parse([]byte(text)); err == nil {
			t.Errorf("%s is read as %v", text, c)
		}
	}
}
