package main_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

// outcome is the last line of adit mine --json.
type outcome struct {
	Event     string
	Account   string
	MiningKey string `json:"mining_key"`
	Accepted  int
	Rejected  int
	Hashrate  float64
	Pending   json.Number
	Paid      json.Number
	Threads   int
	Problem   *struct{ Code, What, Do string }
}

func lastLine(t *testing.T, stdout string) outcome {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	for _, line := range lines {
		if !json.Valid([]byte(line)) {
			t.Fatalf("not JSON: %s", line)
		}
	}
	var last outcome
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || last.Event != "result" {
		t.Fatalf("last line %q: %v", lines[len(lines)-1], err)
	}
	return last
}

func TestMineEarnsAtAPoolAndTellsTheResult(t *testing.T) {
	pool, dir := newFakePool(t), t.TempDir()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), headless(t), "mine", "--pool", pool.URL, "--data", dir, "--duration", "60s", "--threads", "1", "--worker", "rig1", "--json")
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, 60*time.Second, "the pool is told of the devices", func() bool { _, reports := pool.told(); return len(reports) > 0 })
	_ = cmd.Process.Signal(os.Interrupt) // Windows knows none and waits for the duration's end
	if err := cmd.Wait(); err != nil || stderr.Len() > 0 {
		t.Fatalf("%v, stderr %q, stdout %s", err, stderr.String(), stdout.String())
	}
	last := lastLine(t, stdout.String())
	ring, created, err := wallet.OpenOrCreate(dir)
	key := ring.Key()
	if err != nil || created {
		t.Fatalf("the key is not in the data folder: %v", err)
	}
	if last.Account != key.PubKeyHash().String() || last.MiningKey != key.MiningKey() || last.Threads != 1 {
		t.Errorf("%+v", last)
	}
	_, shares := pool.counts()
	// What was on its way when the program was told to leave is the pool's to know.
	if last.Accepted == 0 || last.Accepted > shares || last.Accepted < shares-20 || last.Hashrate <= 0 {
		t.Errorf("%d accepted, the pool took %d, hashrate %v", last.Accepted, shares, last.Hashrate)
	}
	if last.Pending == "" || last.Paid == "" {
		t.Errorf("no balance: %+v", last)
	}
	users, reports := pool.told()
	if users[0] != last.Account+".rig1" {
		t.Errorf("user %q", users[0])
	}
	if reports[0].Worker != "rig1" || len(reports[0].Devices) == 0 {
		t.Errorf("reports: %+v", reports)
	}
	if miners, _ := pool.counts(); miners != 0 {
		t.Errorf("%d miners are still connected", miners)
	}
	if _, err := os.Stat(filepath.Join(dir, "settings.json")); err == nil {
		t.Error("flags were saved as the user's settings")
	}
}

func TestMineInSentences(t *testing.T) {
	pool := newFakePool(t)
	r := adit(t, "", "mine", "--pool", pool.URL, "--data", t.TempDir(), "--duration", "10s", "--threads", "1")
	for _, want := range []string{"Mining Bitcoin test coins.", "shares accepted", "Account "} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("%q is missing in %s", want, r.stdout)
		}
	}
}

func TestSignalStopsCleanlyWithTheResult(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signals to send")
	}
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		pool := newFakePool(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // for a share
		defer cancel()
		cmd := exec.CommandContext(ctx, headless(t), "mine", "--pool", pool.URL, "--data", t.TempDir(), "--threads", "1", "--json")
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		for lines, told := bufio.NewScanner(stdout), false; lines.Scan(); {
			said.WriteString(lines.Text() + "\n")
			var now outcome
			if json.Unmarshal(lines.Bytes(), &now); now.Accepted > 0 && !told {
				told = true
				if err := cmd.Process.Signal(signal); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %v, %s", signal, err, stderr.String())
		}
		if last := lastLine(t, said.String()); last.Accepted == 0 {
			t.Errorf("%v: %+v", signal, last)
		}
		eventually(t, 5*time.Second, "no miner is connected", func() bool { n, _ := pool.counts(); return n == 0 })
	}
}

func TestKillingTheAppLeavesNoMiner(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs a parent-death signal")
	}
	pool := newFakePool(t)
	cmd := exec.CommandContext(t.Context(), headless(t), "mine", "--pool", pool.URL, "--data", t.TempDir(), "--threads", "1", "--json")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, "a share is accepted", func() bool { _, n := pool.counts(); return n > 0 })
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	eventually(t, 5*time.Second, "no miner is connected", func() bool { n, _ := pool.counts(); return n == 0 })
}

func TestMineSaysWhatIsWrong(t *testing.T) {
	pool := newFakePool(t)
	pool.refuseAll()
	r := adit(t, "", "mine", "--pool", pool.URL, "--data", t.TempDir(), "--duration", "20s", "--json")
	last := lastLine(t, r.stdout)
	if r.code != 1 || last.Problem == nil || last.Problem.Code != "auth-failed" || !strings.Contains(r.stderr, "members only") {
		t.Errorf("a pool that refuses: exit %d, %+v, %s", r.code, last.Problem, r.stderr)
	}
	r = adit(t, "", "mine", "--pool", "http://127.0.0.1:1", "--data", t.TempDir(), "--duration", "5s", "--json")
	last = lastLine(t, r.stdout)
	if r.code != 1 || last.Problem == nil || last.Problem.Code != "pool-unreachable" || last.Problem.Do == "" {
		t.Errorf("no pool: exit %d, %+v, %s", r.code, last.Problem, r.stderr)
	}
}

func TestDamagedKeyStopsMiningAndStaysAsItIs(t *testing.T) {
	pool, dir := newFakePool(t), t.TempDir()
	if _, _, err := wallet.OpenOrCreate(dir); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, wallet.KeyFileName)
	if err := os.WriteFile(path, []byte("junk"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := adit(t, "", "mine", "--pool", pool.URL, "--data", dir, "--duration", "20s", "--json")
	if last := lastLine(t, r.stdout); r.code != 1 || last.Problem == nil || last.Problem.Code != "key-damaged" {
		t.Errorf("exit %d, %+v", r.code, last.Problem)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "junk" {
		t.Error("the damaged key file was touched")
	}
}

// TestTwoAditsDoNotMineOnOneFolder starts a second one while the first mines, and a
// third after the first was killed.
func TestTwoAditsDoNotMineOnOneFolder(t *testing.T) {
	pool, dir := newFakePool(t), t.TempDir()
	first := exec.CommandContext(t.Context(), headless(t), "mine", "--pool", pool.URL, "--data", dir, "--threads", "1")
	first.Env = append(os.Environ(), "HOME="+t.TempDir())
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, "the first one mines", func() bool { _, n := pool.counts(); return n > 0 })
	mine := []string{"mine", "--pool", pool.URL, "--data", dir, "--threads", "1", "--duration", "3s", "--json"}
	wif := anyWIF(t)
	for _, args := range [][]string{mine, {"key", "import", "--replace", "--data", dir}} {
		r := adit(t, wif, args...)
		if r.code != 1 || !strings.Contains(r.stderr, "another Adit") || !strings.Contains(r.stderr, "close its window") || r.stdout != "" {
			t.Errorf("adit %s beside another: %+v", args[0], r)
		}
	}
	if r := adit(t, "", "key", "show", "--data", dir); r.code != 0 {
		t.Errorf("looking at the key is no harm: %+v", r)
	}
	if miners, _ := pool.counts(); miners != 1 {
		t.Errorf("%d miners at the pool, want 1", miners)
	}
	_ = first.Process.Kill()
	_ = first.Wait()
	eventually(t, 10*time.Second, "the first one's miner is gone", func() bool { n, _ := pool.counts(); return n == 0 })
	if r := adit(t, "", mine...); r.code != 0 {
		t.Errorf("after a crash: %+v", r)
	}
}

func anyWIF(t *testing.T) string {
	t.Helper()
	key, err := wallet.NewKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	return key.WIF(cointest.Network(t, "bitcoin", "main")) + "\n"
}
