package main_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// built is where the programs that tests run are built, once.
var built struct {
	headless, window sync.Once
	dir              string
	err              error
}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "adit-test-")
	if err != nil {
		panic(err)
	}
	built.dir = dir
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// headless returns the path of adit as it is built without C and display: all
// commands are the same, only the window is missing.
func headless(t *testing.T) string {
	t.Helper()
	if path := ready(); path != "" {
		return path
	}
	path := filepath.Join(built.dir, "adit-headless"+exe())
	built.headless.Do(func() { built.err = build(path, []string{"CGO_ENABLED=0"}, "-tags", "ci") })
	if built.err != nil {
		t.Fatal(built.err)
	}
	return path
}

// windowed returns the path of the real adit.
func windowed(t *testing.T) string {
	t.Helper()
	if path := ready(); path != "" {
		return path
	}
	path := filepath.Join(built.dir, "adit"+exe())
	built.window.Do(func() { built.err = build(path, []string{"CGO_ENABLED=1"}) })
	if built.err != nil {
		t.Fatal(built.err)
	}
	return path
}

// ready returns the program that ADIT_BIN names: the file or its folder.
func ready() string {
	path := os.Getenv("ADIT_BIN")
	if info, err := os.Stat(path); path != "" && err == nil && info.IsDir() {
		path = filepath.Join(path, "adit"+exe())
	}
	return path
}

func build(path string, env []string, flags ...string) error {
	cmd := exec.Command("go", append(append([]string{"build", "-o", path}, flags...), ".")...)
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return errors.New("go build: " + err.Error() + "\n" + string(out))
	}
	return nil
}

func exe() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// result is how a program ended.
type result struct {
	stdout, stderr string
	code           int
}

// adit runs the headless program with a home of its own.
func adit(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), headless(t), args...)
	return finish(t, cmd, stdin)
}

func finish(t *testing.T, cmd *exec.Cmd, stdin string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir(), "LANG=C", "DISPLAY=", "WAYLAND_DISPLAY=")
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// eventually waits for something that another process does.
func eventually(t *testing.T, limit time.Duration, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("after %v still not: %s", limit, what)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
