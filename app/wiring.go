package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/adit-mining/adit/app/bundle"
	"github.com/adit-mining/adit/app/doctor"
	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/past"
	"github.com/adit-mining/adit/app/payees"
	"github.com/adit-mining/adit/app/programs"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/app/startup"
	"github.com/adit-mining/adit/app/view"
	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/hwdetect/presence"
	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/choice"
	"github.com/adit-mining/adit/pool-server/poolapi"
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

// engineConfig wires the model to this computer. close gives back what it opened.
func engineConfig(dir string, chosen settings.Settings, fault error) (c model.Config, close func()) {
	home, _ := os.UserHomeDir() // only a suggestion
	roster, stock := miners.NewRoster(dir), programs.New(dir, version)
	sensors, watcher := hwdetect.Prober{}.Open(), presence.Open(presence.Options{PID: os.Getpid()})
	guard := choice.Guard{Dir: filepath.Join(dir, "trying"), Boot: choice.ThisBoot()}
	key, spender := &safe{dir: dir}, spender{dir, stock}
	records, _ := choice.Load(dir) // what is lost is measured again
	records, _ = guard.Settle(dir, records)
	c = model.Config{
		Settings: chosen, SettingsFault: fault, Past: past.Load(dir), Records: records, BackupFolder: home, Region: currency(),

		OpenKey: key.open, UnlockKey: key.unlock, LockKey: key.lock, ProtectKey: key.protect, ReplaceKey: key.replace, RotateKey: key.rotate,
		ReadKeyText: keyTexts, SaveBackup: key.backup, Sheet: paperSheet,
		Payees:    &payees.Store{Dir: dir},
		HasWallet: spender.hasWallet, PlanSpend: spender.plan, Send: spender.send, Spend: spender.spend, OpenWallet: spender.open,

		SaveSettings: func(s settings.Settings) error { return settings.Save(dir, s) },
		SavePast:     func(p model.Past) error { return past.Save(dir, p) },
		SaveRecords:  func(r choice.Records) error { return choice.Save(dir, r) },
		SaveBundle:   saveBundle,
		AtLogin:      atLogin,
		Checkup: func(ctx context.Context, s model.State) []doctor.Finding {
			return doctor.Run(ctx, checkup(dir, s.Settings, s.Machine, stock.Files()))
		},

		Detect:   sensors.Detect,
		Sense:    sensors.Sense,
		Presence: watcher.Look,
		Pool:     pool,

		Drivers: programs.Drivers(),
		Sweep: func(ctx context.Context) []string {
			ended, _ := roster.Sweep(ctx) // what could not be ended goes on to be in the way, and that shows
			return ended
		},
		Own:     stock.Own,
		Shelf:   stock.Shelf,
		Install: stock.Install,
		Verify:  stock.Verify,
		Guard:   guard,
		Mine:    noted(roster, stock),
	}
	return c, func() { watcher.Close(); sensors.Close() }
}

// checkup is what the doctor looks at.
func checkup(dir string, chosen settings.Settings, m hwdetect.Machine, files []string) doctor.Config {
	c := doctor.Config{Pool: chosen.Pool, Data: dir, Machine: m, Programs: files}
	if filepath.IsAbs(chosen.Miner) {
		c.Programs = append(c.Programs, chosen.Miner)
	}
	if pages := m.Rights.HugePages; pages != nil {
		c.Pages = &doctor.HugePages{Wanted: randomXPages, Free: pages.Free2M, MayLock: m.Rights.LockPages == nil || *m.Rights.LockPages}
	}
	return c
}

// randomXPages is how many pages of 2 MiB RandomX would like: 2080 MiB of data set,
// 256 of cache, and 2 for each of some threads (xmrig's documentation).
const randomXPages = 1168 + 16

// saveBundle writes the support bundle into the folder that the user named.
func saveBundle(s model.State, output map[string][]string) (path string, err error) {
	path = filepath.Join(s.Bundle.Folder, "adit-support-"+s.Now.Format("20060102-150405")+".zip")
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", fmt.Errorf("write the support bundle: %w", err)
	}
	c := bundle.Contents{
		Made: s.Now, Versions: map[string]string{"adit": version}, Settings: s.Settings, Machine: s.Machine, Findings: s.Checkup.Findings,
		Output: output, Private: private(s),
	}
	for _, e := range s.History {
		c.History = append(c.History, e.At.Format(time.DateTime)+"  "+view.History(e))
	}
	for _, u := range s.Units {
		if u.Pick.Program != "" {
			c.Versions[u.Pick.Program] = u.Pick.Version
		}
	}
	if err := errors.Join(bundle.Write(f, c), f.Close()); err != nil {
		os.Remove(path)
		return "", fmt.Errorf("write the support bundle: %w", err)
	}
	return path, nil
}

// private is what is cut out of the support bundle.
func private(s model.State) []string {
	all := []string{s.Key.Public, s.Key.Account, s.Target.Address}
	for _, p := range s.Payees.List.Payees {
		all = append(all, p.Address)
	}
	return all
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

// noted is miners.Supervise that writes down what runs, and what mined.
func noted(roster *miners.Roster, stock *programs.Stock) func(context.Context, miners.Driver, miners.Plan, func(miners.Event)) error {
	return func(ctx context.Context, d miners.Driver, p miners.Plan, on func(miners.Event)) error {
		pid, good := 0, false
		return miners.Supervise(ctx, d, p, func(ev miners.Event) {
			switch ev := ev.(type) {
			case miners.Started:
				pid = ev.PID
				_ = roster.Add(pid, p.Program) // it is a means against waste, no more
			case miners.Ended:
				_ = roster.Remove(pid)
			case miners.Accepted:
				if !good {
					good = true
					_ = stock.Good(p.Program) // else an older version may be kept
				}
			}
			on(ev)
		})
	}
}
