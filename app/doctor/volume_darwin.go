package doctor

import "golang.org/x/sys/unix"

// The kernel's flags of a mounted file system.
const (
	flagReadOnly = unix.MNT_RDONLY
	flagNoExec   = unix.MNT_NOEXEC
)
