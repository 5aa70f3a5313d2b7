//go:build !unix

package replay_test

import (
	"os"
	"testing"
)

// gone checks that the process is no more; a job's end is waited for.
func gone(t *testing.T, pid int) {
	t.Helper()
	if p, err := os.FindProcess(pid); err == nil {
		p.Release()
		t.Errorf("process %d is still there", pid)
	}
}
