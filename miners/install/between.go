package install

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Download gets the archive of build b of p, whole and with the right hash, and returns
// its path, for who wants to look at it before Install unpacks it. Install does not
// download it again. progress may be nil and must not block.
func (s *Store) Download(ctx context.Context, p Program, b Build, progress func(Progress)) (path string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if progress == nil {
		progress = func(Progress) {}
	}
	err = s.makeRoom(b)
	if err == nil {
		err = s.Fetcher.Fetch(ctx, Download{b.URLs, b.Size, b.SHA256}, s.downloadPath(b), func(done int64) {
			progress(Progress{Downloading, done, b.Size})
		})
	}
	if err != nil {
		return "", fmt.Errorf("download %s %s: %w", p.Name, p.Version, err)
	}
	return s.downloadPath(b), nil
}

// Have returns build b of p if it is in the store, whole and right. The error is a
// MissingError or a TamperedError where it is there and no longer good.
func (s *Store) Have(p Program, b Build) (Installed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, err := readInstalled(filepath.Join(s.Dir, folderName(p.Name, p.Version, b.SHA256)))
	if err == nil {
		err = i.Verify()
	}
	if err != nil {
		return Installed{}, fmt.Errorf("look for %s %s: %w", p.Name, p.Version, err)
	}
	return i, nil
}

// Discard removes build b of p, its archive as well as what was installed of it: a
// scanner found something in it.
func (s *Store) Discard(p Program, b Build) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var faults []error
	dir := filepath.Join(s.Dir, folderName(p.Name, p.Version, b.SHA256))
	if _, err := os.Lstat(dir); err == nil {
		faults = append(faults, s.retire(dir))
	}
	if err := os.Remove(s.downloadPath(b)); err != nil && !errors.Is(err, os.ErrNotExist) {
		faults = append(faults, err)
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("remove %s %s: %w", p.Name, p.Version, err)
	}
	return nil
}
