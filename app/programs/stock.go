package programs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/miners/cpuminer"
	"github.com/adit-mining/adit/miners/install"
)

// Folder is the folder in the data folder that programs are installed in.
const Folder = "programs"

// Stock finds and gets programs. Its methods may be called from several goroutines.
type Stock struct {
	dir     string // data folder
	version string // of this Adit
	store   *install.Store
}

// New returns the stock of the data folder dir.
func New(dir, version string) *Stock {
	return &Stock{dir: dir, version: version, store: &install.Store{Dir: filepath.Join(dir, Folder)}}
}

// Shelf finds the mining programs that there are: Adit's own, the one that the
// settings name by its path, those of the catalogue.
func (s *Stock) Shelf(ctx context.Context, chosen settings.Settings) (found model.Shelf) {
	if self, err := os.Executable(); err == nil {
		own := cpuminer.Driver{}
		found.Programs = append(found.Programs, model.Program{Name: own.Name(), Version: s.version, Path: self, Algorithms: own.Algorithms(), CPU: true})
	}
	if p, custom, err := Custom(chosen); custom {
		found.Programs = append(found.Programs, p)
	} else if err != nil {
		found.Fault = err.Error()
	}
	return found
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

// Install puts a program of the catalogue on the disk and returns its path.
func (s *Stock) Install(ctx context.Context, p model.Program, progress func(done, size int64)) (string, error) {
	return "", install.ErrUnavailable
}

// Verify checks that a program is what was installed. Adit's own and the user's own
// are not ours to check.
func (s *Stock) Verify(p model.Program) error { return nil }
