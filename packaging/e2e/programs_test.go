package e2e_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/pool-server/pooltest"
)

// program returns the path of a built program.
func program(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("ADIT_BIN")
	if dir == "" {
		dir = filepath.Join("..", "..", "bin")
	}
	path, err := filepath.Abs(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%s is not built: run make build", name)
	}
	return path
}

// poolProcess is a running adit-pool.
type poolProcess struct {
	Site    string // http://host:port
	Stratum string // host:port
	cmd     *exec.Cmd
	log     *pooltest.Log
	ended   chan struct{}
	err     error // of the process, once ended is closed
}

// startPool runs adit-pool with args until the test ends, and waits until it has
// printed where it is. What it logs is shown if the test fails.
func startPool(t testing.TB, args ...string) *poolProcess {
	t.Helper()
	p := &poolProcess{cmd: exec.Command(program(t, "adit-pool"), args...), log: &pooltest.Log{}, ended: make(chan struct{})}
	p.cmd.Stderr = p.log
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("adit-pool %s:\n%s", strings.Join(args, " "), tail(p.log.String(), 6000))
		}
	})
	up := make(chan struct{})
	go p.read(stdout, up)
	select {
	case <-up:
	case <-p.ended:
		t.Fatalf("adit-pool %s ended: %v\n%s", strings.Join(args, " "), p.err, p.log)
	case <-time.After(time.Minute):
		t.Fatalf("adit-pool %s did not come up\n%s", strings.Join(args, " "), p.log)
	}
	return p
}

// read takes the addresses from what the pool prints, then waits for its end.
func (p *poolProcess) read(stdout io.Reader, up chan<- struct{}) {
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if _, address, ok := strings.Cut(lines.Text(), "stratum+tcp://"); ok {
			p.Stratum = address
		}
		if address, ok := strings.CutPrefix(lines.Text(), "website: "); ok {
			p.Site = address
		}
		if up != nil && p.Stratum != "" && p.Site != "" {
			close(up)
			up = nil
		}
	}
	p.err = p.cmd.Wait()
	close(p.ended)
}

func (p *poolProcess) kill() {
	p.cmd.Process.Kill()
	<-p.ended
}

// stop asks the pool to leave and fails the test if it does not do so cleanly.
func (p *poolProcess) stop(t testing.TB) {
	t.Helper()
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
		if p.err != nil {
			t.Errorf("after SIGTERM the pool ended with %v", p.err)
		}
	case <-time.After(30 * time.Second):
		t.Error("the pool did not stop within 30 s of SIGTERM")
	}
}

// command runs a program to its end and returns what it printed.
func command(t testing.TB, name string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	cmd := exec.Command(program(t, name), args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

// must is command for what has to work.
func must(t testing.TB, name string, args ...string) string {
	t.Helper()
	stdout, stderr, err := command(t, name, args...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, stdout, stderr)
	}
	return stdout
}

// summary is the last line of `adit mine --json`.
type summary struct {
	Account  string  `json:"account"`
	Accepted int64   `json:"accepted"`
	Rejected int64   `json:"rejected"`
	Hashrate float64 `json:"hashrate"`
	Pending  float64 `json:"pending"`
	Paid     float64 `json:"paid"`
}

// mine runs `adit mine` and returns its last line.
func mine(t testing.TB, site, data, duration string, more ...string) summary {
	t.Helper()
	out := must(t, "adit", append([]string{"mine", "--pool", site, "--duration", duration, "--json", "--data", data}, more...)...)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var s summary
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &s); err != nil {
		t.Fatalf("the last line of adit mine is %q: %v", lines[len(lines)-1], err)
	}
	return s
}

// getJSON asks the pool's API.
func getJSON(t testing.TB, address string, into any) {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%s answered %d: %s", address, resp.StatusCode, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatalf("%s: %v", address, err)
	}
}

// minerStats returns the account's standing with the pool's only coin.
func minerStats(t testing.TB, site, account string) (poolapi.MinerStats, poolapi.CoinMiner) {
	t.Helper()
	var m poolapi.MinerStats
	getJSON(t, site+poolapi.MinersPath+account, &m)
	if len(m.Coins) != 1 {
		t.Fatalf("got %d coins, want 1", len(m.Coins))
	}
	return m, m.Coins[0]
}

// eventually waits until ok, and fails the test if it takes longer than within.
func eventually(t testing.TB, within time.Duration, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("not within %v: %s", within, what)
}

func tail(s string, n int) string {
	if len(s) > n {
		return "…" + s[len(s)-n:]
	}
	return s
}

// amount reads a decimal amount of the API.
func amount(t testing.TB, s string) float64 {
	t.Helper()
	var v float64
	if _, err := fmt.Sscan(s, &v); err != nil {
		t.Fatalf("amount %q: %v", s, err)
	}
	return v
}
