package sharelog

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

var errInUse = errors.New("in use by another process")

// dirLock keeps a second process out of a folder; JetStream itself does not, and
// two writers would destroy the store.
type dirLock struct{ f *os.File }

// Lock makes the folder dir if there is none, and keeps other processes that call it
// out until release, or this process's end.
func Lock(dir string) (release func(), err error) {
	l, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	return l.release, nil
}

func lockDir(dir string) (*dirLock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lockFile(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	return &dirLock{f}, nil
}

func (d *dirLock) release() {
	if d != nil {
		d.f.Close()
	}
}
