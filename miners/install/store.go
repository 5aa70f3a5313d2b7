package install

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/adit-mining/adit/miners/durable"
)

const (
	downloadsName = "downloads" // no program's folder: those end in a hash
	newPrefix     = ".new-"     // of a folder that is being filled
	oldPrefix     = ".old-"     // of one that is on its way out
	spareSpace    = 100 << 20   // bytes that stay free on the disk
)

// A Store is the folder that programs are installed in. It belongs to one process.
type Store struct {
	// Dir is the folder, the one to name to an antivirus. It holds a folder for
	// each program, NAME-VERSION-HASH, and downloads on their way.
	Dir string
	// Fetcher downloads; the zero value is fine.
	Fetcher Fetcher

	mu    sync.Mutex // one Install or Sweep at a time
	crash func(step string, done bool) error
	space func(dir string) (uint64, error)
}

// Progress is how far an Install is.
type Progress struct {
	Step        Step
	Done, Total int64 // bytes
}

// A Step is what an Install is at.
type Step string

// The steps that take time.
const (
	Downloading Step = "downloading"
	Unpacking   Step = "unpacking"
)

// Install makes sure that build b of p is in the store, whole and right, and
// returns it. progress, which may be nil, must not block. What is there already and
// verifies is used as it is, without a network.
func (s *Store) Install(ctx context.Context, p Program, b Build, progress func(Progress)) (Installed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if progress == nil {
		progress = func(Progress) {}
	}
	dir := filepath.Join(s.Dir, folderName(p.Name, p.Version, b.SHA256))
	if i, err := readInstalled(dir); err == nil && i.Verify() == nil {
		return i, nil
	}
	if err := s.install(ctx, p, b, dir, progress); err != nil {
		return Installed{}, fmt.Errorf("install %s %s: %w", p.Name, p.Version, err)
	}
	i, err := readInstalled(dir)
	if err == nil {
		err = i.Verify() // an antivirus may have been quicker than us
	}
	if err != nil {
		return Installed{}, fmt.Errorf("install %s %s: %w", p.Name, p.Version, err)
	}
	return i, nil
}

// install goes the whole way. Before "put in place" there is no folder by the
// program's name, or a broken one; after it, a whole one. So a crash at any step
// costs at most the work since the download.
func (s *Store) install(ctx context.Context, p Program, b Build, dir string, progress func(Progress)) error {
	download := s.downloadPath(b)
	filling := filepath.Join(s.Dir, newPrefix+filepath.Base(dir))
	leaving := filepath.Join(s.Dir, oldPrefix+filepath.Base(dir))
	steps := []struct {
		name string
		do   func() error
	}{
		{"make room", func() error { return s.makeRoom(b, filling, leaving) }},
		{"download", func() error {
			return s.Fetcher.Fetch(ctx, Download{b.URLs, b.Size, b.SHA256}, download, func(done int64) {
				progress(Progress{Downloading, done, b.Size})
			})
		}},
		{"make folder", func() error { return writing(os.Mkdir(filling, 0o755)) }},
		{"unpack", func() error {
			progress(Progress{Unpacking, 0, b.unpackedSize()})
			return Unpack(download, b, filling)
		}},
		{"write receipt", func() error { return writing(receiptFor(p, b).write(filling)) }},
		{"set broken one aside", func() error { return renameIfThere(ctx, dir, leaving) }},
		{"put in place", func() error { return errors.Join(rename(ctx, filling, dir), durable.SyncDir(s.Dir)) }},
		{"remove download", func() error {
			os.RemoveAll(leaving) // what cannot be removed now, Sweep removes later
			os.Remove(download)
			return nil
		}},
	}
	for _, step := range steps {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		if err := s.crashes(step.name, false); err != nil {
			return err
		}
		if err := step.do(); err != nil {
			os.RemoveAll(filling) // what stays of it, the next Install removes
			return err
		}
		if err := s.crashes(step.name, true); err != nil {
			return err
		}
	}
	return nil
}

// crashes is where tests let the process end.
func (s *Store) crashes(step string, done bool) error {
	if s.crash == nil {
		return nil
	}
	return s.crash(step, done)
}

func (s *Store) downloadPath(b Build) string {
	return filepath.Join(s.Dir, downloadsName, b.SHA256+".part")
}

// makeRoom removes what a crash left of earlier tries, and looks whether the disk
// can hold the rest of the download and what is in it.
func (s *Store) makeRoom(b Build, leftovers ...string) error {
	for _, dir := range leftovers {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(filepath.Join(s.Dir, downloadsName), 0o755); err != nil {
		return writing(err)
	}
	need := b.Size + b.unpackedSize() + spareSpace
	if info, err := os.Stat(s.downloadPath(b)); err == nil {
		need -= min(info.Size(), b.Size)
	}
	space := s.space
	if space == nil {
		space = freeSpace
	}
	free, err := space(s.Dir)
	if err == nil && free < uint64(need) { // a system that does not tell is not asked twice
		return fmt.Errorf("%w: %d MB are needed in %s, %d MB are free", ErrDiskFull, need>>20, s.Dir, free>>20)
	}
	return nil
}

// Installed lists the programs in the store, the newest first. A folder without a
// receipt is none; one with a damaged receipt is left out and told in the error,
// beside which the list is good.
func (s *Store) Installed() ([]Installed, error) {
	entries, err := os.ReadDir(s.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the programs: %w", err)
	}
	var list []Installed
	var faults []error
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") || e.Name() == downloadsName {
			continue
		}
		i, err := readInstalled(filepath.Join(s.Dir, e.Name()))
		switch {
		case err == nil:
			list = append(list, i)
		case !errors.Is(err, fs.ErrNotExist):
			faults = append(faults, err)
		}
	}
	slices.SortStableFunc(list, func(a, b Installed) int { return b.Installed.Compare(a.Installed) })
	return list, errors.Join(faults...)
}

// MarkGood notes that i has mined: it is kept, as the version to fall back to,
// while no newer one of the program has.
func (s *Store) MarkGood(i Installed) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i.Good = time.Now().UTC()
	if err := i.write(i.Dir); err != nil {
		return fmt.Errorf("note that %s %s works: %w", i.Program, i.Version, err)
	}
	return nil
}

// folderName begins with what a person looks for and ends with the beginning of the
// archive's hash: two builds of one version can be installed together.
func folderName(program, version, sha256 string) string {
	return program + "-" + version + "-" + sha256[:min(8, len(sha256))]
}

// rename moves a folder. On Windows a scanner that has just seen its files may hold
// one of them open for a second or two.
func rename(ctx context.Context, from, to string) error {
	for tries := 1; ; tries++ {
		err := os.Rename(from, to)
		if err == nil || !transient(err) || tries == 10 {
			return writing(err)
		}
		if err := wait(ctx, time.Duration(tries)*100*time.Millisecond); err != nil {
			return err
		}
	}
}

func renameIfThere(ctx context.Context, from, to string) error {
	if _, err := os.Lstat(from); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return rename(ctx, from, to)
}
