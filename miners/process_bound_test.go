//go:build linux || windows

package miners_test

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners"
)

// gone waits until the process is no more.
func gone(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if !lives(pid) {
			return
		}
	}
	t.Errorf("process %d is still there", pid)
}

// firstPID reads the number that the fake program of mode hang prints.
func firstPID(t *testing.T, r io.Reader) int {
	t.Helper()
	line, err := bufio.NewReader(r).ReadString('\n')
	pid, err2 := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(line, "pid ")))
	if err != nil || err2 != nil {
		t.Fatalf("got %q, %v, want a process's number", line, err)
	}
	return pid
}

func TestNothingOfTheFamilyIsLeft(t *testing.T) {
	for _, mode := range []string{"hang", "family"} {
		t.Run(mode, func(t *testing.T) {
			r, w := io.Pipe()
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			p := miners.Process{Path: self(t), Env: env(mode), Grace: 100 * time.Millisecond}
			go func() { ended <- p.Run(ctx, w) }()
			pid := firstPID(t, r)
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("Run = %v, want nil", err)
			}
			gone(t, pid)
		})
	}
}

func TestTheProgramDiesWithItsOwner(t *testing.T) {
	owner := exec.Command(self(t))
	owner.Env = append(os.Environ(), env("owner")...)
	out, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	pid := firstPID(t, out)
	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	owner.Wait()
	gone(t, pid)
}

func TestALowProgramStepsBackFromTheBeginning(t *testing.T) {
	for _, low := range []bool{false, true} {
		r, w := io.Pipe()
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		p := miners.Process{Path: self(t), Env: env("hang"), Grace: 100 * time.Millisecond, Low: low}
		go func() { ended <- p.Run(ctx, w) }()
		if got := stepsBack(t, firstPID(t, r)); got != low {
			t.Errorf("Low: %v, but that it steps back is %v", low, got)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}
