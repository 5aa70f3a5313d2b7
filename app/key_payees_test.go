package main_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

type payeesShown struct {
	Account string
	Number  int64
	Payees  []poolapi.Payee
	Path    string
}

// exchange is an address that is nobody's key.
func exchange(t *testing.T, id, network string) string {
	t.Helper()
	n := cointest.Network(t, id, network)
	return n.PayoutAddress(coin.PubKeyHash{9, 9}).String()
}

func payeesOf(t *testing.T, data, stdin string, args ...string) payeesShown {
	t.Helper()
	r := adit(t, stdin, append([]string{"key", "payees", "--json", "--data", data}, args...)...)
	var shown payeesShown
	if err := json.Unmarshal([]byte(r.stdout), &shown); err != nil || r.code != 0 {
		t.Fatalf("%v: %d %v: %s%s", args, r.code, err, r.stdout, r.stderr)
	}
	return shown
}

func TestPayeesAreSetShownAndCleared(t *testing.T) {
	data := t.TempDir()
	if none := payeesOf(t, data, ""); none.Number != 0 || len(none.Payees) != 0 {
		t.Errorf("at first: %+v", none)
	}
	litecoin, bitcoin := exchange(t, "litecoin", "main"), exchange(t, "bitcoin", "regtest")
	set := payeesOf(t, data, "", "--set", "litecoin="+litecoin, "--set", "bitcoin:regtest="+bitcoin)
	want := []poolapi.Payee{{Coin: "litecoin", Network: "main", Address: litecoin}, {Coin: "bitcoin", Network: "regtest", Address: bitcoin}}
	if len(set.Payees) != 2 || set.Payees[0] != want[0] || set.Payees[1] != want[1] {
		t.Errorf("got %+v, want %+v", set.Payees, want)
	}
	var signed poolapi.SignedPayees
	text, err := os.ReadFile(set.Path)
	if err != nil || json.Unmarshal(text, &signed) != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if list, err := signed.Open(set.Account); err != nil || list.Number != set.Number {
		t.Errorf("the file holds %+v, %v", list, err)
	}
	r := adit(t, "", "key", "payees", "--data", data)
	if r.code != 0 || !strings.Contains(r.stdout, "litecoin main is paid to "+litecoin) {
		t.Errorf("%d %s%s", r.code, r.stdout, r.stderr)
	}
	cleared := payeesOf(t, data, "", "--clear", "litecoin")
	if len(cleared.Payees) != 1 || cleared.Payees[0] != want[1] || cleared.Number <= set.Number {
		t.Errorf("got %+v", cleared)
	}
}

func TestAPayeeThatCannotBePaidIsExplained(t *testing.T) {
	data := t.TempDir()
	address := exchange(t, "litecoin", "main")
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"--set", "litecoin:test=" + address}, "an address of Litecoin main"},
		{[]string{"--set", "litecoin=" + address[:len(address)-1]}, "not a Litecoin main address"},
		{[]string{"--set", "litecoin=" + exchange(t, "dogecoin", "main")}, "Dogecoin main"},
		{[]string{"--set", "nocoin=" + address}, "nocoin"},
		{[]string{"--set", "litecoin:moon=" + address}, "moon"},
		{[]string{"--set", "litecoin"}, "COIN[:NET]=ADDRESS"},
		{[]string{"--set", "litecoin="}, "COIN[:NET]=ADDRESS"},
		{[]string{"--clear", "nocoin"}, "nocoin"},
		{[]string{"--set", "litecoin=" + bip38WIF}, "private key"},
	} {
		r := adit(t, "", append([]string{"key", "payees", "--data", data}, tt.args...)...)
		if r.code == 0 || !strings.Contains(r.stderr, tt.want) {
			t.Errorf("%q: %d %s, want %q", tt.args, r.code, r.stderr, tt.want)
		}
	}
	if shown := payeesOf(t, data, ""); shown.Number != 0 {
		t.Errorf("something was signed: %+v", shown)
	}
}
