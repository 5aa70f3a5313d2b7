//go:build !windows

package install

import (
	"errors"

	"golang.org/x/sys/unix"
)

// freeSpace returns how many bytes we may still write where dir is.
func freeSpace(dir string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return uint64(s.Bavail) * uint64(s.Bsize), nil
}

func diskFull(err error) bool {
	return errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT)
}

// virusFound is for Windows: elsewhere no scanner gives a reason of its own.
func virusFound(error) bool { return false }

// transient is for Windows.
func transient(error) bool { return false }
