package settings_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/settings"
)

func TestLoadGivesBackWhatSaveWrote(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	want := settings.Default()
	want.Pool, want.Worker, want.Coin, want.Power, want.Threads = "http://127.0.0.1:8080", "attic-2", "litecoin", settings.Quiet, 3
	want.Miner, want.AtLogin, want.LockMinutes = "/opt/minerd", settings.Yes, 30
	want.Backup = settings.Backup{Of: "01020300", Due: true}.Reached(settings.BackupDone, settings.ByHand, time.Now())
	want = want.Turn("gpu-0000:0a:00.0", false)
	want.Rules.Hours = []settings.Hours{{Days: []int{0, 6}, From: "22:00", To: "06:30"}}
	if err := settings.Save(dir, want); err != nil {
		t.Fatal(err)
	}
	if got, err := settings.Load(dir); err != nil || !got.Equal(want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("Save left %d files, want 1", len(files))
	}
}

func TestFirstStartNeedsNoFile(t *testing.T) {
	got, err := settings.Load(t.TempDir())
	if err != nil || !got.Equal(settings.Default()) {
		t.Errorf("got %+v, %v, want the defaults", got, err)
	}
	if err := got.Validate(); err != nil {
		t.Errorf("the defaults are not valid: %v", err)
	}
}

func TestDamagedFileGivesDefaultsAndSaysWhatToDo(t *testing.T) {
	dir := t.TempDir()
	for _, text := range []string{"", "{", `{"threads": "four"}`, "\x00\x00"} {
		if err := os.WriteFile(filepath.Join(dir, settings.FileName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := settings.Load(dir)
		if err == nil || !strings.Contains(err.Error(), "delete it") {
			t.Errorf("%q: error %v does not say what to do", text, err)
		}
		if !got.Equal(settings.Default()) {
			t.Errorf("%q: got %+v, want the defaults", text, got)
		}
	}
}

func TestNewerFilesUnknownKeysAreLeftOut(t *testing.T) {
	dir := t.TempDir()
	text := `{"pool": "https://pool.example", "from_the_future": {"a": 1}}`
	if err := os.WriteFile(filepath.Join(dir, settings.FileName), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := settings.Load(dir)
	if err != nil || got.Pool != "https://pool.example" || got.Power != settings.Balanced {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestValidateTellsAllFaultsAtOnce(t *testing.T) {
	s := settings.Settings{Pool: "ftp://x", Worker: "a b", Coin: "no such coin", Power: "turbo", Threads: -1}
	err := s.Validate()
	if err == nil {
		t.Fatal("no error")
	}
	for _, key := range []string{"pool:", "worker:", "coin:", "power:", "threads:", "miner:"} {
		if !strings.Contains(err.Error(), key) {
			t.Errorf("%q is not named in %q", key, err)
		}
	}
	if err := settings.Save(t.TempDir(), s); err == nil {
		t.Error("Save wrote settings that are wrong")
	}
}

func TestPowerLeavesTheComputerAThread(t *testing.T) {
	for _, test := range []struct {
		power           settings.Power
		available, want int
	}{
		{settings.Quiet, 1, 1}, {settings.Quiet, 8, 2}, {settings.Balanced, 1, 1}, {settings.Balanced, 2, 1},
		{settings.Balanced, 16, 15}, {settings.Full, 8, 8}, {settings.Full, 0, 1},
	} {
		if got := test.power.Threads(test.available); got != test.want {
			t.Errorf("%s of %d threads = %d, want %d", test.power, test.available, got, test.want)
		}
	}
}
