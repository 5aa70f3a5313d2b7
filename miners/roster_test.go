//go:build linux || windows

package miners_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/adit-mining/adit/miners"
)

// orphan starts the fake program of mode hang, in a group of its own, as an Adit that
// was killed would have left it.
func orphan(t *testing.T) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(self(t))
	cmd.Env = append(os.Environ(), env("hang")...)
	ownGroup(cmd)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return cmd
}

func TestSweepEndsWhatAnEarlierAditLeftBehind(t *testing.T) {
	dir := t.TempDir()
	left := orphan(t)
	if err := miners.NewRoster(dir).Add(left.Process.Pid, self(t)); err != nil {
		t.Fatal(err)
	}
	ended, err := miners.NewRoster(dir).Sweep(t.Context())
	if err != nil || len(ended) != 1 || ended[0] != self(t) {
		t.Errorf("Sweep = %v, %v, want the program", ended, err)
	}
	if err := left.Wait(); err == nil {
		t.Error("the program left by itself")
	}
	if again, err := miners.NewRoster(dir).Sweep(t.Context()); err != nil || len(again) != 0 {
		t.Errorf("second Sweep = %v, %v", again, err)
	}
}

func TestSweepLeavesStrangersAlone(t *testing.T) {
	dir := t.TempDir()
	stranger := orphan(t)
	for _, text := range []string{
		`[{"pid":` + strconv.Itoa(stranger.Process.Pid) + `,"path":` + strconv.Quote(self(t)) + `,"created_ms":12345}]`, // the number was given out again
		`[{"pid":` + strconv.Itoa(stranger.Process.Pid) + `,"path":"/opt/other","created_ms":0}]`,
		`[{"pid":1,"path":"init","created_ms":1}]`, `[{"pid":-1}]`, `{`, ``,
	} {
		if err := os.WriteFile(filepath.Join(dir, "running.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if ended, err := miners.NewRoster(dir).Sweep(t.Context()); err != nil || len(ended) != 0 {
			t.Errorf("%s: Sweep = %v, %v", text, ended, err)
		}
	}
	if !lives(stranger.Process.Pid) {
		t.Error("the stranger is gone")
	}
}

func TestARosterOfNothingIsNoFile(t *testing.T) {
	dir := t.TempDir()
	r := miners.NewRoster(dir)
	if err := r.Add(os.Getpid(), self(t)); err != nil {
		t.Fatal(err)
	}
	if err := r.Remove(os.Getpid()); err != nil {
		t.Fatal(err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("%d files are left", len(files))
	}
}
