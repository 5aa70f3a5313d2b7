package main_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/adit-mining/adit/pool-server/poolapi"
)

// minimumPool is a pool that pays Litecoin from 0.1 on, or from what the key has signed.
func minimumPool(t *testing.T) (url string) {
	t.Helper()
	var mu sync.Mutex
	standing := poolapi.CoinMiner{Coin: "litecoin", Symbol: "LTC", Network: "main", PayoutMinimum: "0.10000000"}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+poolapi.MinersPath+"{account}", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		_ = json.NewEncoder(w).Encode(poolapi.MinerStats{Account: r.PathValue("account"), Coins: []poolapi.CoinMiner{standing}})
	})
	mux.HandleFunc("PUT "+poolapi.MinersPath+"{account}"+poolapi.MinimumPath, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		request, err := poolapi.ReadMinimum(body)
		if err == nil {
			err = poolapi.Verify(poolapi.ForMinimum(), r.PathValue("account"), r.Header.Get(poolapi.KeyHeader), r.Header.Get(poolapi.SignatureHeader), body)
		}
		switch {
		case err != nil:
			w.WriteHeader(http.StatusForbidden)
			_ = json.NewEncoder(w).Encode(poolapi.Problem{Error: err.Error()})
			return
		case request.Minimum == nil:
			standing.PayoutMinimum, standing.MinimumSetBy = "0.10000000", ""
		default:
			standing.PayoutMinimum, standing.MinimumSetBy = *request.Minimum, "signed"
		}
		_ = json.NewEncoder(w).Encode(poolapi.MinimumKept{Number: request.Number, Minimum: standing.PayoutMinimum})
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func TestAMinimumIsSignedShownAndTakenBack(t *testing.T) {
	data, pool := t.TempDir(), minimumPool(t)
	for _, tt := range []struct {
		args        []string
		minimum, by string
		words       string
	}{
		{nil, "0.10000000", "", "as the pool pays everybody"},
		{[]string{"--set", "2.5"}, "2.5", "signed", "owner has signed"},
		{nil, "2.5", "signed", "owner has signed"},
		{[]string{"--clear"}, "0.10000000", "", "as the pool pays everybody"},
	} {
		args := append([]string{"key", "minimum", "--data", data, "--coin", "litecoin", "--pool", pool}, tt.args...)
		r := adit(t, "", append(args, "--json")...)
		var shown struct {
			Coin, Minimum string
			SetBy         string `json:"set_by"`
		}
		if err := json.Unmarshal([]byte(r.stdout), &shown); err != nil || shown.Coin != "litecoin" || shown.Minimum != tt.minimum || shown.SetBy != tt.by {
			t.Errorf("%v: %d %s%s, want %s by %q", tt.args, r.code, r.stdout, r.stderr, tt.minimum, tt.by)
		}
		if r := adit(t, "", args...); r.code != 0 || !strings.Contains(r.stdout, tt.words) {
			t.Errorf("%v: %d %s%s, want %q", tt.args, r.code, r.stdout, r.stderr, tt.words)
		}
	}
}

func TestAMinimumThatCannotBeSetIsExplained(t *testing.T) {
	data, pool := t.TempDir(), minimumPool(t)
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"--pool", pool}, "--coin COIN[:NET]"},
		{[]string{"--pool", pool, "--coin", "litecoin", "--set", "1", "--clear"}, "--clear"},
		{[]string{"--pool", pool, "--coin", "litecoin", "--set", "much"}, "--set"},
		{[]string{"--pool", pool, "--coin", "nocoin"}, "nocoin"},
		{[]string{"--pool", pool, "--coin", "dogecoin"}, "has no Dogecoin main"},
		{[]string{"--coin", "litecoin"}, "which pool"},
		{[]string{"--coin", "litecoin", "--pool", "gopher://x"}, "http"},
	} {
		r := adit(t, "", append([]string{"key", "minimum", "--data", data}, tt.args...)...)
		if r.code == 0 || !strings.Contains(r.stderr, tt.want) {
			t.Errorf("%v: %d %s%s, want %q", tt.args, r.code, r.stdout, r.stderr, tt.want)
		}
	}
}
