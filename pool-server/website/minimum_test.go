package website_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/poolapi"
)

func TestThePoolKeepsAMinimumAndShowsIt(t *testing.T) {
	w := newWorld()
	server := httptest.NewServer(w)
	defer server.Close()
	client, err := poolapi.NewClient(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	shown := func(want, by, words string) {
		t.Helper()
		m, err := client.Miner(t.Context(), w.account())
		if err != nil || m.Coins[0].PayoutMinimum != want || m.Coins[0].MinimumSetBy != by {
			t.Errorf("got %+v, %v, want %s by %q", m.Coins[0], err, want, by)
		}
		if page := w.get("/miners/" + w.account()).Body.String(); !strings.Contains(page, words) {
			t.Errorf("the page does not say %q", words)
		}
	}
	amount := "2.5"
	request := poolapi.MinimumRequest{Number: time.Now().UnixMilli(), Coin: "litecoin", Network: "regtest", Minimum: &amount}
	kept, err := client.PutMinimum(t.Context(), w.account(), w.key, request)
	if err != nil || kept.Minimum != "2.50000000" || kept.Number != request.Number {
		t.Fatalf("got %+v, %v", kept, err)
	}
	shown("2.50000000", "signed", "paid from 2.50 LTC, which the owner chose; the pool pays from 0.01")
	w.book.setBy = ledger.MinimumPassword
	shown("2.50000000", "password", "paid from 2.50 LTC, which a miner's password asks for")
	request.Minimum = nil
	request.Number++
	if kept, err = client.PutMinimum(t.Context(), w.account(), w.key, request); err != nil || kept.Minimum != "0.01000000" {
		t.Errorf("got %+v, %v", kept, err)
	}
	shown("0.01000000", "", "paid from 0.01 LTC<")
}

func TestEachMinimumThatIsNotTakenIsExplained(t *testing.T) {
	now := time.Now().UnixMilli()
	body := func(number int64, place, minimum string) string {
		n, _ := json.Marshal(number)
		return `{"number":` + string(n) + `,` + place + `,"minimum":` + minimum + `}`
	}
	const here = `"coin":"litecoin","network":"regtest"`
	for _, tt := range []struct {
		name, body string
		book       error
		status     int
		want       string // in the answer
	}{
		{"the least", body(now, here, `"0.01"`), nil, 200, ""},
		{"the most", body(now, here, `"10"`), nil, 200, ""},
		{"taken back", body(now, here, "null"), nil, 200, `"0.01000000"`},
		{"too little", body(now, here, `"0.00999999"`), nil, 400, "want 0.01000000 to 10.00000000 LTC"},
		{"too much", body(now, here, `"10.00000001"`), nil, 400, "1000 times"},
		{"nothing", body(now, here, `"0"`), nil, 400, "want 0.01"},
		{"negative", body(now, here, `"-1"`), nil, 400, "not a minimum"},
		{"no number", body(now, here, `"1e5"`), nil, 400, "not a minimum"},
		{"not text", body(now, here, `5`), nil, 400, "or null"},
		{"not said", `{"number":5,` + here + `}`, nil, 400, "or null"},
		{"unknown word", body(now, here+`,"more":1`, `"1"`), nil, 400, "or null"},
		{"two", body(now, here, `"1"`) + "{}", nil, 400, "follows"},
		{"numbered 0", body(0, here, `"1"`), nil, 400, "milliseconds"},
		{"of the future", body(now+3600_000, here, `"1"`), nil, 400, "clock"},
		{"of another coin", body(now, `"coin":"dogecoin","network":"main"`, `"1"`), nil, 400, "no such coin"},
		{"of another network", body(now, `"coin":"litecoin","network":"main"`, `"1"`), nil, 400, "no such coin"},
		{"replayed", body(now, here, `"1"`), ledger.ErrNotNewer, 409, "older one does not take its place"},
		{"too soon", body(now, here, `"1"`), ledger.ErrTooSoon, 429, "a minute"},
		{"of who never mined", body(now, here, `"1"`), ledger.ErrNoShare, 409, "first accepted share"},
		{"into a book that is shut", body(now, here, `"1"`), errors.New("disk full at /secret"), 500, "cannot read its books"},
	} {
		w := newWorld()
		w.book.refuse = tt.book
		answer := w.putMinimum(tt.body, func(*http.Request) {})
		if answer.Code != tt.status || !strings.Contains(answer.Body.String(), tt.want) || strings.Contains(answer.Body.String(), "secret") {
			t.Errorf("%s: got %d %s, want %d and %q", tt.name, answer.Code, answer.Body, tt.status, tt.want)
		}
		if kept := len(w.book.minimum) > 0; kept != (tt.status == 200) {
			t.Errorf("%s: kept = %v", tt.name, kept)
		}
	}
	w := newWorld()
	forged := w.putMinimum(body(now, here, `"1"`), func(r *http.Request) {
		key, signature := poolapi.Sign(poolapi.ForPayees(), w.key, w.account(), []byte(body(now, here, `"1"`)))
		r.Header.Set(poolapi.KeyHeader, key)
		r.Header.Set(poolapi.SignatureHeader, signature)
	})
	if forged.Code != http.StatusForbidden || len(w.book.minimum) > 0 {
		t.Errorf("signed for something else: %d %s", forged.Code, forged.Body)
	}
}

// putMinimum sends a body that the world's key has signed, after spoil had its way.
func (w *world) putMinimum(body string, spoil func(*http.Request)) *httptest.ResponseRecorder {
	return w.sendSigned(poolapi.ForMinimum(), poolapi.MinimumPath, []byte(body), func(r *http.Request) {
		r.Method = http.MethodPut
		spoil(r)
	})
}
