package replay_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/bfgminer"
	"github.com/adit-mining/adit/miners/bzminer"
	"github.com/adit-mining/adit/miners/ccminer"
	"github.com/adit-mining/adit/miners/cgminer"
	"github.com/adit-mining/adit/miners/claymore"
	"github.com/adit-mining/adit/miners/cpuminermulti"
	"github.com/adit-mining/adit/miners/cpumineropt"
	"github.com/adit-mining/adit/miners/cudaminer"
	"github.com/adit-mining/adit/miners/ethminer"
	"github.com/adit-mining/adit/miners/gminer"
	"github.com/adit-mining/adit/miners/lolminer"
	"github.com/adit-mining/adit/miners/minerd"
	"github.com/adit-mining/adit/miners/nbminer"
	"github.com/adit-mining/adit/miners/nsgminer"
	"github.com/adit-mining/adit/miners/phoenixminer"
	"github.com/adit-mining/adit/miners/replay"
	"github.com/adit-mining/adit/miners/rigel"
	"github.com/adit-mining/adit/miners/sgminer"
	"github.com/adit-mining/adit/miners/srbminer"
	"github.com/adit-mining/adit/miners/teamredminer"
	"github.com/adit-mining/adit/miners/trex"
	"github.com/adit-mining/adit/miners/verthashminer"
	"github.com/adit-mining/adit/miners/wildrig"
	"github.com/adit-mining/adit/miners/xmrig"
)

// drivers has the driver of each package with recordings, by its folder.
var drivers = map[string]miners.Driver{
	"bfgminer": bfgminer.Driver{}, "bzminer": bzminer.Driver{}, "cgminer": cgminer.Driver{}, "cpuminermulti": cpuminermulti.Driver{},
	"cpumineropt": cpumineropt.Driver{}, "gminer": gminer.Driver{}, "minerd": minerd.Driver{}, "nbminer": nbminer.Driver{},
	"nsgminer": nsgminer.Driver{}, "rigel": rigel.Driver{}, "sgminer": sgminer.Driver{}, "srbminer": srbminer.Driver{},
	"teamredminer": teamredminer.Driver{}, "wildrig": wildrig.Driver{}, "xmrig": xmrig.Driver{},
	"ccminer": ccminer.Driver{}, "claymore": claymore.Driver{}, "cudaminer": cudaminer.Driver{}, "ethminer": ethminer.Driver{},
	"lolminer": lolminer.Driver{}, "phoenixminer": phoenixminer.Driver{}, "trex": trex.Driver{}, "verthashminer": verthashminer.Driver{},
}

// TestMain removes the fake program in the end.
func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := program(); err == nil {
		os.Remove(path)
	}
	os.Exit(code)
}

// program builds the fake program. The test binary could do its work, but takes half a
// second to start under the race detector, for each recording.
var program = sync.OnceValues(func() (path string, err error) {
	f, err := os.CreateTemp("", "replayminer*.exe")
	if err != nil {
		return "", err
	}
	f.Close()
	out, err := exec.Command("go", "build", "-o", f.Name(), "./replayminer").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the fake program: %w: %s", err, out)
	}
	return f.Name(), nil
})

// fake returns a plan that runs the fake program with a recording.
func fake(t *testing.T, mode replay.Mode, recording string, env ...string) miners.Plan {
	t.Helper()
	self, err := program()
	if err != nil {
		t.Fatal(err)
	}
	recording, err = filepath.Abs(recording)
	if err != nil {
		t.Fatal(err)
	}
	env = append(env, replay.ModeVar+"="+string(mode), replay.RecordingVar+"="+recording)
	return miners.Plan{
		Program: self, Env: env, Algorithm: "kawpow", URL: "stratum+tcp://127.0.0.1:3333", User: "KEY.rig1", Password: "x",
	}
}

// run supervises until the program is given up or stop says so, and checks that no
// process is left.
func run(t *testing.T, s miners.Supervisor, stop func(miners.Event) bool) (events []miners.Event, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	s.OnEvent = func(e miners.Event) {
		events = append(events, e)
		if stop(e) {
			cancel()
		}
	}
	err = s.Run(ctx)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		t.Errorf("nothing stopped it; the last events: %v", events[max(0, len(events)-10):])
	}
	for _, e := range events {
		switch e := e.(type) {
		case miners.Started:
			gone(t, e.PID)
		case miners.Output:
			if pid, err := strconv.Atoi(strings.TrimPrefix(e.Line, replay.ChildPrefix+" ")); err == nil {
				gone(t, pid)
			}
		}
	}
	return events, err
}

func never(miners.Event) bool { return false }

// expected is what a recording's expectation says.
type expected struct {
	Accepted, Rejected int64
	Errors             []string
}

func TestEveryRecordingTellsTheSameThroughAProcess(t *testing.T) {
	recordings, err := filepath.Glob("../*/testdata/*.log")
	if err != nil || len(recordings) < 20 {
		t.Fatalf("recordings: %v, %v", recordings, err)
	}
	for _, recording := range recordings {
		folder := filepath.Base(filepath.Dir(filepath.Dir(recording)))
		t.Run(folder+"/"+filepath.Base(recording), func(t *testing.T) {
			t.Parallel()
			driver := drivers[folder]
			if driver == nil {
				t.Fatalf("no driver for %s in the list above", folder)
			}
			want := expectation(t, recording)
			s := miners.Supervisor{Driver: driver, Plan: fake(t, replay.Crash, recording, stream(driver)), GiveUp: 1}
			events, err := run(t, s, isEnded)
			if err != nil && !errors.Is(err, miners.ErrGaveUp) {
				t.Errorf("Run = %v", err)
			}
			accepted, rejected := shares(events)
			if accepted != want.Accepted || rejected != want.Rejected {
				t.Errorf("%d accepted, %d rejected; want %d and %d", accepted, rejected, want.Accepted, want.Rejected)
			}
			if got := codes(events); !slices.Equal(got, want.Errors) {
				t.Errorf("troubles %v, want %v", got, want.Errors)
			}
		})
	}
}

// stream makes the fake program print where the driver listens.
func stream(d miners.Driver) string {
	if s, ok := d.(miners.Silencer); ok && s.Streams() == miners.OnlyStderr {
		return replay.StderrVar + "=1"
	}
	return replay.StderrVar + "=0"
}

// expectation reads what stands beside a recording, of the errors the kinds.
func expectation(t *testing.T, recording string) (want expected) {
	t.Helper()
	body, err := os.ReadFile(strings.TrimSuffix(recording, ".log") + ".json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, &want); err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, text := range want.Errors {
		code, _, _ := strings.Cut(text, ":")
		kinds = append(kinds, code)
	}
	want.Errors = unique(kinds)
	return want
}

// shares adds up what was accepted and rejected.
func shares(events []miners.Event) (accepted, rejected int64) {
	for _, e := range events {
		switch e := e.(type) {
		case miners.Accepted:
			accepted += e.N
		case miners.Rejected:
			rejected += e.N
		}
	}
	return accepted, rejected
}

// codes returns the kinds of trouble that events tell of, each once.
func codes(events []miners.Event) (kinds []string) {
	for _, e := range events {
		switch e := e.(type) {
		case miners.Problem:
			kinds = append(kinds, string(e.Code))
		case miners.Disconnected:
			kinds = append(kinds, string(e.Code))
		case miners.Rejected:
			if e.Reason != "" {
				kinds = append(kinds, string(miners.CodeShareRejected))
			}
		}
	}
	return unique(kinds)
}

func unique(kinds []string) []string {
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

func isEnded(e miners.Event) bool { _, ok := e.(miners.Ended); return ok }

// samples are some drivers with a recording that has shares.
var samples = map[string]struct {
	driver    miners.Driver
	recording string
}{
	"srbminer":     {srbminer.Driver{}, "../srbminer/testdata/kawpow.log"},
	"teamredminer": {teamredminer.Driver{}, "../teamredminer/testdata/kawpow.log"},
	"nbminer":      {nbminer.Driver{}, "../nbminer/testdata/ethash.log"},
	"rigel":        {rigel.Driver{}, "../rigel/testdata/alephium.log"},
}

func TestAProgramThatIsAskedLeaves(t *testing.T) {
	for name, sample := range samples {
		t.Run(name, func(t *testing.T) {
			s := miners.Supervisor{Driver: sample.driver, Plan: fake(t, replay.Play, sample.recording, replay.SpeedVar+"=1000")}
			want := expectation(t, sample.recording)
			var accepted, rejected int64
			_, err := run(t, s, func(e miners.Event) bool {
				a, r := shares([]miners.Event{e})
				accepted, rejected = accepted+a, rejected+r
				return accepted == want.Accepted && rejected == want.Rejected
			})
			if err != nil {
				t.Errorf("Run = %v", err)
			}
		})
	}
}

func TestACrashingProgramIsStartedAgainWithGrowingPauses(t *testing.T) {
	for name, sample := range samples {
		t.Run(name, func(t *testing.T) {
			s := miners.Supervisor{
				Driver: sample.driver, Plan: fake(t, replay.Crash, sample.recording, replay.LinesVar+"=3"),
				Pause: time.Millisecond, MaxPause: 4 * time.Millisecond, GiveUp: 5,
			}
			events, err := run(t, s, never)
			if !errors.Is(err, miners.ErrGaveUp) {
				t.Errorf("Run = %v, want ErrGaveUp", err)
			}
			var pauses []time.Duration
			for _, e := range events {
				if ended, ok := e.(miners.Ended); ok {
					pauses = append(pauses, ended.Restart/time.Millisecond)
				}
			}
			if want := []time.Duration{1, 2, 4, 4, 0}; !slices.Equal(pauses, want) {
				t.Errorf("pauses = %v ms, want %v", pauses, want)
			}
		})
	}
}

func TestAHangingProgramIsNoticedAndKilled(t *testing.T) {
	for name, sample := range samples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := miners.Supervisor{
				Driver: sample.driver, Plan: fake(t, replay.Hang, sample.recording),
				Pause: time.Millisecond, Silence: 300 * time.Millisecond, Grace: 50 * time.Millisecond, GiveUp: 2,
			}
			events, err := run(t, s, never)
			if !errors.Is(err, miners.ErrSilent) || !errors.Is(err, miners.ErrGaveUp) {
				t.Errorf("Run = %v, want ErrGaveUp because of ErrSilent; events: %v", err, events)
			}
		})
	}
}

// roof is what a flood may cost at most, in bytes: far less than the flood has, and
// more than the collector leaves lying about.
const roof = 24 << 20

func TestAFloodCostsLittleMemoryAndFewEvents(t *testing.T) {
	sample := samples["teamredminer"]
	s := miners.Supervisor{Driver: sample.driver, Plan: fake(t, replay.Flood, sample.recording), Silence: 2 * time.Second, Grace: 50 * time.Millisecond, GiveUp: 1}
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	most := before.HeapInuse
	events, err := run(t, s, func(miners.Event) bool {
		runtime.ReadMemStats(&now)
		most = max(most, now.HeapInuse)
		return false
	})
	if !errors.Is(err, miners.ErrGaveUp) && err != nil {
		t.Errorf("Run = %v", err)
	}
	if cost := int64(most) - int64(before.HeapInuse); cost > roof {
		t.Errorf("%d MB of output cost %d MB of memory", (replay.LinesBytes+replay.EndlessBytes)>>20, cost>>20)
	}
	if len(events) > 100_000 {
		t.Errorf("%d events", len(events))
	}
	want := expectation(t, sample.recording)
	if accepted, _ := shares(events); accepted < want.Accepted {
		t.Errorf("%d shares accepted, want %d at least", accepted, want.Accepted)
	}
}

func TestALieIsPassedOnAsItIsTold(t *testing.T) {
	sample := samples["rigel"]
	var told float64
	s := miners.Supervisor{Driver: sample.driver, Plan: fake(t, replay.Lie, sample.recording)}
	_, err := run(t, s, func(e miners.Event) bool {
		if rate, ok := e.(miners.Hashrate); ok && rate.Device == miners.Whole {
			told = float64(rate.Hashrate)
		}
		return told > 0
	})
	if err != nil || told < 1e16 {
		t.Errorf("Run = %v, rate %g, want a rate that cannot be", err, told)
	}
}

func TestAChildIsNotLeftBehind(t *testing.T) {
	sample := samples["nbminer"]
	s := miners.Supervisor{Driver: sample.driver, Plan: fake(t, replay.Spawn, sample.recording)}
	var spawned bool
	events, err := run(t, s, func(e miners.Event) bool {
		o, ok := e.(miners.Output)
		spawned = spawned || ok && strings.HasPrefix(o.Line, replay.ChildPrefix)
		_, shared := e.(miners.Accepted)
		return spawned && shared
	})
	if err != nil || !spawned {
		t.Errorf("Run = %v, spawned: %v, events %v", err, spawned, events)
	}
}

func TestAnEnvironmentThatMakesNoSenseIsAnError(t *testing.T) {
	for _, env := range [][]string{
		{replay.ModeVar + "=dance"},
		{replay.ModeVar + "=play", replay.RecordingVar + "=/nosuch/recording.log"},
		{replay.ModeVar + "=play", replay.SpeedVar + "=fast"},
		{replay.ModeVar + "=crash", replay.LinesVar + "=some"},
	} {
		self, err := program()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), self)
		cmd.Env = append(os.Environ(), env...)
		var exit *exec.ExitError
		if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != 2 {
			t.Errorf("%v: %v, want exit status 2", env, err)
		}
	}
}
