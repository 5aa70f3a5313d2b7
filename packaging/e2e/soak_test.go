//go:build linux

package e2e_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/past"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/app/windowtest"
	"github.com/adit-mining/adit/miners/replay"
)

// A day of a mining program: a share each ten seconds, a hashrate each five, and the
// pool lost for a moment each half hour.
const (
	dayShares = 24 * 60 * 6
	dayLosses = 48
)

// mostGrowth is what the window may grow by in a day after it has warmed up, in bytes.
const mostGrowth = 20 << 20

// aDay is what minerd prints in a day.
func aDay() []byte {
	var b bytes.Buffer
	say := func(format string, values ...any) {
		b.WriteString("[2026-11-23 08:32:25] ")
		fmt.Fprintf(&b, format+"\n", values...)
	}
	say("1 miner threads started, using 'sha256d' algorithm.")
	for i := 1; i <= dayShares; i++ {
		say("thread 0: %d hashes, %d khash/s", 29000000+i, 5800+i%100)
		say("DEBUG: hash <= target")
		say("thread 0: %d hashes, %d khash/s", 28000000+i, 5800+i%97)
		say("accepted: %d/%d (100.00%%), %d khash/s (yay!!!)", i, i, 5800+i%100)
		if i%(dayShares/dayLosses) == 0 {
			say("Stratum connection interrupted")
			say("Stratum difficulty set to 0.0001")
		}
	}
	return b.Bytes()
}

// TestADayDoesNotFattenTheWindow plays a day of mining to the window in the minutes
// that SOAK_MINUTES says, one without it, while somebody looks at all its screens.
func TestADayDoesNotFattenTheWindow(t *testing.T) {
	minutes := 1
	if text := os.Getenv("SOAK_MINUTES"); text != "" {
		var err error
		if minutes, err = strconv.Atoi(text); err != nil || minutes < 1 {
			t.Fatalf("SOAK_MINUTES: want a number of minutes, have %q", text)
		}
	}
	span := time.Duration(minutes) * time.Minute
	pool, data := startDemo(t), t.TempDir()
	day := aDay()
	recording := filepath.Join(data, "day.log")
	chosen := settings.Default()
	chosen.Pool, chosen.Miner, chosen.Program, chosen.ResumeMining = pool.Site, replayProgram(t), "minerd", true
	if err := settings.Save(data, chosen); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(recording, day, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(replay.RecordingVar, recording)
	t.Setenv(replay.ModeVar, string(replay.Play))
	t.Setenv(replay.StderrVar, "1")
	// The day is over before the window is closed, unless the machine is too busy for it.
	t.Setenv(replay.SpeedVar, fmt.Sprint(1.5*float64(bytes.Count(day, []byte("\n")))/span.Seconds()))

	w := windowtest.NewScreen(t).Open(t, program(t, "adit"), "FYNE_THEME=dark", "--data", data)
	began := time.Now()
	var first, most int64
	for round := 0; time.Since(began) < span; round++ {
		w.Xdotool("key", fmt.Sprintf("ctrl+%d", 1+round%len(screens)))
		time.Sleep(2 * time.Second)
		now := resident(t, w.Cmd.Process.Pid)
		if first == 0 && round >= 2*len(screens) && time.Since(began) > span/5 { // every screen was seen, and the lists have filled
			first = now
		}
		most = max(most, now)
	}
	last := resident(t, w.Cmd.Process.Pid)
	w.Keep("e2e-day")
	w.Close()
	t.Logf("a day of %d shares in %v: %d MB after the warm-up, %d MB at the end, %d MB at most", dayShares, span, first>>20, last>>20, most>>20)
	if first == 0 || last-first > mostGrowth {
		t.Errorf("the window has grown from %d to %d bytes", first, last)
	}
	var shares int64
	for _, hour := range past.Load(data).Days {
		shares += hour.Accepted
	}
	if shares < dayShares/2 {
		t.Errorf("the app counted %d shares of the day's %d", shares, dayShares)
	}
}
