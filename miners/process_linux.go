package miners

import (
	"runtime"
	"syscall"
)

// niceness of a program that steps back: only the system's idle jobs are nicer.
const niceness = 19

// bindToParent makes the kernel kill the program when we die, or ask it to leave if it
// is gentle. The kernel takes
// the thread that started the program for its parent, so the calling goroutine
// keeps its thread to its end, and the thread ends with it.
//
// A program that steps back inherits the priority of that thread, so that each of
// its own threads has it from the beginning.
func bindToParent(attr *syscall.SysProcAttr, low, gentle bool) {
	runtime.LockOSThread()
	attr.Pdeathsig = syscall.SIGKILL
	if gentle {
		attr.Pdeathsig = syscall.SIGTERM
	}
	if low {
		// Where that is forbidden the program runs as others do.
		_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, niceness)
	}
}

// stepBack has nothing left to do: see bindToParent.
func stepBack(int) {}
