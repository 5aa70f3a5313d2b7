package e2e_test

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/poolapi"
)

// TestSharesAndDevicesAreOnThePage follows a share and a temperature from this
// computer to the person's page at the pool. The temperature is that of a recorded
// sensor where one can be put before the app, else that of the computer's own.
func TestSharesAndDevicesAreOnThePage(t *testing.T) {
	t.Parallel()
	pool := startDemo(t)
	app := startApp(t, pool.Site, appOptions{over: withSensor(t, 61)})
	said := app.await(t, time.Minute, "it mines", func(l told) bool { return l.Phase == "mining" && l.Hashrate > 0 && l.Accepted > 0 })
	var m poolapi.MinerStats
	var c poolapi.CoinMiner
	eventually(t, time.Minute, "the pool's API has shares and a report", func() bool {
		m, c = minerStats(t, pool.Site, said.Account)
		return c.Accepted > 0 && len(m.Telemetry) == 1 && len(c.Workers) == 1
	})
	device := m.Telemetry[0].Devices[0]
	if device.Name != said.Devices[0].Name || device.State != poolapi.StateMining || device.Hashrate <= 0 || device.Program != "builtin" || device.Algorithm != "sha256d" {
		t.Errorf("the report says %+v, the app %+v", device, said.Devices[0])
	}
	if want := said.Devices[0].TemperatureC; (want == nil) != (device.TemperatureC == nil) || want != nil && *want != *device.TemperatureC {
		t.Errorf("the report's temperature is %v, the app's %v", device.TemperatureC, want)
	}
	onPage := []string{"<b>" + html.EscapeString(device.Name) + "</b>", "cpu · builtin · sha256d", `class="state mining"`}
	if device.TemperatureC != nil {
		onPage = append(onPage, fmt.Sprintf(`data-name="Temperature">%.0f`, *device.TemperatureC))
	}
	page := getPage(t, pool.Site+"/miners/"+said.Account)
	for _, want := range onPage {
		if !strings.Contains(page, want) {
			t.Errorf("%s is not on the page:\n%s", want, page)
		}
	}
	if strings.Contains(page, "No share of this miner has come in yet") {
		t.Error("the page knows no share")
	}
	result := app.stop(t)
	eventually(t, 20*time.Second, "the pool has counted what the app has", func() bool {
		_, c = minerStats(t, pool.Site, said.Account)
		return c.Accepted >= result.Accepted // the answer to the last one may not have come before the end
	})
}

func getPage(t testing.TB, address string) string {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", address, resp.StatusCode, err)
	}
	return string(body)
}

// withSensor returns a command that runs another one where /sys/class is a
// recorded processor's sensor alone. That takes root; without, it returns none.
func withSensor(t testing.TB, celsius int) []string {
	t.Helper()
	recorded := t.TempDir()
	chip := filepath.Join(recorded, "hwmon", "hwmon0")
	if err := os.MkdirAll(chip, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"name": "k10temp", "temp1_label": "Tctl", "temp1_input": fmt.Sprint(celsius * 1000)} {
		if err := os.WriteFile(filepath.Join(chip, name), []byte(text+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	over := []string{"unshare", "--mount", "sh", "-c", `mount --bind "$0" /sys/class && exec "$@"`, recorded}
	if out, err := exec.Command(over[0], append(over[1:], "true")...).CombinedOutput(); err != nil {
		t.Logf("no sensor can be put before the app (needs root): %v %s", err, out)
		return nil
	}
	return over
}

// TestNoMinerOutlivesTheApp ends the app in each way that there is.
func TestNoMinerOutlivesTheApp(t *testing.T) {
	t.Parallel()
	pool := startDemo(t)
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGKILL} {
		t.Run(s.String(), func(t *testing.T) {
			app := startApp(t, pool.Site, appOptions{})
			app.awaitShares(t, time.Minute, 1)
			all := children(t, app.cmd.Process.Pid)
			if len(all) == 0 {
				t.Fatal("the app mines without a mining program")
			}
			app.signal(s)
			<-app.ended
			awaitGone(t, all)
			if s == syscall.SIGINT || s == syscall.SIGTERM {
				if last := app.last(); app.err != nil || last.Event != "result" || last.Accepted == 0 {
					t.Errorf("it ended with %v and said %+v", app.err, last)
				}
			}
		})
	}
}

// TestAPoolThatGoesAwayAndComesBack kills the pool for as long as it takes the app
// to rest, and starts it again.
func TestAPoolThatGoesAwayAndComesBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pool := startPool(t, "demo", "--dir", dir, "--http", "127.0.0.1:0", "--stratum", "127.0.0.1:0")
	app := startApp(t, pool.Site, appOptions{})
	app.awaitShares(t, time.Minute, 3)
	pool.kill()
	said := app.await(t, time.Minute, "the app says that it waits", func(l told) bool { return l.Phase == "waiting" })
	if said.Problem.What == "" || said.Problem.Do == "" {
		t.Errorf("it waits without saying why: %+v", said)
	}
	eventually(t, 2*time.Minute, "no power is burnt: the mining program is gone", func() bool {
		return len(children(t, app.cmd.Process.Pid)) == 0
	})
	before := app.last().Accepted
	again := startPool(t, "demo", "--dir", dir, "--http", strings.TrimPrefix(pool.Site, "http://"), "--stratum", pool.Stratum)
	app.await(t, 3*time.Minute, "it mines again by itself", func(l told) bool { return l.Phase == "mining" && l.Accepted > before })
	result := app.stop(t)
	if app.happened("pool-lost") != 1 || app.happened("pool-back") != 1 {
		t.Errorf("the history: %v", app.history())
	}
	_, c := minerStats(t, again.Site, result.Account)
	if c.Accepted < result.Accepted-before {
		t.Errorf("the pool has %d shares of the app's %d", c.Accepted, result.Accepted)
	}
}

// TestASleepingComputerWakes stops the app and its mining program as a computer that
// sleeps does, for longer than any connection can be trusted.
func TestASleepingComputerWakes(t *testing.T) {
	t.Parallel()
	pool := startDemo(t)
	app := startApp(t, pool.Site, appOptions{})
	app.awaitShares(t, time.Minute, 3)
	asleep := append(children(t, app.cmd.Process.Pid), child{pid: app.cmd.Process.Pid})
	for _, c := range slices.Backward(asleep) { // the app first: it must not see its program stop
		_ = syscall.Kill(c.pid, syscall.SIGSTOP)
	}
	time.Sleep(65 * time.Second) // a sleep is one of more than 40 s, and stopping takes its time here
	before := app.last().Accepted
	for _, c := range asleep {
		_ = syscall.Kill(c.pid, syscall.SIGCONT)
	}
	app.await(t, time.Minute, "it mines on", func(l told) bool { return l.Phase == "mining" && l.Accepted > before+2 })
	app.stop(t)
	if n := app.happened("woke"); n != 1 {
		t.Errorf("it woke %d times by the history: %v", n, app.history())
	}
}
