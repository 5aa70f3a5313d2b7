package miners

import (
	"runtime"
	"syscall"
)

// bindToParent makes the kernel kill the program when we die. The kernel takes
// the thread that started the program for its parent, so the calling goroutine
// keeps its thread until the returned function is called from it.
func bindToParent(attr *syscall.SysProcAttr) (unbind func()) {
	runtime.LockOSThread()
	attr.Pdeathsig = syscall.SIGKILL
	return runtime.UnlockOSThread
}
