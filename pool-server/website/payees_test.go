package website_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

// exchange is an address of the world's coin that is not its key's.
func exchange(t *testing.T, network string) string {
	t.Helper()
	n := cointest.Network(t, "litecoin", network)
	return n.P2WPKH(coin.PubKeyHash{9, 9}).String()
}

// sign signs a list with the world's key.
func (w *world) sign(t *testing.T, number int64, payees ...poolapi.Payee) poolapi.SignedPayees {
	t.Helper()
	s, err := poolapi.SignPayees(w.key, w.account(), poolapi.PayeeList{Number: number, Payees: payees})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// put sends a list.
func (w *world) put(s poolapi.SignedPayees) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPut, poolapi.MinersPath+w.account()+poolapi.PayeesPath, strings.NewReader(s.Body))
	r.Header.Set(poolapi.KeyHeader, s.Key)
	r.Header.Set(poolapi.SignatureHeader, s.Signature)
	answer := httptest.NewRecorder()
	w.ServeHTTP(answer, r)
	return answer
}

func ltc(network, address string) poolapi.Payee {
	return poolapi.Payee{Coin: "litecoin", Network: network, Address: address}
}

func TestThePoolKeepsAListAndGivesItBackToItsSigner(t *testing.T) {
	w := newWorld()
	server := httptest.NewServer(w)
	defer server.Close()
	client, err := poolapi.NewClient(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	signed := w.sign(t, time.Now().UnixMilli(), ltc("regtest", exchange(t, "regtest")), ltc("main", exchange(t, "main")))
	kept, err := client.PutPayees(t.Context(), w.account(), signed)
	if err != nil || len(kept.Elsewhere) != 1 || kept.Elsewhere[0] != "litecoin/main" {
		t.Fatalf("got %+v, %v, want it kept, and main told as not this pool's", kept, err)
	}
	back, err := client.Payees(t.Context(), w.account(), w.key)
	if err != nil || back != signed {
		t.Errorf("got %+v, %v, want the list as it was signed", back, err)
	}
	if m, err := client.Miner(t.Context(), w.account()); err != nil || m.PayeesNumber != kept.Number {
		t.Errorf("got number %d, %v, want %d", m.PayeesNumber, err, kept.Number)
	}
	stranger, err := wallet.NewKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := client.Payees(t.Context(), w.account(), stranger); err == nil {
		t.Errorf("a stranger is told %+v", got)
	}
}

func TestEachListThatIsNotTakenIsExplained(t *testing.T) {
	now := time.Now().UnixMilli()
	address := exchange(t, "regtest")
	for _, tt := range []struct {
		name   string
		list   func(w *world) poolapi.SignedPayees
		book   error
		status int
		want   string // in the answer
	}{
		{"good", func(w *world) poolapi.SignedPayees { return w.sign(t, now, ltc("regtest", address)) }, nil, 200, ""},
		{"of last year", func(w *world) poolapi.SignedPayees { return w.sign(t, now-365*24*3600_000, ltc("regtest", address)) }, nil, 200, ""},
		{"empty", func(w *world) poolapi.SignedPayees { return w.sign(t, now) }, nil, 200, ""},
		{"of the future", func(w *world) poolapi.SignedPayees { return w.sign(t, now+3600_000) }, nil, 400, "clock"},
		{"wrong network", func(w *world) poolapi.SignedPayees { return w.sign(t, now, ltc("main", address)) }, nil, 400, "an address of Litecoin regtest"},
		{"typed wrong", func(w *world) poolapi.SignedPayees { return w.sign(t, now, ltc("regtest", address+"q")) }, nil, 400, "Litecoin regtest"},
		{"unknown coin", func(w *world) poolapi.SignedPayees {
			return w.sign(t, now, poolapi.Payee{Coin: "nocoin", Network: "main", Address: address})
		}, nil, 400, "not known here"},
		{"forged", func(w *world) poolapi.SignedPayees {
			s := w.sign(t, now, ltc("regtest", address))
			s.Body = strings.Replace(s.Body, address[8:12], "qqqq", 1)
			return s
		}, nil, 403, "not signed by"},
		{"signed for something else", func(w *world) poolapi.SignedPayees {
			s := w.sign(t, now)
			s.Key, s.Signature = poolapi.Sign(poolapi.ForTelemetry(), w.key, w.account(), []byte(s.Body))
			return s
		}, nil, 403, "not signed by"},
		{"replayed", func(w *world) poolapi.SignedPayees { return w.sign(t, now) }, ledger.ErrNotNewer, 409, "older one does not take its place"},
		{"too soon", func(w *world) poolapi.SignedPayees { return w.sign(t, now) }, ledger.ErrTooSoon, 429, "a minute"},
		{"of who never mined", func(w *world) poolapi.SignedPayees { return w.sign(t, now) }, ledger.ErrNoShare, 409, "first accepted share"},
	} {
		w := newWorld()
		w.book.refuse = tt.book
		answer := w.put(tt.list(w))
		if answer.Code != tt.status || !strings.Contains(answer.Body.String(), tt.want) {
			t.Errorf("%s: got %d %s, want %d and %q", tt.name, answer.Code, answer.Body, tt.status, tt.want)
		}
		if kept := len(w.book.payees) > 0; kept != (tt.status == 200) {
			t.Errorf("%s: kept = %v", tt.name, kept)
		}
	}
}

func TestForgersOfListsAreStopped(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		w := newWorld()
		forged := w.sign(t, time.Now().UnixMilli())
		forged.Body = `{"number":1,"payees":[]}`
		last := 0
		for range 40 {
			last = w.put(forged).Code
		}
		if last != http.StatusTooManyRequests {
			t.Errorf("after forty forged lists: %d, want 429", last)
		}
	})
}

func TestOnlyTheOwnerSeesWhereCoinsArePaid(t *testing.T) {
	w := newWorld()
	cookie, address := w.signedIn(t, 1), exchange(t, "regtest")
	page := "/miners/" + w.account()
	own := w.see(page, cookie)
	if answer := w.put(w.sign(t, time.Now().UnixMilli(), ltc("regtest", address))); answer.Code != http.StatusOK {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	if got := w.see(page, cookie); !strings.Contains(got, address) || !strings.Contains(got, "which you chose") || got == own {
		t.Error("the owner is not told where the coin is paid")
	}
	strangers := map[string]string{"page": w.get(page).Body.String(), "document": w.get(poolapi.MinersPath + w.account()).Body.String()}
	for name, text := range strangers {
		if strings.Contains(text, address) {
			t.Errorf("the %s tells a stranger the address", name)
		}
	}
	if !strings.Contains(strangers["page"], "an address that the owner chose") {
		t.Error("a stranger is told that the key's own address is paid")
	}
	var m poolapi.MinerStats
	if err := json.Unmarshal([]byte(strangers["document"]), &m); err != nil || !m.Coins[0].Chosen || m.Coins[0].Address != "" {
		t.Errorf("got %+v, %v", m.Coins, err)
	}
}

// A list that the pool cannot pay by (the coin's addresses are read in another way by a
// newer version, or the book was changed) is told to its owner, and not to others.
func TestTheOwnerSeesWhyPayoutsWait(t *testing.T) {
	w := newWorld()
	cookie := w.signedIn(t, 1)
	s := w.sign(t, 5, ltc("regtest", exchange(t, "main")))
	w.book.payees[w.account()] = ledger.PayeeList{Number: 5, Key: s.Key, Signature: s.Signature, Body: s.Body}
	page := "/miners/" + w.account()
	if got := w.see(page, cookie); !strings.Contains(got, "Payouts wait:") || !strings.Contains(got, "Litecoin main") {
		t.Error("the owner is not told why")
	}
	if got := w.get(page).Body.String(); strings.Contains(got, "Payouts wait:") {
		t.Error("a stranger is told")
	}
}
