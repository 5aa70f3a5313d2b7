// Package durable writes small files so that a crash or a power cut leaves the old
// text or the new one, never half of one.
//
// It is a leaf for the packages that remember something about mining programs:
// what is installed, how fast it was, what froze the machine, and for the settings.
// It starts no goroutine. Every error names the file.
package durable

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Replace writes text to path in place of what was there. A crash before the
// rename leaves the old file and a stray one named path.new-*; after it, the new
// file. When it returns nil, the text is on the disk.
func Replace(path string, text []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
			err = fmt.Errorf("write %s: %w", path, err)
		}
	}()
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := Rename(f.Name(), path); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}

// Rename is os.Rename that on Windows tries again for two seconds, where a scanner or
// an indexer has one of the files open: it lets go of them in a moment.
func Rename(from, to string) error {
	return patiently(func() error { return os.Rename(from, to) }, barred)
}

// Remove removes the file at path for good; one that is not there is fine.
func Remove(path string) error {
	err := patiently(func() error { return os.Remove(path) }, barred)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove %s: %w", path, err)
	}
	return SyncDir(filepath.Dir(path))
}
