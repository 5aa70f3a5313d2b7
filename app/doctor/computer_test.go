package doctor_test

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/adit-mining/adit/app/doctor"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/hwdetect"
)

func TestTheDataFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "adit")
	look := func() []doctor.Finding { return doctor.Run(t.Context(), doctor.Config{Data: dir}) }
	want(t, look(), "folder", doctor.Good, "new")
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the doctor made the folder")
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	want(t, look(), "folder", doctor.Good, "ok")
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("the doctor left %v, %v", left, err)
	}
	if runtime.GOOS != "windows" { // there the mode tells nothing
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		want(t, look(), "folder", doctor.Notice, "open")
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, look(), "folder", doctor.Trouble, "not-folder")
	code := "unreadable"
	if runtime.GOOS == "windows" {
		code = "not-folder" // it does not tell a file on the way from nothing
	}
	want(t, doctor.Run(t.Context(), doctor.Config{Data: filepath.Join(dir, "below")}), "folder", doctor.Trouble, code)
	want(t, doctor.Run(t.Context(), doctor.Config{}), "folder", doctor.Unknown, "unknown")
}

func TestFoldersAreJudged(t *testing.T) {
	info := func(mode fs.FileMode) fs.FileInfo {
		i, err := fs.Stat(fstest.MapFS{"dir": {Mode: fs.ModeDir | mode}}, "dir")
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	for name, tt := range map[string]struct {
		info        fs.FileInfo
		missing     bool
		stat, write error
		modes       bool
		level       doctor.Level
		code        string
	}{
		"private":                  {info(0o700), false, nil, nil, true, doctor.Good, "ok"},
		"open to the group":        {info(0o710), false, nil, nil, true, doctor.Notice, "open"},
		"open, where it means nil": {info(0o755), false, nil, nil, false, doctor.Good, "ok"},
		"on a CD":                  {info(0o700), false, nil, &fs.PathError{Err: doctor.ReadOnly}, true, doctor.Trouble, "read-only"},
		"another's":                {info(0o700), false, nil, fs.ErrPermission, true, doctor.Trouble, "not-writable"},
		"not to be made":           {info(0o755), true, nil, nil, true, doctor.Good, "new"},
		"not to be looked at":      {nil, false, fs.ErrPermission, nil, true, doctor.Trouble, "unreadable"},
	} {
		got := doctor.JudgeFolder(tt.info, tt.missing, tt.stat, tt.write, tt.modes)
		if got.Level != tt.level || got.Code != tt.code {
			t.Errorf("%s: got %+v, want %s %s", name, got, tt.level, tt.code)
		}
	}
}

func TestSettingsThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	look := func() []doctor.Finding { return doctor.Run(t.Context(), doctor.Config{Data: dir}) }
	want(t, look(), "settings", doctor.Good, "ok")
	if err := os.WriteFile(filepath.Join(dir, settings.FileName), []byte(`{"pool": 7`), 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, look(), "settings", doctor.Notice, "damaged")
}

func TestDiskMemoryAndPagesAreJudged(t *testing.T) {
	const gib = 1 << 30
	pages := func(p *doctor.HugePages) doctor.Finding {
		return of(doctor.Run(t.Context(), doctor.Config{Pages: p}), "pages")[0]
	}
	for _, tt := range []struct {
		got   doctor.Finding
		level doctor.Level
		code  string
	}{
		{doctor.JudgeDisk(50 * gib), doctor.Good, "ok"},
		{doctor.JudgeDisk(gib / 2), doctor.Notice, "low"},
		{doctor.JudgeDisk(1 << 20), doctor.Trouble, "full"},
		{doctor.JudgeMemory(hwdetect.Memory{Total: 8 * gib, Available: 4 * gib}, doctor.Memory{Bytes: 3 * gib, Algorithm: "rx/0"}), doctor.Good, "ok"},
		{doctor.JudgeMemory(hwdetect.Memory{Total: 8 * gib, Available: 2 * gib}, doctor.Memory{Bytes: 3 * gib}), doctor.Notice, "short"},
		{doctor.JudgeMemory(hwdetect.Memory{Total: 2 * gib, Available: 2 * gib}, doctor.Memory{Bytes: 3 * gib}), doctor.Trouble, "little"},
		{doctor.JudgeMemory(hwdetect.Memory{Total: 2 * gib, Available: gib}, doctor.Memory{}), doctor.Good, "ok"},
		{doctor.JudgeMemory(hwdetect.Memory{}, doctor.Memory{}), doctor.Unknown, "unknown"},
		{pages(nil), doctor.Unknown, "unknown"},
		{pages(&doctor.HugePages{Wanted: 1280, Free: 1280, MayLock: true}), doctor.Good, "ok"},
		{pages(&doctor.HugePages{Wanted: 1280, Free: 12, MayLock: true}), doctor.Notice, "few"},
		{pages(&doctor.HugePages{Wanted: 1280, Free: 0}), doctor.Notice, "right"},
	} {
		if tt.got.Level != tt.level || tt.got.Code != tt.code {
			t.Errorf("got %+v, want %s %s", tt.got, tt.level, tt.code)
		}
	}
}

func TestProgramsThatAnAntivirusTook(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	whole, empty, gone := file("whole", "MZ"), file("empty", ""), filepath.Join(dir, "gone")
	root := t.TempDir()
	look := func(programs ...string) []doctor.Finding {
		return doctor.Run(t.Context(), doctor.Config{Programs: programs, Root: root, Machine: hwdetect.Machine{OS: "linux"}})
	}
	want(t, look(), "antivirus", doctor.Good, "none")
	want(t, look(whole), "antivirus", doctor.Good, "ok")
	want(t, look(whole, empty), "antivirus", doctor.Trouble, "empty")
	want(t, look(gone), "antivirus", doctor.Trouble, "missing")
	want(t, look(dir), "antivirus", doctor.Trouble, "unreadable")

	for _, socket := range []string{"run/clamav/clamd.ctl", "run/clamd.scan/clamd.sock"} {
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(socket)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, socket), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want(t, look(whole), "antivirus", doctor.Good, "present")
	if its := of(look(gone, whole), "antivirus"); len(its) != 2 || its[0].Code != "missing" || its[1].Args["product"] != "ClamAV" {
		t.Errorf("got %+v", its)
	}
}

func TestProgramsThatMayNotBeStarted(t *testing.T) {
	for name, tt := range map[string]struct {
		mode          fs.FileMode
		noExec, modes bool
		code          string
	}{
		"as it should be":            {0o755, false, true, ""},
		"without the right":          {0o644, false, true, "not-executable"},
		"where there are no modes":   {0o644, false, false, ""},
		"on a disk without programs": {0o755, true, true, "noexec"},
	} {
		got, bad := doctor.JudgeProgram(tt.mode, tt.noExec, tt.modes)
		if got.Code != tt.code || bad != (tt.code != "") || bad && got.Level != doctor.Trouble {
			t.Errorf("%s: got %+v, want %q", name, got, tt.code)
		}
	}
	file := filepath.Join(t.TempDir(), "miner")
	if err := os.WriteFile(file, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	found := of(doctor.Run(t.Context(), doctor.Config{Programs: []string{file}}), "rights")
	told := slices.ContainsFunc(found, func(f doctor.Finding) bool { return f.Code == "not-executable" })
	if told == (runtime.GOOS == "windows") { // which knows no such right
		t.Errorf("got %+v", found)
	}
}

func TestDevices(t *testing.T) {
	good := hwdetect.Device{Name: "AMD Ryzen 7", Mineable: true}
	bad := hwdetect.Device{ID: "gpu-1", Name: "NVIDIA GT 710", Reason: "No driver is installed for this card.", Advice: "Install NVIDIA's driver.",
		Cause: hwdetect.NoDriver, CauseArgs: map[string]string{"driver": "NVIDIA's driver"}}
	look := func(devices ...hwdetect.Device) []doctor.Finding {
		return of(doctor.Run(t.Context(), doctor.Config{Machine: hwdetect.Machine{Devices: devices}}), "drivers")
	}
	its := look(good, bad)
	if len(its) != 2 || its[0].Code != "ok" || its[1].Level != doctor.Notice || its[1].Do != bad.Advice || !strings.Contains(its[1].What, bad.Reason) {
		t.Errorf("got %+v", its)
	}
	if args := its[1].Args; args["cause"] != "no-driver" || args["driver"] != "NVIDIA's driver" {
		t.Errorf("the cause is told as %v", args)
	}
	if its = look(bad); len(its) != 2 || its[1].Level != doctor.Trouble || its[1].Code != "none" {
		t.Errorf("got %+v", its)
	}
	if its = look(); len(its) != 1 || its[0].Code != "unknown" {
		t.Errorf("got %+v", its)
	}
}

func TestFindingsComeInTheOrderOfChecks(t *testing.T) {
	order := doctor.Checks()
	var last int
	seen := map[string]bool{}
	for _, f := range doctor.Run(t.Context(), doctor.Config{Pool: "http://" + closedPort(t), Data: t.TempDir()}) {
		at := slices.Index(order, f.Check)
		if at < last {
			t.Errorf("%s comes after %s", f.Check, order[last])
		}
		last = at
		seen[f.Check] = true
		if f.What == "" || strings.Contains(f.What+f.Do, "{{") {
			t.Errorf("%s.%s has no whole text: %q %q", f.Check, f.Code, f.What, f.Do)
		}
	}
	for _, check := range order {
		if !seen[check] {
			t.Errorf("%s was not looked at", check)
		}
	}
}

// TestEveryCodeHasItsText reads the package's own source for the codes it uses.
func TestEveryCodeHasItsText(t *testing.T) {
	known := map[string]bool{}
	for _, code := range doctor.Codes() {
		check, _, ok := strings.Cut(code, ".")
		if !ok || !slices.Contains(doctor.Checks(), check) {
			t.Errorf("%s belongs to no check", code)
		}
		known[code] = true
	}
	names := map[string]string{
		"checkAddress": "address", "checkDNS": "dns", "checkTLS": "tls", "checkHTTP": "http", "checkClock": "clock",
		"checkStratum": "stratum", "checkDisk": "disk", "checkFolder": "folder", "checkSettings": "settings", "checkAntivirus": "antivirus",
		"checkDrivers": "drivers", "checkPages": "pages", "checkMemory": "memory", "checkRights": "rights",
	}
	if !slices.Equal(slices.Sorted(maps.Values(names)), slices.Sorted(slices.Values(doctor.Checks()))) {
		t.Fatal("the test does not know all checks")
	}
	used := regexp.MustCompile(`finding\((check\w+), \w+, "([a-z-]+)"`)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range used.FindAllStringSubmatch(string(text), -1) {
			count++
			if code := names[m[1]] + "." + m[2]; !known[code] {
				t.Errorf("%s: %s has no text", file, code)
			}
		}
	}
	if count < 50 {
		t.Errorf("only %d codes were found in the source", count)
	}
	// Codes that are made elsewhere than in the call.
	for _, check := range []string{"http", "stratum"} {
		for _, code := range []string{"refused", "timeout", "unreachable", "unknown-name", "failed"} {
			if !known[check+"."+code] {
				t.Errorf("%s.%s has no text", check, code)
			}
		}
	}
}

func TestWhatOthersSayIsFitForATerminal(t *testing.T) {
	for in, want := range map[string]string{
		"Pool": "Pool", "a\x1b[31mb": "a [31mb", "a\nb": "a b", "\xff": "?", "a\u202eb": "a b",
	} {
		if got := doctor.Printable(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	if got := doctor.Printable(strings.Repeat("ä", 5000)); len(got) > 210 {
		t.Errorf("%d bytes", len(got))
	}
}

func FuzzPrintable(f *testing.F) {
	f.Add("a\x00b")
	f.Fuzz(func(t *testing.T, s string) {
		if got := doctor.Printable(s); strings.ContainsAny(got, "\x1b\n\r\x00") || len(got) > 210 {
			t.Errorf("%q", got)
		}
	})
}
