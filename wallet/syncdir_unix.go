//go:build !windows

package wallet

import (
	"errors"
	"os"
	"syscall"
)

// syncDir puts the names in dir on the disk. File systems that know no such thing
// say EINVAL.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		err = nil
	}
	return errors.Join(err, d.Close())
}
