package wallet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// patience is how long at most a file that somebody else has open is waited for.
const patience = time.Second

// patiently does what somebody else may bar for a moment: see busy.
func patiently(do func() error) error {
	err := do()
	for pause := time.Millisecond; busy(err) && pause < patience; pause *= 2 {
		time.Sleep(pause)
		err = do()
	}
	return err
}

// readFile reads a file that must be small.
func readFile(path string) ([]byte, error) {
	var f *os.File
	err := patiently(func() (err error) { f, err = os.Open(path); return err })
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxKeyFile {
		return nil, fmt.Errorf("%s: %w: too large", path, ErrDamaged)
	}
	return data, nil
}

// disk is what writing changes. The real one is osDisk; tests have one that crashes
// at any of these steps.
type disk interface {
	// WriteTemp puts data into a new file of mode 0600 in dir and to the disk.
	WriteTemp(dir, pattern string, data []byte) (path string, err error)
	Link(old, name string) error
	Rename(old, name string) error
	Remove(path string) error
	SyncDir(dir string) error
}

// osDisk is this computer's disk.
type osDisk struct{}

// WriteTemp implements disk.
func (osDisk) WriteTemp(dir, pattern string, data []byte) (string, error) {
	temp, err := os.CreateTemp(dir, pattern) // of mode 0600
	if err != nil {
		return "", err
	}
	_, err = temp.Write(data)
	return temp.Name(), errors.Join(err, temp.Sync(), temp.Close())
}

// Link implements disk.
func (osDisk) Link(old, name string) error {
	return patiently(func() error { return os.Link(old, name) })
}

// Rename implements disk.
func (osDisk) Rename(old, name string) error {
	return patiently(func() error { return os.Rename(old, name) })
}

// Remove implements disk.
func (osDisk) Remove(path string) error {
	return patiently(func() error { return os.Remove(path) })
}

// SyncDir implements disk.
func (osDisk) SyncDir(dir string) error { return syncDir(dir) }

// writeFile puts data into a file at path that only its owner can read (on Windows
// the folder decides that). It never leaves a part: data goes to a file beside it and
// to the disk, is read back and given to check, and then takes its name. Unless
// replace is true a file that is there stays, and the error is fs.ErrExist. A crash
// leaves the old state and perhaps a file of the name .path-*.
func writeFile(d disk, path string, data []byte, replace bool, check func(written []byte) error) (err error) {
	dir := filepath.Dir(path)
	temp, err := d.WriteTemp(dir, "."+filepath.Base(path)+"-*", data)
	if temp != "" {
		defer func() {
			if removed := d.Remove(temp); !errors.Is(removed, fs.ErrNotExist) {
				err = errors.Join(err, removed)
			}
		}()
	}
	if err != nil {
		return err
	}
	written, err := readFile(temp)
	if err != nil {
		return err
	}
	if !bytes.Equal(written, data) {
		return errors.New("the disk gives back something else than was written")
	}
	if err := check(written); err != nil {
		return err
	}
	if err := install(d, temp, path, replace); err != nil {
		return err
	}
	return d.SyncDir(dir)
}

// install gives temp the name path. Without replace the name is taken by a hard
// link, which fails where rename would overwrite what another process has put there
// meanwhile. File systems without hard links (FAT on a USB stick) get a rename after
// a second look, which leaves a moment in which that could happen.
func install(d disk, temp, path string, replace bool) error {
	if replace {
		return d.Rename(temp, path)
	}
	err := d.Link(temp, path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fs.ErrExist
	}
	return d.Rename(temp, path)
}
