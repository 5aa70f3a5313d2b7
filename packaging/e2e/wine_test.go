//go:build wine

package e2e_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestTheWindowsBuild drives adit.exe under wine, against a pool on this side. make
// windows builds the program and what wine lacks, and runs this test.
func TestTheWindowsBuild(t *testing.T) {
	w := newWindows(t, newDisplay(t))
	t.Run("version", func(t *testing.T) {
		if out := w.must(t, "version"); !strings.HasPrefix(out, "adit ") || !strings.Contains(out, "windows/amd64") {
			t.Errorf("it says %q", out)
		}
	})
	t.Run("devices", func(t *testing.T) { testWindowsDevices(t, w) })
	t.Run("parse", func(t *testing.T) { testWindowsParse(t, w) })
	t.Run("key", func(t *testing.T) { testWindowsKey(t, w) })

	pool := startPool(t, "demo", "--dir", t.TempDir(), "--http", "127.0.0.1:0", "--stratum", "127.0.0.1:0")
	t.Run("doctor", func(t *testing.T) { testWindowsDoctor(t, w, pool.Site) })
	t.Run("mine", func(t *testing.T) { testWindowsMine(t, w, pool.Site) })
	t.Run("killed", func(t *testing.T) { testWindowsKilled(t, w, pool.Site) })
	t.Run("window", func(t *testing.T) { testWindowsWindow(t, w, pool.Site) })
}

func testWindowsDevices(t *testing.T, w windows) {
	var machine struct {
		OS      string
		Memory  struct{ Total_Bytes uint64 }
		Devices []struct {
			Kind     string
			Mineable bool
		}
	}
	w.mustJSON(t, &machine, "devices", "--json")
	if machine.OS != "windows" || machine.Memory.Total_Bytes == 0 || len(machine.Devices) == 0 ||
		machine.Devices[0].Kind != "cpu" || !machine.Devices[0].Mineable {
		t.Errorf("it found %+v", machine)
	}
}

// testWindowsParse gives a recording as a file and as input: the same comes out as
// elsewhere.
func testWindowsParse(t *testing.T, w windows) {
	log := filepath.Join("..", "..", "miners", "xmrig", "testdata", "cpu.log")
	var want, file, input any
	if err := json.Unmarshal([]byte(textOf(t, strings.TrimSuffix(log, ".log")+".json")), &want); err != nil {
		t.Fatal(err)
	}
	w.mustJSON(t, &file, "parse", "--program", "xmrig", log)
	stdout, stderr, err := w.run(t, textOf(t, log), "parse", "--program", "xmrig")
	if err := errors.Join(err, json.Unmarshal([]byte(stdout), &input)); err != nil {
		t.Fatalf("%v: %s", err, stderr)
	}
	if !reflect.DeepEqual(file, want) || !reflect.DeepEqual(input, want) {
		t.Errorf("parse = %v of the file, %v of the input, want %v", file, input, want)
	}
}

func testWindowsKey(t *testing.T, w windows) {
	type key struct {
		Account string
		Created bool
	}
	var first, second key
	data := t.TempDir()
	w.mustJSON(t, &first, "key", "show", "--json", "--data", data)
	w.mustJSON(t, &second, "key", "show", "--json", "--data", data)
	if len(first.Account) != 40 || !first.Created || second != (key{first.Account, false}) {
		t.Errorf("%+v, then %+v", first, second)
	}
}

func testWindowsDoctor(t *testing.T, w windows, site string) {
	var found struct {
		Findings []struct{ Check, Level, Code string }
	}
	stdout, stderr, _ := w.run(t, "", "doctor", "--json", "--pool", site, "--data", t.TempDir()) // it exits 1 where something is in the way
	if err := json.Unmarshal([]byte(stdout), &found); err != nil {
		t.Fatalf("%v: %s%s", err, stdout, stderr)
	}
	levels := map[string]string{}
	for _, f := range found.Findings {
		levels[f.Check] = f.Level
	}
	for _, check := range []string{"http", "stratum", "folder"} {
		if levels[check] != "good" {
			t.Errorf("%s is %q, want good: %s", check, levels[check], stdout)
		}
	}
}

func testWindowsMine(t *testing.T, w windows, site string) {
	stdout, stderr, err := w.run(t, "", "mine", "--pool", site, "--duration", "15s", "--json", "--data", t.TempDir())
	if err != nil {
		t.Fatalf("%v: %s%s", err, stdout, stderr)
	}
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	var s summary
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &s); err != nil {
		t.Fatalf("the last line is %q: %v", lines[len(lines)-1], err)
	}
	if _, pool := minerStats(t, site, s.Account); s.Accepted == 0 || pool.Accepted != s.Accepted {
		t.Errorf("%d shares were accepted, of which the pool knows %d", s.Accepted, pool.Accepted)
	}
	w.wantNobody(t)
}

// testWindowsKilled has a second Adit refused on the folder of the first, and kills
// that one: the mining program goes with it, and the folder is free.
func testWindowsKilled(t *testing.T, w windows, site string) {
	data := t.TempDir()
	var key struct{ Account string }
	w.mustJSON(t, &key, "key", "show", "--json", "--data", data)
	first := w.command("mine", "--pool", site, "--data", data)
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	defer first.Wait()
	defer first.Process.Kill()
	eventually(t, time.Minute, "the pool knows its shares", func() bool { return poolAccepted(t, site, key.Account) > 0 })
	if got := w.processes(t); len(got) != 2 {
		t.Errorf("%q run, want Adit and its mining program", got)
	}
	_, stderr, err := w.run(t, "", "mine", "--pool", site, "--duration", "1s", "--data", data)
	if err == nil || !strings.Contains(stderr, "another Adit") {
		t.Errorf("a second one ended with %v: %s", err, stderr)
	}
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	first.Wait()
	w.wantNobody(t)
	w.must(t, "mine", "--pool", site, "--duration", "1s", "--data", data)
}

// testWindowsWindow opens the window, which mines at once, and keeps a picture of it.
func testWindowsWindow(t *testing.T, w windows, site string) {
	data := t.TempDir()
	var key struct{ Account string }
	w.mustJSON(t, &key, "key", "show", "--json", "--data", data)
	cmd := w.command("--pool", site, "--start", "--data", data)
	var said bytes.Buffer
	cmd.Stderr = &said
	cmd.WaitDelay = time.Second // wine's background processes may have inherited the pipe
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Wait()
	defer cmd.Process.Kill()
	tool := func(name string, args ...string) ([]byte, error) {
		c := exec.Command(name, args...)
		c.Env = w.env
		return c.CombinedOutput()
	}
	eventually(t, 2*time.Minute, "the window is open", func() bool {
		_, err := tool("xdotool", "search", "--onlyvisible", "--name", "^Adit$")
		return err == nil
	})
	opened := time.Since(began)
	eventually(t, time.Minute, "the pool knows its shares", func() bool { return poolAccepted(t, site, key.Account) > 0 })
	time.Sleep(3 * time.Second) // for the picture: the first hashrate
	picture := filepath.Join(artifacts(t), "windows.png")
	if out, err := tool("import", "-window", "root", picture); err != nil {
		t.Fatalf("import: %v: %s", err, out)
	}
	t.Logf("open after %v, %d MB resident, picture in %s", opened.Round(time.Millisecond), resident(t, cmd.Process.Pid)/1e6, picture)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	w.wantNobody(t)
	if strings.Contains(said.String(), "Error in Fyne call thread") {
		t.Errorf("Fyne complains: %s", said.String())
	}
}

// windows is a computer of wine's that lasts for one test.
type windows struct {
	exe string // in a folder of this test, so that its processes can be told from others
	env []string
}

// newWindows sets a computer up. It has its display from the beginning: wine's desktop
// is made by its first program.
func newWindows(t *testing.T, display string) windows {
	t.Helper()
	dir := t.TempDir()
	w := windows{exe: filepath.Join(dir, "adit.exe"), env: append(os.Environ(), "WINEPREFIX="+filepath.Join(dir, "prefix"),
		"WINEDEBUG=-all", "WINEDLLOVERRIDES=mscoree,mshtml=", "DISPLAY="+display, "LANG=en_US.UTF-8")} // no offers to download Mono and Gecko
	if err := os.Link(program(t, filepath.Join("windows", "adit.exe")), w.exe); err != nil {
		copyFile(t, program(t, filepath.Join("windows", "adit.exe")), w.exe)
	}
	boot := exec.Command("wineboot", "--init")
	boot.Env = w.env
	if err := boot.Run(); err != nil {
		t.Fatalf("wineboot: %v", err)
	}
	t.Cleanup(func() {
		end := exec.Command("wineserver", "--kill", "--wait")
		end.Env = w.env
		_ = end.Run()
	})
	copyFile(t, program(t, filepath.Join("windows", "bcryptprimitives.dll")),
		filepath.Join(dir, "prefix", "drive_c", "windows", "system32", "bcryptprimitives.dll"))
	return w
}

// command is adit.exe, to be started.
func (w windows) command(args ...string) *exec.Cmd {
	cmd := exec.Command("wine", append([]string{w.exe}, args...)...)
	cmd.Env = w.env
	return cmd
}

// run runs adit.exe to its end. Its output goes to files: a pipe would be kept open by
// wine's own processes.
func (w windows) run(t *testing.T, stdin string, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	cmd := w.command(args...)
	cmd.Stdin = strings.NewReader(stdin)
	var out, errs *os.File
	for _, f := range []**os.File{&out, &errs} {
		if *f, err = os.CreateTemp(t.TempDir(), ""); err != nil {
			t.Fatal(err)
		}
		defer (*f).Close()
	}
	cmd.Stdout, cmd.Stderr = out, errs
	err = cmd.Run()
	return textOf(t, out.Name()), textOf(t, errs.Name()), err
}

func (w windows) must(t *testing.T, args ...string) string {
	t.Helper()
	stdout, stderr, err := w.run(t, "", args...)
	if err != nil {
		t.Fatalf("adit.exe %s: %v\n%s%s", strings.Join(args, " "), err, stdout, stderr)
	}
	return stdout
}

func (w windows) mustJSON(t *testing.T, into any, args ...string) {
	t.Helper()
	if out := w.must(t, args...); json.Unmarshal([]byte(out), into) != nil {
		t.Fatalf("adit.exe %s printed %s", strings.Join(args, " "), out)
	}
}

// processes returns the command lines of this computer's adit.exe.
func (w windows) processes(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	mine := filepath.Base(filepath.Dir(filepath.Dir(w.exe))) // the test's own folder, in either system's spelling
	var lines []string
	for _, path := range paths {
		text, _ := os.ReadFile(path)
		if line := string(bytes.ReplaceAll(text, []byte{0}, []byte{' '})); strings.Contains(line, mine) && strings.Contains(line, "adit.exe") {
			lines = append(lines, line)
		}
	}
	return lines
}

// wantNobody waits until no adit.exe is left.
func (w windows) wantNobody(t *testing.T) {
	t.Helper()
	eventually(t, 20*time.Second, "no adit.exe is left", func() bool { return len(w.processes(t)) == 0 })
}

// poolAccepted is how many shares of the account the pool knows; it may not know it yet.
func poolAccepted(t *testing.T, site, account string) int64 {
	t.Helper()
	_, m := minerStats(t, site, account)
	return m.Accepted
}

// newDisplay starts an X server with a window manager and returns its name.
func newDisplay(t *testing.T) string {
	t.Helper()
	r, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	server := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1200x900x24", "-nolisten", "tcp", "-noreset")
	server.ExtraFiles = []*os.File{out}
	untilTheEnd(t, server)
	out.Close()
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb: %v", err)
	}
	display := ":" + strings.TrimSpace(number)
	manager := exec.Command("openbox")
	manager.Env = append(os.Environ(), "DISPLAY="+display)
	untilTheEnd(t, manager)
	return display
}

func untilTheEnd(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
}

// artifacts is the folder for pictures.
func artifacts(t *testing.T) string {
	if dir := os.Getenv("ADIT_ARTIFACTS"); dir != "" {
		return dir
	}
	return t.TempDir()
}

// textOf is the text of a file.
func textOf(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	if err := os.WriteFile(to, []byte(textOf(t, from)), 0o700); err != nil {
		t.Fatal(err)
	}
}
