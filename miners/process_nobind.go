//go:build unix && !linux

package miners

import "syscall"

// bindToParent does nothing: this system knows no signal for a parent's death.
func bindToParent(*syscall.SysProcAttr) (unbind func()) {
	return func() {}
}
