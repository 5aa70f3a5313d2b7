package programs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/miners/cpuminer"
	"github.com/adit-mining/adit/miners/install"
)

// Folder is the folder in the data folder that programs are installed in.
const Folder = "programs"

// CatalogueName is the file's name beside the program in which a catalogue may come
// with it.
const CatalogueName = "catalogue.json"

// Stock finds and gets programs. Its methods may be called from several goroutines.
type Stock struct {
	dir     string // data folder
	version string // of this Adit
	store   *install.Store

	mu        sync.Mutex
	catalogue install.Catalogue
	installed []install.Installed
}

// New returns the stock of the data folder dir.
func New(dir, version string) *Stock {
	return &Stock{dir: dir, version: version, store: &install.Store{Dir: filepath.Join(dir, Folder)}}
}

// Own finds the mining programs that are there without a catalogue: Adit's own, and
// the one that the settings name by its path.
func (s *Stock) Own(chosen settings.Settings) (found model.Shelf) {
	if self, err := os.Executable(); err == nil {
		own := cpuminer.Driver{}
		found.Programs = append(found.Programs, model.Program{Name: own.Name(), Version: s.version, Path: self, Algorithms: own.Algorithms(), CPU: true})
	}
	p, custom, err := Custom(chosen)
	if custom {
		found.Programs = append(found.Programs, p)
	}
	if err != nil {
		found.Fault = err.Error()
	}
	return found
}

// Shelf finds the mining programs that there are: Own ones and those of the
// catalogue.
func (s *Stock) Shelf(ctx context.Context, chosen settings.Settings) model.Shelf {
	found := s.Own(chosen)
	if err := s.read(ctx, chosen.Catalogue); err != nil {
		found.Fault = strings.TrimSpace(found.Fault + "\n" + err.Error())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.catalogue.Programs {
		if _, drivable := Named(c.Name); !drivable || c.Kind != install.MinerKind {
			continue // of a later Adit, or no mining program
		}
		found.Catalogue = append(found.Catalogue, c)
		found.Programs = append(found.Programs, model.Program{Name: c.Name, Version: c.Version, Path: s.path(c)})
	}
	return found
}

// Wallets returns the wallet programs of the catalogue that Shelf read last.
func (s *Stock) Wallets() (found []install.Program) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.catalogue.Programs {
		if c.Kind == install.WalletKind {
			found = append(found, c)
		}
	}
	return found
}

// Store is where the programs are installed, wallets among them: one folder for all, to
// be named to an antivirus.
func (s *Stock) Store() *install.Store { return s.store }

// read takes in the catalogue and what is installed of it. The first time, when no
// program runs yet, it sweeps away what neither has a use for.
func (s *Stock) read(ctx context.Context, location string) error {
	if location = cmp.Or(location, beside()); location == "" {
		return nil
	}
	source := install.Source{Location: location, Cache: s.dir}
	c, note, err := source.Load(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	first := s.catalogue.Version == 0
	s.mu.Unlock()
	var swept error
	if first {
		swept = s.store.Sweep(c)
	}
	have, err := s.store.Installed()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catalogue, s.installed = c, have
	return errors.Join(note, swept, err)
}

// beside returns the catalogue that came with this program, or "".
func beside() string {
	self, err := os.Executable()
	if err != nil {
		return ""
	}
	path := filepath.Join(filepath.Dir(self), CatalogueName)
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// path returns the executable file of a program of the catalogue, "" if it is not
// installed.
func (s *Stock) path(p install.Program) string {
	for _, i := range s.installed {
		if i.Program == p.Name && i.Version == p.Version {
			return i.Path()
		}
	}
	return ""
}

// Install puts a build of a program of the catalogue on the disk and returns its
// path.
func (s *Stock) Install(ctx context.Context, p install.Program, b install.Build, progress func(done, size int64)) (string, error) {
	have, err := s.store.Install(ctx, p, b, func(now install.Progress) {
		if now.Step == install.Downloading {
			progress(now.Done, now.Total)
		}
	})
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.installed = append(slices.DeleteFunc(s.installed, func(i install.Installed) bool { return i.Dir == have.Dir }), have)
	return have.Path(), nil
}

// Good notes that the program at path mined: of its versions this one is kept.
func (s *Stock) Good(path string) error {
	s.mu.Lock()
	at := slices.IndexFunc(s.installed, func(i install.Installed) bool { return i.Path() == path })
	if at < 0 {
		s.mu.Unlock()
		return nil
	}
	have := s.installed[at]
	s.mu.Unlock()
	return s.store.MarkGood(have)
}

// Files returns the executable files of the programs that are installed.
func (s *Stock) Files() (paths []string) {
	have, _ := s.store.Installed() // what cannot be read is not installed
	for _, i := range have {
		paths = append(paths, i.Path())
	}
	return paths
}

// Verify checks that a program is what was installed. Adit's own and the user's own
// are not ours to check.
func (s *Stock) Verify(p model.Program) error {
	s.mu.Lock()
	at := slices.IndexFunc(s.installed, func(i install.Installed) bool { return i.Path() == p.Path })
	if at < 0 {
		s.mu.Unlock()
		return nil
	}
	have := s.installed[at]
	s.mu.Unlock()
	return have.Verify()
}

// Custom returns the mining program that the settings name by its path, if they do.
// Its driver is named by the settings, or told by the file's name.
func Custom(s settings.Settings) (p model.Program, custom bool, err error) {
	if s.Miner == settings.AutoMiner || s.Miner == settings.BuiltinMiner {
		return model.Program{}, false, nil
	}
	path, err := filepath.Abs(s.Miner)
	if err != nil {
		return model.Program{}, false, fmt.Errorf("mining program: %w", err)
	}
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		return model.Program{}, false, fmt.Errorf("mining program %s: %w", path, errors.Join(err, errors.New("want the path of a program")))
	}
	kind, ok := Filed(path)
	if s.Program != "" {
		kind, ok = Named(s.Program)
	}
	if !ok {
		return model.Program{}, false, fmt.Errorf("mining program %s: say with --program which it is: %s", path, Names())
	}
	return model.Program{Name: kind.Name(), Path: path, Algorithms: kind.Algorithms(), Custom: true, Any: s.Program != "",
		CPU: kind.CPU, Cards: kind.Cards}, true, nil
}
