package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/adit-mining/adit/app/doctor"
	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/hwdetect/presence"
	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/cpuminer"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet"
)

// dataDir returns the folder for key and settings: as typed, as the environment
// says, or the user's own.
func dataDir(typed string) (string, error) {
	if typed == "" {
		typed = os.Getenv("ADIT_DATA")
	}
	if typed == "" {
		return defaultDir()
	}
	dir, err := filepath.Abs(typed)
	if err != nil {
		return "", fmt.Errorf("data folder: %w", err)
	}
	return dir, nil
}

func defaultDir() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("no data folder: %w; name one with --data", err)
	}
	return filepath.Join(dir, "adit"), nil
}

// customProgram returns the mining program that the settings name by its path, if
// they do. Its driver is named by the settings, or told by the file's name.
func customProgram(s settings.Settings) (p model.Program, custom bool, err error) {
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
	kind, ok := filed(path)
	if s.Program != "" {
		kind, ok = named(s.Program)
	}
	if !ok {
		return model.Program{}, false, fmt.Errorf("mining program %s: say with --program which it is: %s", path, knownNames())
	}
	return model.Program{Name: kind.Name(), Path: path, Algorithms: kind.Algorithms(), Custom: true, Any: s.Program != "",
		CPU: kind.cpu, Cards: kind.cards}, true, nil
}

// shelf finds the mining programs that there are.
func shelf(s settings.Settings) (found model.Shelf) {
	if self, err := os.Executable(); err == nil {
		own := cpuminer.Driver{}
		found.Programs = append(found.Programs, model.Program{Name: own.Name(), Version: version, Path: self, Algorithms: own.Algorithms(), CPU: true})
	}
	if p, custom, err := customProgram(s); custom {
		found.Programs = append(found.Programs, p)
	} else if err != nil {
		found.Fault = err.Error()
	}
	return found
}

// pool is a client of the pool at address as the engine wants it.
func pool(address string) (model.PoolClient, error) { return poolapi.NewClient(address) }

// engineConfig wires the model to this computer.
func engineConfig(dir string, chosen settings.Settings, fault error) (model.Config, error) {
	home, _ := os.UserHomeDir() // only a suggestion
	roster := miners.NewRoster(dir)
	return model.Config{
		Settings: chosen, SettingsFault: fault, BackupFolder: home,
		OpenKey:      func() (wallet.Key, bool, error) { return wallet.OpenOrCreate(dir) },
		SaveSettings: func(s settings.Settings) error { return settings.Save(dir, s) },
		SaveBackup: func(key wallet.Key, folder, password string) (string, error) {
			path := filepath.Join(folder, "adit-key-"+key.PubKeyHash().String()[:8]+".age")
			return path, writeBackup(dir, key, path, password)
		},
		Detect: hwdetect.Detect,
		Sense:  hwdetect.Sense,
		Pool:   pool,

		Drivers: drivers(),
		Sweep: func(ctx context.Context) []string {
			ended, _ := roster.Sweep(ctx) // what could not be ended goes on to be in the way, and that shows
			return ended
		},
		Shelf: func(_ context.Context, s settings.Settings) model.Shelf { return shelf(s) },
		Mine:  noted(roster),
	}, nil
}

// noted is miners.Supervise that writes down what runs.
func noted(roster *miners.Roster) func(context.Context, miners.Driver, miners.Plan, func(miners.Event)) error {
	return func(ctx context.Context, d miners.Driver, p miners.Plan, on func(miners.Event)) error {
		pid := 0
		return miners.Supervise(ctx, d, p, func(ev miners.Event) {
			switch ev := ev.(type) {
			case miners.Started:
				pid = ev.PID
				_ = roster.Add(pid, p.Program) // it is a means against waste, no more
			case miners.Ended:
				_ = roster.Remove(pid)
			}
			on(ev)
		})
	}
}

// writeBackup writes dir's key into a file of its own, locked by the password.
func writeBackup(dir string, key wallet.Key, path, password string) error {
	born, err := wallet.Born(dir)
	if err != nil {
		return err
	}
	return wallet.SaveKeyFile(path, key, wallet.KeyFileOptions{Passphrase: password, Created: born})
}

var _ = slices.Contains[[]string]
var _ doctor.Finding
var _ presence.Presence
