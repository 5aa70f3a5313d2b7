package e2e_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

// TestACoinIsPaidToTheAddressThatTheKeySigned sets an address on the command line,
// mines on the demo's pool, and looks for the payout in the coin's own books. The pool
// is killed in between, and is offered an old list and forged ones.
func TestACoinIsPaidToTheAddressThatTheKeySigned(t *testing.T) {
	t.Parallel()
	poolDir, data := t.TempDir(), t.TempDir()
	demo := []string{"demo", "--dir", poolDir, "--http", "127.0.0.1:0", "--stratum", "127.0.0.1:0"}
	pool := startPool(t, demo...)
	exchange, err := wallet.NewKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	n := cointest.Network(t, "bitcoin", "regtest")
	address := n.P2PKH(exchange.PubKeyHash()).String()
	_, stderr, err := command(t, "adit", "key", "payees", "--data", data, "--set", "bitcoin="+address)
	if err == nil || !strings.Contains(stderr, "Bitcoin regtest") {
		t.Errorf("the wrong network: %v %s", err, stderr)
	}
	var shown struct {
		Account string
		Number  int64
		Payees  []poolapi.Payee
	}
	out := must(t, "adit", "key", "payees", "--data", data, "--set", "bitcoin:regtest="+address, "--json")
	if err := json.Unmarshal([]byte(out), &shown); err != nil || len(shown.Payees) != 1 || shown.Payees[0].Address != address {
		t.Fatalf("%v: %s", err, out)
	}
	mine(t, pool.Site, data, "10s")
	_, m := minerStats(t, pool.Site, shown.Account)
	if !m.Chosen || m.Address != "" {
		t.Errorf("the pool pays to %+v", m)
	}
	pool.kill()
	pool = startPool(t, demo...)
	for range 8 {
		if _, m = minerStats(t, pool.Site, shown.Account); amount(t, m.Paid) > 0 {
			break
		}
		mine(t, pool.Site, data, "10s")
	}
	client, err := poolapi.NewClient(pool.Site)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := client.Unspent(t.Context(), "bitcoin", exchange.MiningKey())
	if err != nil || len(theirs.Outputs) == 0 {
		t.Fatalf("nothing arrived at the address: %+v, %v; the pool says %+v", theirs, err, m)
	}
	own, err := client.Unspent(t.Context(), "bitcoin", shown.Account)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d payouts to the address, %d to the key; the pool says %s were paid", len(theirs.Outputs), len(own.Outputs), m.Paid)
	if len(own.Outputs) > 1 { // one may have been begun before the pool heard of the list
		t.Errorf("the key's own address was paid %d times: %+v", len(own.Outputs), own.Outputs)
	}
	refusesOldAndForgedLists(t, client, data, shown.Account)
}

// refusesOldAndForgedLists offers what an attacker has: a list that was recorded, one
// that was changed, one that another key signed.
func refusesOldAndForgedLists(t *testing.T, client *poolapi.Client, data, account string) {
	t.Helper()
	ring, err := wallet.Unlock(data, "")
	if err != nil {
		t.Fatal(err)
	}
	key := ring.Key()
	kept, err := client.Payees(t.Context(), account, key)
	if err != nil {
		t.Fatal(err)
	}
	list, err := kept.Open(account)
	if err != nil {
		t.Fatal(err)
	}
	old, err := poolapi.SignPayees(key, account, poolapi.PayeeList{Number: list.Number - 1})
	if err != nil {
		t.Fatal(err)
	}
	thief, err := wallet.KeyFromBytes(bytes.Repeat([]byte{6}, 32))
	if err != nil {
		t.Fatal(err)
	}
	forged, err := poolapi.SignPayees(thief, account, poolapi.PayeeList{Number: time.Now().UnixMilli()})
	if err != nil {
		t.Fatal(err)
	}
	changed := kept
	changed.Body = strings.Replace(kept.Body, "regtest", "test", 1)
	for name, tt := range map[string]struct {
		list   poolapi.SignedPayees
		status int
	}{"old": {old, http.StatusConflict}, "of another key": {forged, http.StatusForbidden}, "changed": {changed, http.StatusForbidden}} {
		var status *poolapi.StatusError
		if _, err := client.PutPayees(t.Context(), account, tt.list); !errors.As(err, &status) || status.Status != tt.status {
			t.Errorf("%s: got %v, want status %d", name, err, tt.status)
		}
	}
	if now, err := client.Payees(t.Context(), account, key); err != nil || now != kept {
		t.Errorf("the pool's list changed to %+v, %v", now, err)
	}
}
