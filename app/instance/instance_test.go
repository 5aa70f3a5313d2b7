package instance_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/app/instance"
)

// holdVariable makes the test's own program one that takes the lock of the folder
// it names and keeps it.
const holdVariable = "ADIT_TEST_HOLD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(holdVariable); dir != "" {
		hold(dir)
	}
	os.Exit(m.Run())
}

func hold(dir string) {
	lock, err := instance.Take(dir)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("held")
	_, _ = io.Copy(io.Discard, os.Stdin) // until the test lets go
	_ = lock.Release()
	os.Exit(0)
}

// holder starts a process that holds dir's lock.
func holder(t *testing.T, dir string) (process *exec.Cmd, letGo func()) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), holdVariable+"="+dir)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, _ := bufio.NewReader(stdout).ReadString('\n'); line != "held\n" {
		t.Fatalf("the other process says %q", line)
	}
	return cmd, func() { stdin.Close(); _ = cmd.Wait() }
}

func TestASecondOneIsToldWhatToDo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	_, letGo := holder(t, dir)
	_, err := instance.Take(dir)
	if !errors.Is(err, instance.ErrRunning) || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "close its window") {
		t.Errorf("Take = %v, want ErrRunning with the folder and what to do", err)
	}
	letGo()
	lock, err := instance.Take(dir)
	if err != nil {
		t.Fatalf("after the first one ended: %v", err)
	}
	if _, err := instance.Take(dir); !errors.Is(err, instance.ErrRunning) {
		t.Errorf("twice in one process: %v, want ErrRunning", err)
	}
	if err := lock.Release(); err != nil {
		t.Fatal(err)
	}
}

func TestACrashBlocksNobody(t *testing.T) {
	dir := t.TempDir()
	cmd, _ := holder(t, dir)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	deadline := time.Now().Add(5 * time.Second) // Windows lets go a moment after the end
	for {
		lock, err := instance.Take(dir)
		if err == nil {
			_ = lock.Release()
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestFoldersDoNotMindEachOther(t *testing.T) {
	for range 2 {
		lock, err := instance.Take(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		defer lock.Release()
	}
}
