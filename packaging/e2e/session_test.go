package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/pooltest"
)

// TestWorkersBeginWhereTheyWereBeforeARestart: the rate that an earlier run wrote down
// is the difficulty of the first job, the session outlives its connection, the stop
// asks the miner to come back, and what a password cannot have is refused in words.
func TestWorkersBeginWhereTheyWereBeforeARestart(t *testing.T) {
	t.Parallel()
	rpc, address := embeddedCoinOf(t, 0x1d00ffff)
	dir := t.TempDir()
	initPool(t, dir, "bitcoin", rpc, address, "--difficulty", "1e-5")
	rates := filepath.Join(dir, "data", "rates", crashPool+".json")
	line := fmt.Sprintf(`{"Account":%q,"Worker":"rig","Rate":2e-7,"At":%q}`, goodAccount, time.Now().Format(time.RFC3339))
	if err := os.MkdirAll(filepath.Dir(rates), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(rates, []byte("damaged\n"+line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	pool := startPool(t, "serve", "--dir", dir)
	m := dialWhenReady(t, pool.Stratum, goodAccount+".rig", pow.SHA256d)
	defer m.Close()
	if got := m.Difficulty(); got < 1.99e-6 || got > 2.01e-6 {
		t.Errorf("the first job has difficulty %v, want 2e-6", got)
	}
	for password, want := range map[string]string{"m=shared": "m= wants solo", "c=XYZ": "no other coin", "pl=1e9": "pl= wants a number", "pl=0.00000001": "1000 times it"} {
		_, err := m.Call("mining.authorize", goodAccount+".rig", password)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("password %s: got %v, want %q", password, err, want)
		}
	}
	if _, err := m.Call("mining.authorize", goodAccount+".rig", "x,c=btc,pl=0.01"); err != nil {
		t.Errorf("a password that can be had: %v", err)
	}
	resumed, err := pooltest.ResumeMiner(pool.Stratum, goodAccount+".rig", pow.SHA256d, m.Session())
	if err != nil {
		t.Fatal(err)
	}
	defer resumed.Close()
	if got := resumed.Session(); got != m.Session() {
		t.Errorf("resumed as %s, want %s", got, m.Session())
	}
	if ok, err := resumed.Mine(); err != nil || !ok {
		t.Errorf("a share of the resumed session: %v, %v: %s", ok, err, resumed.LastError)
	}
	pool.stop(t)
	if err := resumed.Drain(); err != nil || !resumed.ToldToReturn() {
		t.Errorf("the miner was not asked to come back: %v", err)
	}
	if text, err := os.ReadFile(rates); err != nil || !strings.Contains(string(text), goodAccount) || strings.Contains(string(text), "damaged") {
		t.Errorf("%s holds %q, %v", rates, text, err)
	}
}
