package main_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

func TestSweepSaysWhatIsWrongBeforeItAsksAnybody(t *testing.T) {
	n := cointest.Network(t, "litecoin", "regtest")
	dir := t.TempDir()
	ring, _, err := wallet.OpenOrCreate(dir)
	key := ring.Key()
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		http.Error(w, "no", http.StatusTeapot)
	}))
	defer server.Close()
	good := n.P2WPKH([20]byte{1}).String()
	with := func(more ...string) []string {
		return append([]string{"--coin", "litecoin", "--net", "regtest", "--to", good, "--esplora", server.URL}, more...)
	}
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{nil, 2, "--coin ID and --to ADDRESS"},
		{[]string{"--coin", "litecoin", "--net", "regtest", "--to", good}, 2, "want one of --rpc"},
		{with("--pool", "http://127.0.0.1:1"), 2, "want one of --rpc"},
		{[]string{"--coin", "litecoin", "--net", "regtest", "--to", good, "--rpc", "http://127.0.0.1:1"}, 2, "--cookie FILE"},
		{[]string{"--coin", "litecoin", "--net", "regtest", "--to", good, "--rpc", "http://u:hunter2@127.0.0.1:1", "--cookie", "x"}, 2, "no user and password"},
		{[]string{"--coin", "litecoin", "--net", "regtest", "--to", good, "--electrum", "nonsense"}, 2, "HOST:PORT"},
		{with("--to", cointest.Network(t, "bitcoin", "main").P2WPKH([20]byte{1}).String()), 2, "Bitcoin main"},
		{with("--to", key.WIF(n)), 2, "private key"},
		{with("--fee-rate", "-1"), 2, "--fee-rate"},
		{with("--max-fee", "lots"), 2, "--max-fee"},
		{[]string{"--coin", "zcash", "--to", good, "--esplora", server.URL}, 2, "its own wallet"},
		{[]string{"--coin", "nonsense", "--to", good, "--esplora", server.URL}, 2, "unknown coin"},
		{with("extra"), 2, "what is"},
	} {
		r := adit(t, "", append([]string{"sweep", "--data", dir}, test.args...)...)
		if r.code != test.code || !strings.Contains(r.stderr, test.want) {
			t.Errorf("adit sweep %s: exit %d, %q; want %d, %q", strings.Join(test.args, " "), r.code, r.stderr, test.code, test.want)
		}
		if strings.Contains(r.stderr, "hunter2") || strings.Contains(r.stderr, key.WIF(n)) {
			t.Errorf("a secret is repeated: %s", r.stderr)
		}
	}
	if asked.Load() != 0 {
		t.Errorf("the server was asked %d times", asked.Load())
	}
	if r := adit(t, "", append([]string{"sweep", "--data", dir, "--dry-run"}, with()...)...); r.code != 1 || asked.Load() == 0 || !strings.Contains(r.stderr, "418") {
		t.Errorf("a server that does not help: %+v", r)
	}
	// A folder without a key gets no plan, and the words for a key are read from stdin
	// only.
	if r := adit(t, "", append([]string{"sweep", "--data", t.TempDir(), "--dry-run"}, with()...)...); r.code != 1 || !strings.Contains(r.stderr, "there was no mining key") {
		t.Errorf("without a key: %+v", r)
	}
	r := adit(t, key.WIF(n)+"\n", append([]string{"sweep", "--data", t.TempDir(), "--dry-run", "--key-stdin"}, with()...)...)
	if r.code != 1 || !strings.Contains(r.stderr, "418") || strings.Contains(r.stdout+r.stderr, key.WIF(n)) {
		t.Errorf("key from stdin: %+v", r)
	}
	if entries, _ := os.ReadDir(filepath.Join(dir, "sweeps")); len(entries) != 0 {
		t.Errorf("records of nothing: %v", entries)
	}
}
