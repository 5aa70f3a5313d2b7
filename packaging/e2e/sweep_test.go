package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
	"github.com/adit-mining/adit/wallet/sweep"
)

// swept is what adit sweep --json prints.
type swept struct {
	Amount, Fee  string
	Inputs       int
	Sent         bool
	Transactions []struct{ TxID, State string }
}

// TestPayoutsAreSweptThroughThePool mines on the demo's pool until it has paid, and
// moves the payouts to another address with nothing but the pool's API. The private
// key is nowhere but in its file.
func TestPayoutsAreSweptThroughThePool(t *testing.T) {
	t.Parallel()
	poolDir, data := t.TempDir(), t.TempDir()
	pool := startPool(t, "demo", "--dir", poolDir, "--http", "127.0.0.1:0", "--stratum", "127.0.0.1:0")
	ring, _, err := wallet.OpenOrCreate(data)
	if err != nil {
		t.Fatal(err)
	}
	key := ring.Key()
	for range 8 {
		mine(t, pool.Site, data, "10s")
		if _, m := minerStats(t, pool.Site, key.MiningKey()); amount(t, m.Paid) > 0 {
			break
		}
	}
	_, m := minerStats(t, pool.Site, key.MiningKey())
	if amount(t, m.Paid) == 0 {
		t.Fatalf("nothing was paid: %+v", m)
	}
	n := cointest.Network(t, "bitcoin", "regtest")
	to := n.P2WPKH(coin.PubKeyHash{7, 7, 7}).String()
	args := []string{"sweep", "--coin", "bitcoin", "--net", "regtest", "--to", to, "--pool", pool.Site, "--data", data, "--json"}
	var said strings.Builder
	run := func(stdin string, more ...string) (s swept, err error) {
		t.Helper()
		cmd := exec.Command(program(t, "adit"), append(args, more...)...)
		cmd.Stdin = strings.NewReader(stdin)
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		err = cmd.Run()
		said.WriteString(out.String() + errs.String())
		if err != nil {
			return s, fmt.Errorf("%w: %s%s", err, &out, &errs)
		}
		if err := json.Unmarshal(out.Bytes(), &s); err != nil {
			t.Fatalf("%v: %s", err, &out)
		}
		return s, nil
	}
	plan, err := run("", "--dry-run")
	if err != nil || plan.Sent || plan.Inputs == 0 || amount(t, plan.Amount) <= 0 {
		t.Fatalf("dry run: %+v, %v", plan, err)
	}
	if _, err := run("no\n"); err == nil || !strings.Contains(err.Error(), "nothing was moved") {
		t.Errorf("without YES: %v", err)
	}
	done, err := run("YES\n")
	if err != nil || !done.Sent || len(done.Transactions) != 1 || done.Transactions[0].State != "sent" {
		t.Fatalf("sweep: %+v, %v", done, err)
	}
	client, err := poolapi.NewClient(pool.Site)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, 3*time.Minute, "the sweep is in a block", func() bool {
		mine(t, pool.Site, t.TempDir(), "10s") // another miner's block confirms it; how many blocks that is is chance
		tx, err := client.Transaction(t.Context(), "bitcoin", done.Transactions[0].TxID, 0)
		return err == nil && tx.Confirmations > 0 && strings.Contains(tx.Raw, fmt.Sprintf("%x", n.P2WPKH(coin.PubKeyHash{7, 7, 7}).Script()))
	})
	secret := key.Bytes()
	hidden := []string{key.WIF(n), fmt.Sprintf("%x", secret), strings.ToUpper(fmt.Sprintf("%x", secret)), string(secret[:])}
	places := map[string]string{"what adit said": said.String(), "the pool's log": pool.log.String()}
	for _, dir := range []string{poolDir, data} {
		_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				text, _ := os.ReadFile(path)
				places[path] = string(text)
			}
			return nil
		})
	}
	for place, text := range places {
		for _, s := range hidden {
			if strings.Contains(text, s) {
				t.Errorf("the private key is in %s", place)
			}
		}
	}
	t.Logf("%d payouts, %s arrived, fee %s", plan.Inputs, done.Amount, done.Fee)
}

// TestAnOldKeyIsSweptByADaemon moves coins of NOMP's kind, at the hash of the
// uncompressed public key, with a key that is typed in and the daemon's RPC.
func TestAnOldKeyIsSweptByADaemon(t *testing.T) {
	t.Parallel()
	daemon := pooltest.StartLitecoind(t, pooltest.LitecoindOptions{NoPeer: true})
	daemon.Generate(101)
	n := cointest.Network(t, "litecoin", "regtest")
	key, err := wallet.NewKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := sweep.Scripts(n, key.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range scripts {
		if s.Form == sweep.FormP2PKHUncompressed {
			daemon.Send(s.Address, 3)
		}
	}
	daemon.Generate(1)
	cookie, to := filepath.Join(t.TempDir(), "cookie"), daemon.NewAddress()
	if err := os.WriteFile(cookie, []byte(daemon.User+":"+daemon.Password), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program(t, "adit"), "sweep", "--yes", "--coin", "litecoin", "--net", "regtest", "--to", to,
		"--rpc", daemon.URL, "--cookie", cookie, "--fee-rate", "3", "--key-stdin", "--data", t.TempDir())
	cmd.Stdin = strings.NewReader(key.WIF(n) + "\n")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "Sent: transaction ") {
		t.Fatalf("%v: %s", err, out)
	}
	if strings.Contains(string(out), key.WIF(n)) || strings.Contains(string(out), daemon.Password) {
		t.Errorf("a secret is printed: %s", out)
	}
	daemon.Generate(1)
	got := pooltest.Must[float64](t, daemon.RPC, "getreceivedbyaddress", to)
	if want := 3 - 221*3/1e8; fmt.Sprintf("%.8f", got) != fmt.Sprintf("%.8f", want) { // 10 + 180 + 31 bytes
		t.Errorf("%.8f arrived, want %.8f", got, want)
	}
}
