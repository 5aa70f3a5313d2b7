// Package instance sees to it that one data folder is used by one Adit at a time,
// so that two of them do not mine for the same key on the same processor, and none
// replaces the key under the other.
//
// The guard is the operating system's lock on a file in the folder, which ends
// with the process that holds it, whatever ended that: a crash blocks nobody. The
// file itself stays and means nothing.
//
// Who comes second can leave the first a message, such as the link it was started
// with, as a file in the folder. Only the user can write there, so a message is the
// user's; what it says is checked by who gets it all the same. The package has no
// goroutine.
package instance

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// FileName is the lock file's name in the data folder.
const FileName = "adit.lock"

// ErrRunning is that another Adit uses the data folder. Its text tells a person
// what to do.
var ErrRunning = errors.New("another Adit uses this data folder: close its window or stop its \"adit mine\" first, or give this one a folder of its own with --data")

// errLocked is what lock returns when another process has the lock.
var errLocked = errors.New("locked")

// errNoLocks is what lock returns where the file system knows no locks.
var errNoLocks = errors.New("the file system has no locks")

// Lock is the right to use a data folder; it lasts until Release, or until the
// process is gone. Programs that the process starts do not inherit it.
type Lock struct{ file *os.File }

// Take makes dir if need be and takes its lock. It does not wait: the error is
// ErrRunning when another process, or another Take of this one, has it. On the few
// file systems that know no locks (some network shares) there is nothing to hold,
// and Take goes on without: mining twice is better than not at all.
func Take(dir string) (*Lock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, FileName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	err = lock(f)
	switch {
	case errors.Is(err, errLocked):
		err = fmt.Errorf("%s: %w", dir, ErrRunning)
	case errors.Is(err, errNoLocks):
		err = nil
	case err != nil:
		err = fmt.Errorf("lock the data folder: %w", err)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	for _, old := range letters(dir, "*") { // for one that is gone
		_ = os.Remove(old)
	}
	return &Lock{f}, nil
}

// Release lets the next one in.
func (l *Lock) Release() error { return l.file.Close() }
