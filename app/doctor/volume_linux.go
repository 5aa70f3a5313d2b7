package doctor

import "golang.org/x/sys/unix"

// The kernel's flags of a mounted file system, which statfs tells and mount takes.
const (
	flagReadOnly = unix.MS_RDONLY
	flagNoExec   = unix.MS_NOEXEC
)
