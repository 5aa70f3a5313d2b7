package poolapi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

// place is where a coin of a test is paid: nobody has the key of this hash.
func place(t testing.TB, id, network string) poolapi.Payee {
	t.Helper()
	n := cointest.Network(t, id, network)
	return poolapi.Payee{Coin: id, Network: network, Address: n.PayoutAddress(coin.PubKeyHash{5, 6, 7}).String()}
}

// The document, byte by byte, with a signature that other programs can check: ECDSA of
// RFC 6979 over the SHA-256 of "adit-payees-1\n" + account + "\n" + body.
func TestTheSignedListOfTheDocumentation(t *testing.T) {
	key, err := wallet.KeyFromBytes(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := poolapi.SignPayees(key, key.PubKeyHash().String(), poolapi.PayeeList{Number: 1764126000000, Payees: []poolapi.Payee{place(t, "litecoin", "regtest")}})
	if err != nil {
		t.Fatal(err)
	}
	want := poolapi.SignedPayees{
		Key:       "031b84c5567b126440995d3ed5aaba0565d71e1834604819ff9c17f5e9d5dd078f",
		Signature: "30450221008e81c9c78b3c78349cba5bba56fcab2572759acd485896a6ac8537dc106203bd02206f366bee75b1a96e91e5232cf248cae6f8e6588812541ebdbb8978e23bc71d0b",
		Body:      `{"number":1764126000000,"payees":[{"coin":"litecoin","network":"regtest","address":"rltc1qq5rqwqqqqqqqqqqqqqqqqqqqqqqqqqqq0s4mwj"}]}`,
	}
	if signed != want {
		t.Errorf("got %+v\nwant %+v", signed, want)
	}
}

func TestASignedListOpensForItsKeyAlone(t *testing.T) {
	key, other := newKey(t), newKey(t)
	account := key.PubKeyHash().String()
	list := poolapi.PayeeList{Number: 7, Payees: []poolapi.Payee{place(t, "litecoin", "main"), place(t, "dogecoin", "test")}}
	signed, err := poolapi.SignPayees(key, account, list)
	if err != nil {
		t.Fatal(err)
	}
	open, err := signed.Open(account)
	if err != nil || fmt.Sprint(open) != fmt.Sprint(list) {
		t.Fatalf("got %+v, %v, want %+v", open, err, list)
	}
	if p, listed := open.For("dogecoin", "test"); !listed || p != list.Payees[1] {
		t.Errorf("got %+v, %v", p, listed)
	}
	if p, listed := open.For("dogecoin", "main"); listed {
		t.Errorf("another network's coin is paid to %+v", p)
	}
	theirs, err := poolapi.SignPayees(other, account, list)
	if err != nil {
		t.Fatal(err)
	}
	forged := map[string]poolapi.SignedPayees{
		"another key's":    theirs,
		"a changed body":   {Key: signed.Key, Signature: signed.Signature, Body: strings.Replace(signed.Body, `"number":7`, `"number":8`, 1)},
		"another key":      {Key: other.MiningKey(), Signature: signed.Signature, Body: signed.Body},
		"for another use":  signedFor(poolapi.ForTelemetry(), key, account, signed.Body),
		"no signature":     {Key: signed.Key, Body: signed.Body},
		"nothing":          {},
		"a question's one": signedFor(poolapi.ForAskPayees(), key, account, signed.Body),
	}
	for name, s := range forged {
		if _, err := s.Open(account); !errors.Is(err, poolapi.ErrSignature) {
			t.Errorf("%s: got %v, want ErrSignature", name, err)
		}
	}
}

func signedFor(p poolapi.Purpose, key wallet.Key, account, body string) poolapi.SignedPayees {
	public, signature := poolapi.Sign(p, key, account, []byte(body))
	return poolapi.SignedPayees{Key: public, Signature: signature, Body: body}
}

func TestWhatIsNoListIsRefused(t *testing.T) {
	many := poolapi.PayeeList{Number: 1}
	for i := range poolapi.MaxPayees + 1 {
		many.Payees = append(many.Payees, poolapi.Payee{Coin: fmt.Sprint("coin", i)})
	}
	tooMany, err := json.Marshal(many)
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{
		"", "null", "[]", `{"number":1,"payees":[]} x`, `{"number":1,"payees":[]}{}`, `{"number":0,"payees":[]}`, `{"number":-1,"payees":[]}`,
		`{"number":1.5,"payees":[]}`, `{"number":1,"payees":[],"also":1}`, `{"number":1,"payees":[{"coin":"litecoin","network":"main","adress":"x"}]}`,
		`{"number":1,"payees":[{"coin":"a","network":"main"},{"coin":"a","network":"main"}]}`,
		`{"number":99999999999999999999,"payees":[]}`, string(tooMany), `{"number":1,"payees":[` + strings.Repeat(" ", poolapi.MaxPayeesBytes) + `]}`,
	} {
		if l, err := poolapi.ReadPayees([]byte(body)); !errors.Is(err, poolapi.ErrPayees) {
			t.Errorf("%.80q: got %+v, %v, want ErrPayees", body, l, err)
		}
	}
	if l, err := poolapi.ReadPayees([]byte(`{"number":1,"payees":[]}`)); err != nil || l.Number != 1 {
		t.Errorf("the empty list: %+v, %v", l, err)
	}
}

func TestEachWrongAddressIsExplained(t *testing.T) {
	litecoin, dogecoin := place(t, "litecoin", "main").Address, place(t, "dogecoin", "main").Address
	key := newKey(t)
	n := cointest.Network(t, "litecoin", "main")
	for _, tt := range []struct {
		payee poolapi.Payee
		want  string // in the error; "" none
	}{
		{poolapi.Payee{Coin: "litecoin", Network: "main", Address: litecoin}, ""},
		{poolapi.Payee{Coin: "litecoin", Network: "main", Address: place(t, "litecoin", "regtest").Address}, "Litecoin regtest"},
		{poolapi.Payee{Coin: "litecoin", Network: "main", Address: dogecoin}, "Dogecoin main"},
		{poolapi.Payee{Coin: "nocoin", Network: "main", Address: litecoin}, "not known"},
		{poolapi.Payee{Coin: "litecoin", Network: "moon", Address: litecoin}, "moon"},
		{poolapi.Payee{Coin: "litecoin", Network: "main", Address: litecoin[:len(litecoin)-1] + "q"}, "Litecoin main"},
		{poolapi.Payee{Coin: "litecoin", Network: "main", Address: ""}, "empty"},
		{poolapi.Payee{Coin: "litecoin", Network: "main", Address: key.MiningKey()}, "mining key"},
		{poolapi.Payee{Coin: "litecoin", Network: "main", Address: key.WIF(n)}, "private key"},
		{poolapi.Payee{Coin: "litecoin", Network: "main", Address: "0x" + strings.Repeat("ab", 20)}, "Ethereum"},
	} {
		err := poolapi.PayeeList{Number: 1, Payees: []poolapi.Payee{tt.payee}}.Check()
		switch {
		case tt.want == "" && err != nil, tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%+v: got %v, want %q in it", tt.payee, err, tt.want)
		case err != nil && len(tt.payee.Address) > 20 && strings.Contains(err.Error(), tt.payee.Address):
			t.Errorf("%v repeats what was typed", err)
		}
	}
}

func TestThePoolsListIsBelievedOnlyWithTheKeysSignature(t *testing.T) {
	key, other := newKey(t), newKey(t)
	account := key.PubKeyHash().String()
	own, err := poolapi.SignPayees(key, account, poolapi.PayeeList{Number: 3})
	if err != nil {
		t.Fatal(err)
	}
	forged, err := poolapi.SignPayees(other, account, poolapi.PayeeList{Number: 9})
	if err != nil {
		t.Fatal(err)
	}
	var answer poolapi.SignedPayees
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { json.NewEncoder(w).Encode(answer) }))
	defer server.Close()
	c, err := poolapi.NewClient(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		answer poolapi.SignedPayees
		good   bool
	}{{own, true}, {forged, false}, {poolapi.SignedPayees{}, false}} {
		answer = tt.answer
		got, err := c.Payees(t.Context(), account, key)
		if (err == nil) != tt.good || tt.good && got != own {
			t.Errorf("%+v: got %+v, %v", tt.answer, got, err)
		}
	}
}

func FuzzReadPayees(f *testing.F) {
	f.Add([]byte(`{"number":1,"payees":[{"coin":"litecoin","network":"main","address":"x"}]}`))
	f.Add([]byte(`{"number":1,"payees":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		l, err := poolapi.ReadPayees(body)
		if err != nil {
			return
		}
		_ = l.Check() // must not panic
		again, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		back, err := poolapi.ReadPayees(again)
		if len(again) <= poolapi.MaxPayeesBytes && (err != nil || back.Number != l.Number || len(back.Payees) != len(l.Payees)) {
			t.Errorf("%q is read as %+v, and that as %+v, %v", body, l, back, err)
		}
	})
}
