//go:build unix && !linux

package miners

import "syscall"

// niceness of a program that steps back.
const niceness = 19

// bindToParent does nothing: this system knows no signal for a parent's death.
func bindToParent(*syscall.SysProcAttr, bool, bool) {}

// stepBack lowers the priority of a process.
func stepBack(pid int) { _ = syscall.Setpriority(syscall.PRIO_PROCESS, pid, niceness) }
