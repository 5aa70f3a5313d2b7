package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/adit-mining/adit/app/doctor"
	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/past"
	"github.com/adit-mining/adit/app/programs"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/app/startup"
	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/hwdetect/presence"
	"github.com/adit-mining/adit/miners"
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

// poolClient is a client of a pool as the engine wants it.
type poolClient struct{ *poolapi.Client }

// SignIn implements model.PoolClient.
func (c poolClient) SignIn(ctx context.Context, account string, signer poolapi.Signer) (string, error) {
	answer, err := c.Client.SignIn(ctx, account, signer)
	return answer.URL, err
}

func pool(address string) (model.PoolClient, error) {
	c, err := poolapi.NewClient(address)
	if err != nil {
		return nil, err
	}
	return poolClient{c}, nil
}

// engineConfig wires the model to this computer.
func engineConfig(dir string, chosen settings.Settings, fault error) model.Config {
	home, _ := os.UserHomeDir() // only a suggestion
	roster, stock := miners.NewRoster(dir), programs.New(dir, version)
	return model.Config{
		Settings: chosen, SettingsFault: fault, Past: past.Load(dir), BackupFolder: home,
		OpenKey:      func() (wallet.Key, bool, error) { return wallet.OpenOrCreate(dir) },
		SaveSettings: func(s settings.Settings) error { return settings.Save(dir, s) },
		SaveBackup: func(key wallet.Key, folder, password string) (string, error) {
			path := filepath.Join(folder, "adit-key-"+key.PubKeyHash().String()[:8]+".age")
			return path, writeBackup(dir, key, path, password)
		},
		SavePast: func(p model.Past) error { return past.Save(dir, p) },
		Detect:   hwdetect.Detect,
		Sense:    hwdetect.Sense,
		Pool:     pool,

		Drivers: programs.Drivers(),
		Sweep: func(ctx context.Context) []string {
			ended, _ := roster.Sweep(ctx) // what could not be ended goes on to be in the way, and that shows
			return ended
		},
		Shelf:   stock.Shelf,
		Install: stock.Install,
		Verify:  stock.Verify,
		Mine:    noted(roster),
	}
}

// atLogin has the system start Adit at login, or no longer.
func atLogin(on bool) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("where is adit: %w", err)
	}
	return startup.AtLogin(on, self, hiddenFlag)
}

// hiddenFlag starts Adit without opening its window.
const hiddenFlag = "--hidden"

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
