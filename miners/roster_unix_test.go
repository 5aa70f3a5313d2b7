//go:build unix

package miners_test

import (
	"os/exec"
	"strconv"
	"syscall"
)

// probe asks whether a process is there.
const probe = syscall.Signal(0)

func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func itoa(n int) string { return strconv.Itoa(n) }
