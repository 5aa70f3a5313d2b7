//go:build unix

package replay_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"
)

// gone waits until the process is no more, or nothing but its exit status is left.
func gone(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			return
		}
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err == nil && (bytes.Contains(stat, []byte(") Z ")) || bytes.Contains(stat, []byte(") X "))) {
			return
		}
	}
	t.Errorf("process %d is still there", pid)
}
