package choice_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/choice"
	"github.com/adit-mining/adit/miners/pow"
)

var key = choice.Key{Device: "gpu-0000:0a:00.0", Name: "Radeon", Driver: "24.1", Program: "teamredminer", Version: "0.10.21", Algorithm: "kawpow"}

func someRecords() choice.Records {
	watts := 120.5
	other := key
	other.Program = "wildrig"
	return choice.Records{}.
		WithResult(choice.Result{Key: key, Hashrate: 25e6, PowerW: &watts, At: today, Samples: 40}).
		WithFailure(other, today).
		WithTrial(key, today).
		WithFreeze(choice.Freeze{Device: key.Device, Program: "nbminer", At: today})
}

func TestRecordsSurviveTheFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	if r, err := choice.Load(dir); err != nil || !reflect.DeepEqual(r, choice.Records{}) {
		t.Errorf("Load without a file = %+v, %v", r, err)
	}
	if err := choice.Save(dir, someRecords()); err != nil {
		t.Fatalf("Save = %v", err)
	}
	got, err := choice.Load(dir)
	if err != nil || !reflect.DeepEqual(got, someRecords()) {
		t.Errorf("Load = %+v, %v", got, err)
	}
}

func TestADamagedFileIsAnErrorAndAnEmptyStart(t *testing.T) {
	dir := t.TempDir()
	for _, text := range []string{"", "{", `{"results":[{"hashrate":"fast"}]}`, `{"results":5}`} {
		if err := os.WriteFile(filepath.Join(dir, choice.FileName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if r, err := choice.Load(dir); err == nil || !reflect.DeepEqual(r, choice.Records{}) {
			t.Errorf("Load of %q = %+v, %v; want an error and nothing", text, r, err)
		}
	}
}

func TestFailuresRestLongerEachTimeUntilItWorks(t *testing.T) {
	q := question(geforce, "kawpow", program("ccminer", 0, "kawpow"))
	k, now := q.Key(q.Programs[0]), today
	until := func() time.Time {
		q.Now = now
		return choice.Candidates(q)[0].Until
	}
	last := time.Duration(0)
	for n := range 30 {
		q.Records = q.Records.WithFailure(k, now)
		rest := until().Sub(now)
		if rest < last || rest > 24*time.Hour || n == 0 && rest != 10*time.Minute || n == 29 && rest != 24*time.Hour {
			t.Errorf("failure %d: a rest of %v after one of %v", n+1, rest, last)
		}
		last, now = rest, now.Add(rest)
		if !until().IsZero() {
			t.Errorf("failure %d: it is still resting when the rest is over", n+1)
		}
	}
	q.Records = q.Records.WithResult(choice.Result{Key: k, Hashrate: 1, At: now}).WithFailure(k, now)
	if rest := until().Sub(now); rest != 10*time.Minute {
		t.Errorf("after it worked, a failure costs a rest of %v", rest)
	}
}

func TestRecordsDoNotGrowForEver(t *testing.T) {
	var r choice.Records
	for n := range 2500 {
		k := key
		k.Version = string(rune('a' + n))
		r = r.WithResult(choice.Result{Key: k, Hashrate: pow.Hashrate(n + 1), At: today})
	}
	if got := len(r.Results); got != 2000 || r.Results[0].Hashrate != 501 {
		t.Errorf("%d results from %v on, want the last 2000", got, r.Results[0].Hashrate)
	}
}

func TestMethodsLeaveTheValueTheyAreCalledOn(t *testing.T) {
	r := someRecords()
	r.WithResult(choice.Result{Key: key, Hashrate: 1})
	r.WithFailure(key, today)
	r.WithTrial(key, today)
	r.WithFreeze(choice.Freeze{Device: "d", Program: "p"})
	r.Allowed(key.Device, "nbminer")
	if !reflect.DeepEqual(r, someRecords()) {
		t.Errorf("a method changed its value: %+v", r)
	}
}

func TestOnlyAMachineThatWentDownBlamesAProgram(t *testing.T) {
	first := choice.Boot{ID: "1", Time: today}
	for name, c := range map[string]struct {
		before, now choice.Boot
		end, froze  bool
	}{
		"froze":                     {first, choice.Boot{ID: "2"}, false, true},
		"the app was killed":        {first, first, false, false},
		"went well, then rebooted":  {first, choice.Boot{ID: "2"}, true, false},
		"froze, boots told by time": {choice.Boot{Time: today}, choice.Boot{Time: today.Add(time.Hour)}, false, true},
		"killed, clock was set":     {choice.Boot{Time: today}, choice.Boot{Time: today.Add(2 * time.Minute)}, false, false},
		"clock was set back":        {choice.Boot{Time: today}, choice.Boot{Time: today.Add(-time.Hour)}, false, false},
		"nobody knows":              {choice.Boot{}, choice.Boot{Time: today}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			before := choice.Guard{Dir: filepath.Join(dir, "trying"), Boot: c.before}
			if err := before.Begin(key.Device, key.Program); err != nil {
				t.Fatalf("Begin = %v", err)
			}
			if c.end {
				if err := before.End(key.Device, key.Program); err != nil {
					t.Fatalf("End = %v", err)
				}
			}
			now := choice.Guard{Dir: before.Dir, Boot: c.now}
			r, err := now.Settle(dir, someRecords())
			if err != nil {
				t.Fatalf("Settle = %v", err)
			}
			if got := r.Froze(key.Device, key.Program); got != c.froze {
				t.Errorf("blamed: %v, want %v", got, c.froze)
			}
			if loaded, err := choice.Load(dir); c.froze && (err != nil || !loaded.Froze(key.Device, key.Program)) {
				t.Errorf("the next start does not know: %v", err)
			}
			if entries, _ := os.ReadDir(now.Dir); len(entries) != 0 {
				t.Errorf("markers are left: %v", entries)
			}
		})
	}
}

func TestSettleThatCannotSaveKeepsTheMarkers(t *testing.T) {
	g := choice.Guard{Dir: t.TempDir(), Boot: choice.Boot{ID: "1"}}
	if err := g.Begin(key.Device, key.Program); err != nil {
		t.Fatal(err)
	}
	g.Boot.ID = "2"
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Settle(filepath.Join(file, "no folder"), choice.Records{}); err == nil {
		t.Error("Settle saved into a file")
	}
	r, err := g.Settle(t.TempDir(), choice.Records{})
	if err != nil || !r.Froze(key.Device, key.Program) {
		t.Errorf("the second Settle = %v, froze %v", err, r.Froze(key.Device, key.Program))
	}
}

func TestSettlePassesOverDamagedMarkers(t *testing.T) {
	g := choice.Guard{Dir: t.TempDir(), Boot: choice.Boot{ID: "2"}}
	for name, text := range map[string]string{"trying-1.json": "{", "trying-2.json.new-3": `{"program":"xmrig","boot":{"id":"1"}}`} {
		if err := os.WriteFile(filepath.Join(g.Dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := g.Settle(t.TempDir(), choice.Records{})
	if err != nil || len(r.Freezes) != 0 {
		t.Errorf("Settle = %v, %v; want nobody blamed", r.Freezes, err)
	}
	if entries, _ := os.ReadDir(g.Dir); len(entries) != 0 {
		t.Errorf("markers are left: %v", entries)
	}
}

func TestBeginFailsWhereNothingCanBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (choice.Guard{Dir: file}).Begin("d", "p"); err == nil {
		t.Error("Begin succeeds without a marker: the program would start")
	}
}

func TestThisBootIsOneThing(t *testing.T) {
	first, second := choice.ThisBoot(), choice.ThisBoot()
	if first.ID != second.ID || second.Time.Sub(first.Time).Abs() > time.Minute {
		t.Errorf("two looks at one boot: %+v and %+v", first, second)
	}
}

func FuzzLoad(f *testing.F) {
	good, err := json.Marshal(someRecords())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"results":[{"hashrate":-1},{"hashrate":1e308}],"failures":[{"count":-5}],"trials":[{"count":-1}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, choice.FileName), text, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := choice.Load(dir)
		if err != nil {
			return
		}
		for _, x := range r.Results {
			r = r.WithFailure(x.Key, today).WithTrial(x.Key, today)
			if !(x.Hashrate > 0) {
				t.Errorf("a result of %v", x.Hashrate)
			}
		}
		if err := choice.Save(dir, r); err != nil && !errors.As(err, new(*json.UnsupportedValueError)) {
			t.Errorf("save it again: %v", err)
		}
	})
}
