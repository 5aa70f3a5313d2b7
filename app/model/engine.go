package model

import (
	"context"
	"sync"
	"time"

	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet"
)

// PoolClient is what the engine asks of a pool; *poolapi.Client is one.
type PoolClient interface {
	Info(ctx context.Context) (poolapi.PoolInfo, error)
	Miner(ctx context.Context, account string) (poolapi.MinerStats, error)
	SendTelemetry(ctx context.Context, account string, signer poolapi.Signer, t poolapi.Telemetry) error
}

// Config is what an engine works with. All of it is needed but SettingsFault, Start,
// Hint and HintFault.
type Config struct {
	Settings      settings.Settings
	SettingsFault error // why the settings file could not be read
	Program       Program
	Start         bool   // mine as soon as that is possible
	BackupFolder  string // to suggest to the user
	Hint          string // address of a pool to suggest to the user
	HintFault     error  // why there is no hint though there should be one

	OpenKey      func() (key wallet.Key, created bool, err error)
	SaveSettings func(settings.Settings) error
	SaveBackup   func(key wallet.Key, folder, password string) (path string, err error)
	Detect       func(ctx context.Context) (hwdetect.Machine, error)
	Sense        func(ctx context.Context, m hwdetect.Machine) hwdetect.Machine
	Pool         func(address string) (PoolClient, error)
	// Mine keeps a program going until ctx is done, as miners.Supervise does.
	Mine func(ctx context.Context, d miners.Driver, p miners.Plan, on func(miners.Event)) error
}

// Program is a mining program on this computer.
type Program struct {
	Driver miners.Driver
	Path   string
}

// Engine turns clicks, shares and answers into states. New makes one.
type Engine struct {
	config Config
	events chan Event
	done   chan taskDone
	backup SaveBackup // the last one asked for; belongs to Run's loop

	mu  sync.Mutex
	key wallet.Key // zero until opened
}

// New returns an engine; it does nothing before Run.
func New(c Config) *Engine {
	return &Engine{config: c, events: make(chan Event, 64), done: make(chan taskDone)}
}

// Do tells the engine what the user did. It does not wait for what comes of it,
// and gives up when ctx is done.
func (e *Engine) Do(ctx context.Context, ev Event) {
	select {
	case e.events <- ev:
	case <-ctx.Done():
	}
}

// Run owns the state: no other goroutine reads or writes it, so it needs no lock.
// A click, a share, a miner's end all come as events; show gets a copy of the
// state after them, from this goroutine. When ctx is done Run stops what runs
// beside it, the mining program first of all, and returns when all is gone.
func (e *Engine) Run(ctx context.Context, show func(State)) {
	tasks := tasks{run: map[taskKind]running{}}
	defer tasks.wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	s := First(time.Now(), e.config.Settings, e.config.SettingsFault, e.config.Program.Driver.Name(), e.config.Program.Driver.Algorithms())
	s.Backup.Folder, s.Hint = e.config.BackupFolder, e.config.Hint
	if e.config.HintFault != nil {
		s = s.note(HintIgnored, map[string]any{"Error": e.config.HintFault.Error()})
	}
	if e.config.Start {
		s = s.After(Start{})
	}
	second := time.NewTicker(time.Second)
	defer second.Stop()
	show(s)
	pace := newPace()
	defer pace.timer.Stop()
	for {
		e.reconcile(ctx, &tasks, s)
		var ev Event
		select {
		case ev = <-e.events:
			if b, ok := ev.(SaveBackup); ok {
				e.backup = b
			}
		case now := <-second.C:
			ev = Tick{Now: now}
		case d := <-e.done:
			tasks.ended(d)
			continue // it changes nothing that is shown
		case <-pace.timer.C:
			show(s)
			pace.done()
			continue
		case <-ctx.Done():
			return
		}
		before := s
		s.Now = time.Now()
		s = s.After(ev)
		pace.changed(wait(before, s, ev))
	}
}
