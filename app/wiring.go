package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/cpuminer"
	"github.com/adit-mining/adit/miners/minerd"
	"github.com/adit-mining/adit/miners/xmrig"
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

// drivers are the mining programs that Adit can drive, by the file name of the
// program without .exe.
func drivers() map[string]miners.Driver {
	return map[string]miners.Driver{"minerd": minerd.Driver{}, "xmrig": xmrig.Driver{}}
}

// program finds the mining program that a setting names: "builtin", which is this
// very executable under another command, or the path of a program whose file name
// begins with the name of one that Adit knows ("xmrig-6.26-static").
func program(miner string) (model.Program, error) {
	if miner == settings.BuiltinMiner {
		self, err := os.Executable()
		if err != nil {
			return model.Program{}, fmt.Errorf("where is adit: %w", err)
		}
		return model.Program{Driver: cpuminer.Driver{}, Path: self}, nil
	}
	path, err := filepath.Abs(miner)
	if err != nil {
		return model.Program{}, fmt.Errorf("mining program: %w", err)
	}
	if info, err := os.Stat(path); err != nil || info.IsDir() {
		return model.Program{}, fmt.Errorf("mining program %s: %w", path, errors.Join(err, errors.New("want the path of a program")))
	}
	file := strings.ToLower(filepath.Base(path))
	for name, driver := range drivers() {
		if strings.HasPrefix(file, name) {
			return model.Program{Driver: driver, Path: path}, nil
		}
	}
	return model.Program{}, fmt.Errorf("mining program %s: Adit knows minerd and xmrig by their file names", path)
}

// engineConfig wires the model to this computer.
func engineConfig(dir string, chosen settings.Settings, fault error) (model.Config, error) {
	p, err := program(chosen.Miner)
	if err != nil {
		return model.Config{}, err
	}
	home, _ := os.UserHomeDir() // only a suggestion
	return model.Config{
		Settings: chosen, SettingsFault: fault, Program: p, BackupFolder: home,
		OpenKey:      func() (wallet.Key, bool, error) { return wallet.OpenOrCreate(dir) },
		SaveSettings: func(s settings.Settings) error { return settings.Save(dir, s) },
		SaveBackup: func(key wallet.Key, folder, password string) (string, error) {
			path := filepath.Join(folder, "adit-key-"+key.PubKeyHash().String()[:8]+".age")
			return path, writeBackup(dir, key, path, password)
		},
		Detect: hwdetect.Detect,
		Sense:  hwdetect.Sense,
		Pool:   func(address string) (model.PoolClient, error) { return poolapi.NewClient(address) },
		Mine:   miners.Supervise,
	}, nil
}

// writeBackup writes dir's key into a file of its own, locked by the password.
func writeBackup(dir string, key wallet.Key, path, password string) error {
	born, err := wallet.Born(dir)
	if err != nil {
		return err
	}
	return wallet.SaveKeyFile(path, key, wallet.KeyFileOptions{Passphrase: password, Created: born})
}
