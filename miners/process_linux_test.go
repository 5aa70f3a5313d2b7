package miners_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// stat returns the fields of /proc/PID/stat from the third, the state, on; none for
// a process that is not there (proc_pid_stat(5)).
func stat(pid int) []string {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	return strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
}

// lives reports whether more than an exit status is left of the process.
func lives(pid int) bool {
	fields := stat(pid)
	return len(fields) > 0 && fields[0] != "Z" && fields[0] != "X"
}

// stepsBack reports whether the process has the lowest priority of its kind.
func stepsBack(t *testing.T, pid int) bool {
	t.Helper()
	fields := stat(pid)
	if len(fields) < 17 {
		t.Fatalf("/proc/%d/stat: %q", pid, fields)
	}
	return fields[16] == "19"
}
