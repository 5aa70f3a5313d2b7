package install

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// partAge is how long a download that nobody went on with is kept.
const partAge = 14 * 24 * time.Hour

// Sweep removes what c has no use for: left-overs of crashes, stale downloads, and
// retired versions. Of each program that c still has, the version that last mined
// stays, to fall back to; those that run stay in any case. It goes on after a
// failure and tells all of them.
func (s *Store) Sweep(c Catalogue, running ...Installed) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	list, err := s.Installed()
	faults := []error{err}
	keep := kept(c, list, running)
	for _, i := range list {
		if !keep[i.Dir] {
			faults = append(faults, s.retire(i.Dir))
		}
	}
	entries, err := os.ReadDir(s.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		faults = append(faults, err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), newPrefix) || strings.HasPrefix(e.Name(), oldPrefix) {
			faults = append(faults, os.RemoveAll(filepath.Join(s.Dir, e.Name())))
		}
	}
	faults = append(faults, s.sweepDownloads(c))
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("clean up the programs: %w", err)
	}
	return nil
}

// kept returns the folders of list that stay.
func kept(c Catalogue, list, running []Installed) map[string]bool {
	keep := make(map[string]bool)
	for _, i := range running {
		keep[i.Dir] = true
	}
	lastGood := make(map[string]Installed)
	for _, i := range list {
		if c.has(i.Receipt) {
			keep[i.Dir] = true
		}
		if i.Good.After(lastGood[i.Program].Good) {
			lastGood[i.Program] = i
		}
	}
	for _, i := range lastGood {
		if slices.ContainsFunc(c.Programs, func(p Program) bool { return p.Name == i.Program }) {
			keep[i.Dir] = true
		}
	}
	return keep
}

// has reports whether c still offers what r is the receipt of.
func (c Catalogue) has(r Receipt) bool {
	return slices.ContainsFunc(c.Programs, func(p Program) bool {
		return p.Name == r.Program && p.Version == r.Version && p.buildOf(r.SHA256)
	})
}

func (p Program) buildOf(sha256 string) bool {
	return slices.ContainsFunc(p.Builds, func(b Build) bool { return b.SHA256 == sha256 })
}

// retire renames a program's folder before it removes it, so that a crash, or a
// file in use on Windows, leaves no half program under its name.
func (s *Store) retire(dir string) error {
	leaving := filepath.Join(s.Dir, oldPrefix+filepath.Base(dir))
	if err := os.RemoveAll(leaving); err != nil {
		return err
	}
	if err := os.Rename(dir, leaving); err != nil {
		return err
	}
	return os.RemoveAll(leaving)
}

func (s *Store) sweepDownloads(c Catalogue) error {
	dir := filepath.Join(s.Dir, downloadsName)
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	faults := []error{err}
	for _, e := range entries {
		sha256, _, _ := strings.Cut(e.Name(), ".")
		info, err := e.Info()
		wanted := slices.ContainsFunc(c.Programs, func(p Program) bool { return p.buildOf(sha256) })
		if err == nil && (!wanted || time.Since(info.ModTime()) > partAge) {
			faults = append(faults, os.Remove(filepath.Join(dir, e.Name())))
		}
	}
	return errors.Join(faults...)
}
