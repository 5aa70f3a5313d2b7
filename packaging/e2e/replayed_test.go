package e2e_test

import (
	"cmp"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/programs"
	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/replay"
)

// replayer is the fake mining program, built once.
var replayer struct {
	sync.Once
	code []byte
	err  error
}

// replayProgram returns the path of a new copy of the fake mining program.
func replayProgram(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "replayminer")
	replayer.Do(func() {
		cmd := exec.Command("go", "build", "-o", path, "../../miners/replay/replayminer")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go build: %v\n%s", err, out)
		}
		replayer.code, replayer.err = os.ReadFile(path)
	})
	if replayer.err != nil || len(replayer.code) == 0 {
		t.Fatalf("the replaying program was not built: %v", replayer.err)
	}
	if err := os.WriteFile(path, replayer.code, 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// recording is what a mining program printed, and what that says.
type recording struct {
	Miner              string // its driver
	Accepted, Rejected int64
	Errors             []string
	path               string
}

func readRecording(t testing.TB, path string) (r recording) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	r.path = strings.TrimSuffix(path, ".json") + ".log"
	return r
}

// final reports whether the app leaves such a program before its recording is over:
// it was told something that only a person can change.
func (r recording) final() bool {
	return slices.ContainsFunc(r.Errors, func(e string) bool {
		code, _, _ := strings.Cut(e, ":")
		return code == string(miners.CodeAuthFailed) || code == string(miners.CodeUnsupported)
	})
}

// richest returns each program's recording that has the most shares, of those that
// begin when the program does.
func richest(t testing.TB) (all []recording) {
	t.Helper()
	paths, err := filepath.Glob("../../miners/*/testdata/*.json")
	if err != nil || len(paths) < 40 {
		t.Fatalf("%d recordings, %v", len(paths), err)
	}
	best := map[string]recording{}
	for _, path := range paths {
		if strings.Contains(path, "middle") || strings.Contains(path, "cut-off") {
			continue
		}
		r := readRecording(t, path)
		if r.Accepted > best[r.Miner].Accepted && !r.final() {
			best[r.Miner] = r
		}
	}
	for _, r := range best {
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b recording) int { return cmp.Compare(a.Miner, b.Miner) })
	return all
}

// replayed starts the app with the fake program in the place of r's.
func replayed(t testing.TB, site string, r recording, mode replay.Mode, env ...string) *appProcess {
	t.Helper()
	known, ok := programs.Named(r.Miner)
	if !ok {
		t.Fatalf("no driver for %s", r.Miner)
	}
	path, err := filepath.Abs(r.path)
	if err != nil {
		t.Fatal(err)
	}
	env = append(env, replay.ModeVar+"="+string(mode), replay.RecordingVar+"="+path)
	if s, picky := known.Driver.(miners.Silencer); picky && s.Streams() == miners.OnlyStderr {
		env = append(env, replay.StderrVar+"=1")
	}
	return startApp(t, site, appOptions{args: []string{"--miner", replayProgram(t), "--program", r.Miner}, env: env})
}

// TestEveryProgramsRecordingIsCountedByTheApp plays a recording of each program to
// the app, as if it were mining at the demo's pool.
func TestEveryProgramsRecordingIsCountedByTheApp(t *testing.T) {
	t.Parallel()
	pool := startDemo(t)
	all := richest(t)
	if len(all) < 20 {
		t.Fatalf("recordings with shares of %d programs only", len(all))
	}
	for _, r := range all {
		t.Run(r.Miner, func(t *testing.T) {
			app := replayed(t, pool.Site, r, replay.Play)
			app.await(t, time.Minute, "all shares are counted", func(l told) bool { return l.Accepted == r.Accepted && l.Rejected == r.Rejected })
			last := app.stop(t)
			if last.Accepted != r.Accepted || last.Rejected != r.Rejected || last.Program != r.Miner || app.err != nil {
				t.Errorf("the result is %d accepted, %d rejected of %q (%v), want %d, %d of %q",
					last.Accepted, last.Rejected, last.Program, app.err, r.Accepted, r.Rejected, r.Miner)
			}
		})
	}
}

// minerd is a recording with many shares, of a program for processors.
func minerd(t testing.TB) recording {
	return readRecording(t, "../../miners/minerd/testdata/sha256d-low-difficulty.json")
}

// TestACrashingProgramIsGivenUpAndSaid waits through all the pauses between the
// starts of a program that never gets anything done.
func TestACrashingProgramIsGivenUpAndSaid(t *testing.T) {
	t.Parallel()
	pool := startDemo(t)
	app := replayed(t, pool.Site, minerd(t), replay.Crash, replay.LinesVar+"=1")
	app.await(t, 4*time.Minute, "the program is given up", func(l told) bool { return l.Problem.Code == "miner-failed" })
	all := app.said()
	pauses := 0
	for _, line := range all {
		pauses = max(pauses, line.Restarts)
	}
	if pauses != 7 {
		t.Errorf("it was started again %d times, want 7", pauses)
	}
	last := app.stop(t)
	if last.Problem.What == "" || last.Problem.Do == "" {
		t.Errorf("the result says nothing of it: %+v", last)
	}
	want := []string{"map[Seconds:1]", "map[Seconds:2]", "map[Seconds:4]", "map[Seconds:8]", "map[Seconds:16]", "map[Seconds:32]", "map[Seconds:60]"}
	var have []string
	for _, line := range app.history() {
		if values, ok := strings.CutPrefix(line, "miner-crashed "); ok {
			have = append(have, values)
		}
	}
	if !slices.Equal(have, want) || app.happened("device-left-out") != 1 {
		t.Errorf("the history: %v", app.history())
	}
}

// TestAProgramThatCrashesAfterSharesGoesOn restarts a program that got something
// done at once, for ever.
func TestAProgramThatCrashesAfterSharesGoesOn(t *testing.T) {
	t.Parallel()
	pool := startDemo(t)
	r := minerd(t)
	app := replayed(t, pool.Site, r, replay.Crash)
	said := app.await(t, time.Minute, "it was started again", func(l told) bool { return l.Restarts >= 3 })
	if said.Accepted < 3*r.Accepted {
		t.Errorf("%d shares after %d starts, want %d each", said.Accepted, said.Restarts, r.Accepted)
	}
	app.stop(t)
	if app.happened("miner-crashed") < 3 {
		t.Errorf("the history: %v", app.history())
	}
	for _, line := range app.history() {
		if strings.HasPrefix(line, "miner-crashed ") && !strings.Contains(line, "Seconds:1]") {
			t.Errorf("the pause grew though shares came: %s", line)
		}
	}
}

// TestAHangingProgramIsSaidAndLeaves has a program that says nothing and does not
// listen.
func TestAHangingProgramIsSaidAndLeaves(t *testing.T) {
	t.Parallel()
	pool := startDemo(t)
	app := replayed(t, pool.Site, minerd(t), replay.Hang)
	said := app.await(t, 2*time.Minute, "the app says that nothing comes", func(l told) bool { return l.Problem.Code != "" })
	if said.Problem.Code != "timeout" || said.Phase == "mining" || said.Problem.Do == "" {
		t.Errorf("it said %+v", said)
	}
	all := children(t, app.cmd.Process.Pid)
	app.stop(t)
	awaitGone(t, all)
}

// TestAFloodDrownsNobody has a program that prints without end.
func TestAFloodDrownsNobody(t *testing.T) {
	t.Parallel()
	pool := startDemo(t)
	r := minerd(t)
	app := replayed(t, pool.Site, r, replay.Flood)
	app.awaitShares(t, time.Minute, r.Accepted)
	all := children(t, app.cmd.Process.Pid)
	var most int64
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		most = max(most, resident(t, app.cmd.Process.Pid))
	}
	if most > 150<<20 {
		t.Errorf("the app has grown to %d MB", most>>20)
	}
	app.stop(t)
	awaitGone(t, all)
}

// TestAProgramThatLiesIsDoubted has programs that never connect to the pool: one that
// tells of shares which the pool has not counted, and one that tells of a hashrate and
// too few shares for it. The app calls neither of them mining for long.
func TestAProgramThatLiesIsDoubted(t *testing.T) {
	t.Parallel()
	pool := startDemo(t)
	for name, lie := range map[string]struct {
		recording recording
		mode      replay.Mode
	}{
		"shares": {minerd(t), replay.Play},
		"rate":   {readRecording(t, "../../miners/trex/testdata/one-card.json"), replay.Lie},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := replayed(t, pool.Site, lie.recording, lie.mode)
			app.awaitShares(t, time.Minute, lie.recording.Accepted)
			said := app.await(t, 2*time.Minute, "the app doubts the program", func(l told) bool { return l.Phase == "faltering" })
			if said.Problem.Code == "" || said.Problem.Do == "" {
				t.Errorf("it doubts without a word: %+v", said.Problem)
			}
			t.Logf("it said %s", said.Problem.Code)
			app.stop(t)
		})
	}
}
