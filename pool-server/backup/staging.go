package backup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/adit-mining/adit/miners/durable"
)

// stagingName is the folder in the target that everything is made in. While it is there
// the target is not whole; as server.json comes last, no server runs with it.
const stagingName = ".restoring"

const dataDir = "data"

// A Staging is where a new configuration folder is made, with its ledger, until all of it
// is there and was looked at.
type Staging struct {
	Path string // a folder within the target, with an empty data/ in it
	dir  string
	made bool // the target itself
}

// NewStaging begins a configuration folder at dir, which must not be there, or be empty.
func NewStaging(dir string) (*Staging, error) {
	entries, err := os.ReadDir(dir)
	s := &Staging{Path: filepath.Join(dir, stagingName), dir: dir, made: errors.Is(err, fs.ErrNotExist)}
	switch {
	case s.made:
	case err != nil:
		return nil, fmt.Errorf("make a pool in %s: %w", dir, err)
	case len(entries) == 1 && entries[0].Name() == stagingName:
		return nil, fmt.Errorf("make a pool in %s: an earlier attempt was interrupted here: remove the folder %s and begin again", dir, s.Path)
	case len(entries) > 0:
		return nil, fmt.Errorf("make a pool in %s: the folder is not empty (it has %s, for one): nothing was changed. Name another one, or move it away", dir, entries[0].Name())
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make a pool in %s: %w", dir, err)
	}
	if err := os.MkdirAll(filepath.Join(s.Path, dataDir), 0o700); err != nil {
		return nil, fmt.Errorf("make a pool in %s: %w", dir, err)
	}
	return s, nil
}

// Remove removes all that was made, published or not.
func (s *Staging) Remove() (err error) {
	if s.made {
		return os.RemoveAll(s.dir)
	}
	entries, err := os.ReadDir(s.dir)
	for _, e := range entries { // the folder was empty
		err = errors.Join(err, os.RemoveAll(filepath.Join(s.dir, e.Name())))
	}
	return err
}

// Publish moves what was made to its place. A crash within leaves a folder in which no
// server starts, and which nothing takes for empty.
func (s *Staging) Publish() error {
	entries, err := os.ReadDir(s.Path)
	if err != nil {
		return err
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		if e.Name() != serverName {
			names = append(names, e.Name())
		}
		if e.IsDir() {
			if err := durable.SyncDir(filepath.Join(s.Path, e.Name())); err != nil {
				return err
			}
		}
	}
	slices.Sort(names)
	for _, name := range append(names, serverName) {
		if name == serverName { // what is there before it must be there after a power cut, too
			if err := durable.SyncDir(s.dir); err != nil {
				return err
			}
		}
		if err := os.Rename(filepath.Join(s.Path, name), filepath.Join(s.dir, name)); err != nil {
			return err
		}
	}
	return errors.Join(os.Remove(s.Path), durable.SyncDir(s.dir))
}
