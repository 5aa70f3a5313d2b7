package model

import (
	"context"
	"sync"
	"time"

	"github.com/adit-mining/adit/app/doctor"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/hwdetect/presence"
	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/choice"
	"github.com/adit-mining/adit/miners/install"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet"
)

// PoolClient is what the engine asks of a pool; *poolapi.Client is one.
type PoolClient interface {
	Info(ctx context.Context) (poolapi.PoolInfo, error)
	Miner(ctx context.Context, account string) (poolapi.MinerStats, error)
	SendTelemetry(ctx context.Context, account string, signer poolapi.Signer, t poolapi.Telemetry) error
	// SignIn returns an address that opens the account's page signed in, once.
	SignIn(ctx context.Context, account string, signer poolapi.Signer) (url string, err error)
	PutPayees(ctx context.Context, account string, s poolapi.SignedPayees) (poolapi.PayeesKept, error)
	Payees(ctx context.Context, account string, signer poolapi.Signer) (poolapi.SignedPayees, error)
	PutMinimum(ctx context.Context, account string, signer poolapi.Signer, m poolapi.MinimumRequest) (poolapi.MinimumKept, error)
}

// PayeeStore keeps the signed list of where coins are paid; *payees.Store is one.
type PayeeStore interface {
	Load(account string) (poolapi.SignedPayees, poolapi.PayeeList, error)
	// Change signs a list with changes made to the one that is kept; one without an
	// address takes an entry away.
	Change(signer poolapi.Signer, account string, changes ...poolapi.Payee) error
	// Keep takes over a list that was signed elsewhere, if it is newer.
	Keep(account string, s poolapi.SignedPayees) error
}

// Guard is told of a program's first minutes on a device; *choice.Guard is one.
type Guard interface {
	Begin(device, program string) error
	End(device, program string) error
}

// Config is what an engine works with. The functions block, and the engine calls
// them beside its loop. All of it is needed but what is marked as optional.
type Config struct {
	Settings      settings.Settings
	SettingsFault error          // optional: why the settings file could not be read
	Past          Past           // optional: what is remembered of earlier starts
	Records       choice.Records // optional: what was measured and what failed
	Start         bool           // optional: mine as soon as that is possible
	BackupFolder  string         // optional: to suggest to the user
	Hint          string         // optional: address of a pool to suggest to the user
	HintFault     error          // optional: why there is no hint though there should be one
	Region        string         // optional: currency of the system's region

	OpenKey    func() (Opened, error)
	UnlockKey  func(password string) (wallet.Keyring, error)
	LockKey    func() // forgets the password
	ProtectKey func(password string) error
	ReplaceKey func(r wallet.Keyring) (kept string, err error)
	RotateKey  func() (kept string, err error)
	// ReadKeyText returns what may be a key in a file, or in the codes of a picture.
	ReadKeyText func(path string) ([]string, error)
	// SaveBackup writes the key into a file, locked by a password, and reads it back.
	SaveBackup func(r wallet.Keyring, folder, password string) (path string, err error)
	Sheet      func(ctx context.Context, r wallet.Keyring, s Sheet) (path string, err error)

	Payees PayeeStore

	// HasWallet reports whether a wallet program of the coin can be fetched.
	HasWallet func(coin, network string) bool
	// PlanSpend looks for the coins of a public key and says what sending them would do.
	PlanSpend func(ctx context.Context, public string, o SpendOrder) (SpendPlan, error)
	// Send does what a plan says and returns the transactions that left, also with an error.
	Send func(ctx context.Context, r wallet.Keyring, p SpendPlan) (transactions []string, err error)
	// Spend carries out an order with the coin's own wallet program. It can be
	// called again for the same order after any end, and harms nothing then.
	Spend func(ctx context.Context, r wallet.Keyring, o SpendOrder, on func(Spending), ask Passphrase) error
	// OpenWallet shows the wallet program's window and returns when it is closed.
	OpenWallet func(ctx context.Context, o SpendOrder) error

	SaveSettings func(settings.Settings) error
	SavePast     func(Past) error
	SaveRecords  func(choice.Records) error
	AtLogin      func(on bool) error // starts Adit with the computer, or no longer
	// SaveBundle writes the support bundle; output are the programs' last lines by
	// unit.
	SaveBundle func(s State, output map[string][]string) (path string, err error)
	Checkup    func(ctx context.Context, s State) []doctor.Finding

	Detect   func(ctx context.Context) (hwdetect.Machine, error)
	Sense    func(ctx context.Context, m hwdetect.Machine) hwdetect.Machine
	Presence func(ctx context.Context) presence.Presence
	Pool     func(address string) (PoolClient, error)

	Drivers []miners.Driver
	// Sweep ends what an earlier Adit left running and returns the programs.
	Sweep func(ctx context.Context) []string
	// Own finds the mining programs that are there without a catalogue, at once.
	Own func(s settings.Settings) Shelf
	// Shelf finds the mining programs that there are, for these settings.
	Shelf func(ctx context.Context, s settings.Settings) Shelf
	// Install puts a program on the disk and returns its path.
	Install func(ctx context.Context, p install.Program, b install.Build, progress func(done, size int64)) (path string, err error)
	// Verify checks, before each start, that a program is what was installed.
	Verify func(p Program) error
	// Guard remembers, through a crash of the whole machine, what was being tried.
	Guard Guard
	// Mine keeps a program going until ctx is done, as miners.Supervise does.
	Mine func(ctx context.Context, d miners.Driver, p miners.Plan, on func(miners.Event)) error
}

// Engine turns clicks, shares and answers into states. New makes one.
type Engine struct {
	config Config
	events chan Event

	mu     sync.Mutex
	ring   wallet.Keyring
	open   bool   // ring is the key
	public string // its public half, known while it is locked
	output map[string][]string

	passphrase chan string // takes the answer that a wallet program waits for; nil: none waits
}

// New returns an engine; it does nothing before Run.
func New(c Config) *Engine {
	return &Engine{config: c, events: make(chan Event, 64), output: map[string][]string{}}
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
	tasks := tasks{run: map[taskName]running{}}
	defer tasks.wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	s := First(time.Now(), e.config.Settings, e.config.SettingsFault, e.config.Past, e.config.Records)
	s.Folder, s.Bundle.Folder, s.Hint, s.Region = e.config.BackupFolder, e.config.BackupFolder, e.config.Hint, e.config.Region
	if e.config.HintFault != nil {
		s = s.note(HintIgnored, map[string]any{"Error": e.config.HintFault.Error()})
	}
	if e.config.Start {
		s = s.After(Start{})
	}
	clock := time.NewTicker(tickOpen)
	defer clock.Stop()
	show(s)
	pace := newPace()
	defer pace.timer.Stop()
	for {
		e.reconcile(ctx, &tasks, s)
		var ev Event
		select {
		case ev = <-e.events:
		case <-clock.C: // it may say when it was due, which was before a sleep
			ev = Tick{Now: time.Now()}
		case <-pace.timer.C:
			show(s)
			pace.done()
			continue
		case <-ctx.Done():
			_ = e.config.SavePast(s.past()) // it is a memory, not money
			return
		}
		if d, ended := ev.(taskDone); ended {
			tasks.ended(d)
			continue // it changes nothing that is shown
		}
		before := s
		s.Now = time.Now()
		s = s.After(ev)
		if s.Key.Locked && !before.Key.Locked {
			e.forget()
		}
		if s.unwatched != before.unwatched {
			clock.Reset(s.tickEvery())
		}
		pace.changed(wait(before, s, ev))
	}
}
