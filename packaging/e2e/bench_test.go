package e2e_test

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/stratum/load"
)

// clockTick is the unit of the CPU times in /proc, which is 10 ms on every Linux
// that Go runs on.
const clockTick = 10 * time.Millisecond

// BenchmarkDemoFirstShare is the time from `adit-pool demo` to the first share of
// `adit mine` that the pool has accepted, and the size of the programs.
func BenchmarkDemoFirstShare(b *testing.B) {
	for b.Loop() {
		began := time.Now()
		pool := startPool(b, "demo", "--dir", b.TempDir(), "--http", "127.0.0.1:0", "--stratum", "127.0.0.1:0")
		up := time.Since(began)
		cmd := exec.Command(program(b, "adit"), "mine", "--pool", pool.Site, "--duration", "60s", "--json", "--data", b.TempDir())
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			b.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		lines := bufio.NewScanner(stdout)
		for lines.Scan() && accepted(lines.Bytes()) == 0 {
		}
		b.ReportMetric(up.Seconds(), "pool-up-s")
		b.ReportMetric(time.Since(began).Seconds(), "first-share-s")
		cmd.Process.Signal(os.Interrupt)
		for lines.Scan() {
		}
		cmd.Wait()
		pool.kill()
	}
	for _, name := range []string{"adit", "adit-pool"} {
		info, err := os.Stat(program(b, name))
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(info.Size())/1e6, name+"-MB")
	}
}

// accepted returns the accepted shares that a line of `adit mine --json` tells.
func accepted(line []byte) int64 {
	var s struct {
		Accepted int64 `json:"accepted"`
	}
	json.Unmarshal(line, &s)
	return s.Accepted
}

// benchBits is the difficulty of Bitcoin's first block: a share of four hashes is no
// block then, so that nothing is measured but shares.
const benchBits = 0x1d00ffff

// benchPool is a pool on the embedded coin, with shares of four hashes.
func benchPool(b *testing.B, more ...string) *poolProcess {
	b.Helper()
	rpc, address := embeddedCoinOf(b, benchBits)
	dir := b.TempDir()
	initPool(b, dir, "bitcoin", rpc, address, append([]string{"--difficulty", "1e-9", "--vardiff=off"}, more...)...)
	return startPool(b, "serve", "--dir", dir)
}

// runLoad runs the program's own load generator.
func runLoad(b *testing.B, pool *poolProcess, args ...string) load.Report {
	b.Helper()
	out := must(b, "adit-pool", append([]string{"load", "--addr", pool.Stratum, "--json"}, args...)...)
	var r load.Report
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		b.Fatal(err)
	}
	if r.Accepted == 0 {
		b.Fatalf("no share was accepted: %s", out)
	}
	return r
}

// cpuTime is the user and system time that a process has used.
func cpuTime(b testing.TB, pid int) time.Duration {
	b.Helper()
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * clockTick
}

// resident is a process's resident memory in bytes.
func resident(b testing.TB, pid int) int64 {
	b.Helper()
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "statm"))
	if err != nil {
		b.Fatal(err)
	}
	pages, _ := strconv.ParseInt(strings.Fields(string(text))[1], 10, 64)
	return pages * int64(os.Getpagesize())
}
