//go:build linux

package e2e_test

import (
	"bytes"
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
	"github.com/adit-mining/adit/pool-server/pooltest"
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
		time.Sleep(70 * time.Second) // Fyne forgets what it drew after one minute
		b.ReportMetric(float64(resident(b, pid))/1e6, "all-screens-settled-MB")
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
	hashRounds = 2
	hashWarm   = 20 * time.Second // what a start costs is another figure
	hashSpan   = time.Minute      // the window reports twice to the pool meanwhile
)

// mining is what was measured of a mining program with one thread.
type mining struct {
	rates   []float64 // as it told them
	percent []float64 // of a core that it got
}

func (m *mining) measure(b testing.TB, pid int, told func() float64) {
	b.Helper()
	time.Sleep(hashWarm)
	before, began := cpuTime(b, pid), time.Now()
	m.rates = append(m.rates, changes(hashSpan, told)...)
	m.percent = append(m.percent, 100*(cpuTime(b, pid)-before).Seconds()/time.Since(began).Seconds())
}

func (m *mining) report(b *testing.B, name string) {
	b.Helper()
	b.Logf("%s: %.0f H/s; %.2f %%", name, m.rates, m.percent)
	b.ReportMetric(median(m.rates)/1e3, name+"-kH/s")
	b.ReportMetric(median(m.percent), name+"-%-of-a-core")
}

// BenchmarkAppHashrate compares the mining program run alone with the same under
// `adit mine`, under the window and in the tray, one after the other and again, each
// after a warm-up: the medians of the hashrate of its one thread, and of the share of
// a core that the thread got. The program steps back behind all else, so what Adit
// takes from it is in that share; rented processors change their speed by more than
// that between two minutes, so that the hashrates tell only what is large.
func BenchmarkAppHashrate(b *testing.B) {
	pool := startOrdinaryPool(b)
	for b.Loop() {
		var alone, headless, window, tray mining
		for range hashRounds {
			mineAlone(b, pool, &alone)

			app := startApp(b, pool.Site, appOptions{})
			app.awaitShares(b, time.Minute, 1)
			headless.measure(b, childOf(b, app.cmd.Process.Pid), func() float64 { return app.last().Hashrate })
			app.stop(b)

			w, account := miningWindow(b, pool)
			window.measure(b, childOf(b, w.Cmd.Process.Pid), func() float64 { return toldPool(b, pool, account) })
			w.Close()

			data := mined(b, pool)
			account = accountOf(b, data)
			hidden := windowtest.NewScreen(b).WithTray(b).Start(b, program(b, "adit"), "FYNE_THEME=dark", "--hidden", "--data", data)
			tray.measure(b, childOf(b, hidden.Cmd.Process.Pid), func() float64 { return toldPool(b, pool, account) })
			stopped(b, hidden)
		}
		alone.report(b, "alone")
		headless.report(b, "adit-mine")
		window.report(b, "window")
		tray.report(b, "tray")
	}
	b.ReportMetric(0, "ns/op")
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// mineAlone runs the program by itself, at the priority that it has in the app.
func mineAlone(b testing.TB, pool *poolProcess, m *mining) {
	driver := cpuminer.Driver{}
	plan := miners.Plan{Program: program(b, "adit"), Algorithm: pow.SHA256d, URL: "stratum+tcp://" + pool.Stratum, User: goodAccount + ".alone", Password: "x", Threads: 1}
	cmd := exec.Command("nice", append([]string{"-n", "19", plan.Program}, driver.Args(plan)...)...)
	cmd.Env = append(os.Environ(), plan.Env...)
	out := &pooltest.Log{}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer func() { // it is interrupted
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	}()
	m.measure(b, cmd.Process.Pid, func() (last float64) {
		parser := driver.NewParser()
		for line := range strings.Lines(out.String()) {
			for _, ev := range parser.Parse(strings.TrimRight(line, "\n")) {
				if h, ok := ev.(miners.Hashrate); ok && h.Device == miners.Whole {
					last = float64(h.Hashrate)
				}
			}
		}
		return last
	})
}

// childOf waits until a process runs a program, and returns that.
func childOf(b testing.TB, pid int) (program int) {
	b.Helper()
	eventually(b, time.Minute, "its program runs", func() bool {
		all := children(b, pid)
		if len(all) > 0 {
			program = all[0].pid
		}
		return len(all) > 0
	})
	return program
}

// toldPool is the hashrate that the app of account last told the pool.
func toldPool(b testing.TB, pool *poolProcess, account string) float64 {
	var m poolapi.MinerStats
	getJSON(b, pool.Site+poolapi.MinersPath+account, &m)
	if len(m.Telemetry) == 0 {
		return 0
	}
	return m.Telemetry[0].Hashrate
}

// changes returns the values other than zero that now has, one after the other.
func changes(span time.Duration, now func() float64) (values []float64) {
	for end := time.Now().Add(span); time.Now().Before(end); time.Sleep(time.Second) {
		if v := now(); v > 0 && (len(values) == 0 || values[len(values)-1] != v) {
			values = append(values, v)
		}
	}
	return values
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
