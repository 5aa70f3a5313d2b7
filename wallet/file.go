package wallet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// readFile reads a file that must be small.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
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

// writeFile puts data into a file at path that only its owner can read (on Windows
// the folder decides that). It never leaves a part: data goes to a file beside it and
// to the disk, is read back and given to check, and then takes its name. Unless
// replace is true a file that is there stays, and the error is fs.ErrExist. A crash
// leaves the old state and perhaps a file of the name .path-*.
func writeFile(path string, data []byte, replace bool, check func(written []byte) error) (err error) {
	dir := filepath.Dir(path)
	temp, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-*") // of mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if removed := os.Remove(temp.Name()); !errors.Is(removed, fs.ErrNotExist) {
			err = errors.Join(err, removed)
		}
	}()
	_, err = temp.Write(data)
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	written, err := readFile(temp.Name())
	if err != nil {
		return err
	}
	if !bytes.Equal(written, data) {
		return errors.New("the disk gives back something else than was written")
	}
	if err := check(written); err != nil {
		return err
	}
	if err := install(temp.Name(), path, replace); err != nil {
		return err
	}
	return syncDir(dir)
}

// install gives temp the name path. Without replace the name is taken by a hard
// link, which fails where rename would overwrite what another process has put there
// meanwhile. File systems without hard links (FAT on a USB stick) get a rename after
// a second look, which leaves a moment in which that could happen.
func install(temp, path string, replace bool) error {
	if replace {
		return os.Rename(temp, path)
	}
	err := os.Link(temp, path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fs.ErrExist
	}
	return os.Rename(temp, path)
}
