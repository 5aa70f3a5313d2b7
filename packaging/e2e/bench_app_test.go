//go:build linux

package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/app/windowtest"
	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/cpuminer"
	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/devnet"
	"github.com/adit-mining/adit/pool-server/poolapi"
)

// BenchmarkAppFirstShare is the time from a first start of the app, with nothing on
// the disk, to the first hash and the first share that the demo's pool accepts.
func BenchmarkAppFirstShare(b *testing.B) {
	pool := startDemo(b)
	for b.Loop() {
		began := time.Now()
		app := startApp(b, pool.Site, appOptions{})
		app.await(b, time.Minute, "it hashes", func(l told) bool { return l.Hashrate > 0 || l.Accepted > 0 })
		b.ReportMetric(time.Since(began).Seconds(), "first-hash-s")
		app.awaitShares(b, time.Minute, 1)
		b.ReportMetric(time.Since(began).Seconds(), "first-share-s")
		app.stop(b)
	}
	b.ReportMetric(0, "ns/op")
}

// costSpan is how long the app's own use of the processor is measured.
const costSpan = time.Minute

// BenchmarkAppWindowCost is what the window itself costs while it mines: percent of a
// core and resident memory, open and in the tray. The pool wants a share of each miner
// in ten seconds, as pools do; the demo's own pool wants three a second.
func BenchmarkAppWindowCost(b *testing.B) {
	pool := startOrdinaryPool(b)
	for b.Loop() {
		w, account := miningWindow(b, pool)
		eventually(b, time.Minute, "it mines", func() bool { return sharesAt(b, pool.Site, account) > 0 })
		time.Sleep(25 * time.Second) // what a start costs is over
		pid := w.Cmd.Process.Pid
		b.ReportMetric(percent(b, pid), "open-%-of-a-core")
		b.ReportMetric(float64(resident(b, pid))/1e6, "open-MB")
		visit(w)
		b.ReportMetric(float64(resident(b, pid))/1e6, "all-screens-MB")
		w.Close()

		tray := windowtest.NewScreen(b).WithTray(b).Start(b, program(b, "adit"), "FYNE_THEME=dark", "--hidden", "--data", mined(b, pool))
		pid = tray.Cmd.Process.Pid
		time.Sleep(25 * time.Second)
		b.ReportMetric(percent(b, pid), "hidden-%-of-a-core")
		b.ReportMetric(float64(resident(b, pid))/1e6, "hidden-MB")
		stopped(b, tray)
	}
	b.ReportMetric(0, "ns/op")
}

// percent is what a process uses of a core.
func percent(b testing.TB, pid int) float64 {
	before := cpuTime(b, pid)
	time.Sleep(costSpan)
	return 100 * (cpuTime(b, pid) - before).Seconds() / costSpan.Seconds()
}

// ordinaryWork is what a block of the ordinary pool's coin costs, in hashes: none is found.
const ordinaryWork = 1 << 50

// startOrdinaryPool starts the demo's pool with an ordinary pool's rate of shares, on a
// coin whose blocks come seldom: the demo's own come each second, and each brings new
// work and ends what a share may cost.
func startOrdinaryPool(b testing.TB) *poolProcess {
	b.Helper()
	dir := b.TempDir()
	coin := filepath.Join(dir, "coin")
	if err := os.MkdirAll(coin, 0o700); err != nil {
		b.Fatal(err)
	}
	chain := fmt.Sprintf(`{"bits":%d,"maturity":%d}`, devnet.BitsFor(ordinaryWork), devnet.DefaultMaturity)
	if err := os.WriteFile(filepath.Join(coin, "settings.json"), []byte(chain), 0o600); err != nil {
		b.Fatal(err)
	}
	args := []string{"demo", "--dir", dir, "--http", "127.0.0.1:0", "--stratum", "127.0.0.1:0"}
	startPool(b, args...).stop(b)
	path := filepath.Join(dir, "pools", "bitcoin-regtest.json")
	text, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	ordinary := strings.NewReplacer(`"shareEvery": "300ms"`, `"shareEvery": "10s"`, `"difficulty": 0.0001`, `"difficulty": 0.01`).Replace(string(text))
	if ordinary == string(text) {
		b.Fatalf("the demo's configuration is another one: %s", text)
	}
	if err := os.WriteFile(path, []byte(ordinary), 0o600); err != nil {
		b.Fatal(err)
	}
	return startPool(b, args...)
}

// visit looks at every screen.
func visit(w *windowtest.Window) {
	for i := range screens {
		w.Xdotool("key", fmt.Sprintf("ctrl+%d", i+1))
		time.Sleep(700 * time.Millisecond)
	}
}

// stopped ends an app that has no window to be closed.
func stopped(b testing.TB, w *windowtest.Window) {
	b.Helper()
	_ = w.Cmd.Process.Signal(os.Interrupt)
	if err := <-w.Ended; err != nil {
		b.Errorf("adit ended with %v: %s", err, w.Said)
	}
}

// mined returns the folder of somebody who was mining before, with one thread.
func mined(b testing.TB, pool *poolProcess) (data string) {
	b.Helper()
	data = b.TempDir()
	chosen := settings.Default()
	chosen.Pool, chosen.Threads, chosen.ResumeMining, chosen.OnClose = pool.Site, 1, true, settings.No
	if err := settings.Save(data, chosen); err != nil {
		b.Fatal(err)
	}
	return data
}

// miningWindow opens the window of somebody who was mining before.
func miningWindow(b testing.TB, pool *poolProcess) (w *windowtest.Window, account string) {
	b.Helper()
	data := mined(b, pool)
	account = accountOf(b, data)
	return windowtest.NewScreen(b).Open(b, program(b, "adit"), "FYNE_THEME=dark", "--data", data), account
}

const (
	hashRounds = 3
	hashSpan   = 35 * time.Second // a report of the window's comes each 30
)

// BenchmarkAppHashrate compares the hashrate of the mining program run alone with
// that under `adit mine` and under the window, one after the other and again: the
// medians, in kH/s of one thread. The program steps back behind all else, so only a
// machine with nothing else to do tells a difference.
func BenchmarkAppHashrate(b *testing.B) {
	pool := startDemo(b)
	for b.Loop() {
		var alone, headless, window []float64
		for range hashRounds {
			alone = append(alone, hashrateAlone(b, pool))
			headless = append(headless, hashrateHeadless(b, pool))
			window = append(window, hashrateOfWindow(b, pool))
		}
		b.ReportMetric(median(alone)/1e3, "alone-kH/s")
		b.ReportMetric(median(headless)/1e3, "adit-mine-kH/s")
		b.ReportMetric(median(window)/1e3, "window-kH/s")
	}
	b.ReportMetric(0, "ns/op")
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// hashrateAlone runs the program by itself, at the priority that it has in the app.
func hashrateAlone(b testing.TB, pool *poolProcess) float64 {
	driver := cpuminer.Driver{}
	plan := miners.Plan{Program: program(b, "adit"), Algorithm: pow.SHA256d, URL: "stratum+tcp://" + pool.Stratum, User: goodAccount + ".alone", Password: "x", Threads: 1}
	ctx, cancel := context.WithTimeout(b.Context(), hashSpan)
	defer cancel()
	cmd := exec.CommandContext(ctx, "nice", append([]string{"-n", "19", plan.Program}, driver.Args(plan)...)...)
	cmd.Env = append(os.Environ(), plan.Env...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	out, _ := cmd.CombinedOutput() // it is interrupted
	parser := driver.NewParser()
	var rates []float64
	for line := range strings.Lines(string(out)) {
		for _, ev := range parser.Parse(strings.TrimRight(line, "\n")) {
			if h, ok := ev.(miners.Hashrate); ok && h.Device == miners.Whole && h.Hashrate > 0 {
				rates = append(rates, float64(h.Hashrate))
			}
		}
	}
	if len(rates) == 0 {
		b.Fatalf("no hashrate in: %s", tail(string(out), 1000))
	}
	return rates[len(rates)-1]
}

func hashrateHeadless(b testing.TB, pool *poolProcess) float64 {
	app := startApp(b, pool.Site, appOptions{})
	time.Sleep(hashSpan)
	rate := app.last().Hashrate
	app.stop(b)
	return rate
}

func hashrateOfWindow(b testing.TB, pool *poolProcess) float64 {
	w, account := miningWindow(b, pool)
	time.Sleep(hashSpan)
	var m poolapi.MinerStats
	getJSON(b, pool.Site+poolapi.MinersPath+account, &m)
	w.Close()
	if len(m.Telemetry) == 0 {
		b.Fatal("the window has reported nothing")
	}
	return m.Telemetry[0].Hashrate
}

// BenchmarkAppParse is how fast a program's output is read, by the built program.
func BenchmarkAppParse(b *testing.B) {
	day := aDay()
	path := filepath.Join(b.TempDir(), "days.log")
	if err := os.WriteFile(path, bytes.Repeat(day, 20), 0o600); err != nil {
		b.Fatal(err)
	}
	lines := float64(20 * bytes.Count(day, []byte("\n")))
	for b.Loop() {
		began := time.Now()
		must(b, "adit", "parse", "--program", "minerd", path)
		b.ReportMetric(lines/time.Since(began).Seconds(), "lines/s")
	}
	b.ReportMetric(0, "ns/op")
}
