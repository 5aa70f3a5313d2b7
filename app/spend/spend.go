// Package spend goes the whole way from a mining key to coins that can be spent: it gets
// the coin's own wallet program, checks and scans it, installs it in Adit's folder without
// an administrator, starts it, waits until it has read the chain, and then moves the
// coins to a fresh address of it (the default), or gives it the key; at the end it shows
// the balance, and opens the wallet's window.
//
// Run is the way, one call long. Each step is told as a Progress, and noted in a file
// after it is done, so that a Run after a crash goes on: nothing is downloaded twice, no
// second transaction is made, and a key imported twice does no harm. When Run returns, the
// wallet program is gone, whatever happened. What goes wrong is a Problem: a code, and a
// sentence for the person. No secret is in a Progress, a Problem or a file.
//
// Moving is a Mover's, which is wallet/sweep's business; whether there is a key to be
// had is the caller's. Run owns its goroutines. One Run at a time may work on a folder.
package spend

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/adit-mining/adit/miners/install"
	"github.com/adit-mining/adit/wallet"
	"github.com/adit-mining/adit/wallet/clamd"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/program"
)

// A Way is how the coins get into the wallet program.
type Way string

// The ways.
const (
	// Move sends everything to a fresh address of the wallet. Adit signs, the key never
	// enters the program, and the paper has done its service.
	Move Way = "move"
	// Import gives the program the key. The first payment sends the change to another
	// key, in programs of the core family, so the paper then covers less than before.
	Import Way = "import"
)

// A Step is a part of the way.
type Step string

// The steps, in their order. A Run has Moving or Importing.
const (
	Fetching   Step = "fetch"   // the archive, in bytes
	Verifying  Step = "verify"  // its hash against the catalogue's
	Scanning   Step = "scan"    // by ClamAV, where there is one
	Installing Step = "install" // into Adit's folder
	Starting   Step = "start"
	Syncing    Step = "sync" // reading the chain, in blocks
	Moving     Step = "move"
	Importing  Step = "import" // with the look through the chain
	Balancing  Step = "balance"
)

// A State is where a step stands.
type State string

// The states.
const (
	Running State = "running"
	Done    State = "done"
	Failed  State = "failed"
)

// Progress is what is known after something happened. It is a value to be shown.
type Progress struct {
	Step  Step
	State State
	Way   Way

	Network *coin.Network
	Program string // the wallet program's name in the catalogue
	Version string

	// Done of Total are bytes while fetching, blocks while syncing; Total may grow, and
	// is 0 where nobody knows. Fraction is 0 to 1, and 1 only when it is done.
	Done, Total int64
	Fraction    float64

	Sync     program.Sync // while starting and syncing
	Scan     clamd.Result // of the program, once it was scanned or not
	To       string       // the address that the coins are moved to
	TxIDs    []string     // that move them
	Amount   coin.Amount  // that they move
	Fee      coin.Amount
	Imported program.Imported
	Copy     string // path of the wallet as it was before it was given the key; "": none was needed
	// Missing is what the key should have beyond what was found; see Ask.Rescan.
	Missing coin.Amount
	Balance program.Balance
	Problem *Problem // where State is Failed
}

// Config is what Run works with.
type Config struct {
	// Dir is the folder for the wallets and the notes of how far each Run got.
	Dir string
	// Programs are those of the catalogue, of all kinds.
	Programs []install.Program
	// Store is where programs are installed, which the miners' share.
	Store *install.Store
	// Scan asks whether a file is known to be bad; nil asks the ClamAV of this computer.
	Scan func(ctx context.Context, path string) clamd.Result
	// Key returns the mining key and its birthday. It is asked when the key is needed,
	// and may ask the person for a password.
	Key func(ctx context.Context) (wallet.Key, time.Time, error)
	// Mover returns who moves the coins, given the wallet that runs; only for Move.
	Mover func(w Wallet) (Mover, error)
	Ask   Ask

	Args     []string      // more arguments for the wallet program
	Patience time.Duration // with a program that does not answer; 0: 5 minutes
	Settle   time.Duration // for moved coins to be seen by the wallet; 0: 2 minutes
	Poll     time.Duration // between looks; 0: a second
	Grace    time.Duration // for the program to leave; 0: 2 minutes
	OS, Arch string        // of the builds to take; "": this computer's

	crash func(step string, done bool) error // where tests let the process end
	drive func(Config, installed, Order) driver
}

// Ask are the questions that only the person can answer. Each may be nil, and blocks.
type Ask struct {
	// Passphrase is for a wallet that the person has given one.
	Passphrase program.Passphrase
	// Confirm shows what is about to be moved; false stops before anything is sent. nil
	// moves without asking.
	Confirm func(ctx context.Context, s Sending) (bool, error)
	// Rescan is asked when less was found than should be there: the birthday may be too
	// late. It returns from when to look again; false is enough looked.
	Rescan func(ctx context.Context, found program.Imported, missing coin.Amount) (from time.Time, again bool, err error)
}

// An Order is what the person wants.
type Order struct {
	Network *coin.Network
	Way     Way
	Program string // in the catalogue; "": the first for the coin
	// Expect is what the key should at least have got, as the pool tells; 0 if nobody
	// knows. It is only compared with what an imported key got.
	Expect coin.Amount
}

// A Wallet is a wallet program that runs.
type Wallet interface {
	Sync(ctx context.Context, on func(program.Sync)) error
	NewAddress(ctx context.Context) (string, error)
	Owns(ctx context.Context, address string) (bool, error)
	Import(ctx context.Context, k wallet.Key, birthday time.Time, on func(program.Scan)) (program.Imported, error)
	Rescan(ctx context.Context, k wallet.Key, from time.Time, on func(program.Scan)) (program.Imported, error)
	Balance(ctx context.Context) (program.Balance, error)
}

// Sending is what a Mover has signed and is about to send.
type Sending struct {
	To          string
	TxIDs       []string
	Amount, Fee coin.Amount
}

// A Mover moves all that a key has. wallet/sweep does.
type Mover interface {
	// Sweep sends everything that k has on net to the address to. on is called once,
	// when all transactions are signed and written down and none is sent yet; its error
	// ends the Sweep, and nothing is sent, now or later.
	//
	// ErrNothing says that there is nothing to be moved, ErrNotTaken that the network
	// refuses the transactions for good.
	Sweep(ctx context.Context, k wallet.Key, net *coin.Network, to string, on func(Sending) error) (txids []string, amount, fee coin.Amount, err error)
	// Resume sees to it that transactions which an earlier Sweep gave to on have
	// arrived, sending the same bytes again where they have not. It signs nothing. nil
	// says that the network has them all, ErrNotTaken that it never will: it refuses
	// them, or they were never written down, so that they cannot have been sent.
	Resume(ctx context.Context, public [33]byte, net *coin.Network, txids []string) error
}

// What a Mover says; see there.
var (
	ErrNothing  = errors.New("there is nothing to move")
	ErrNotTaken = errors.New("the network does not take the transactions")
)

func (c Config) withDefaults() Config {
	if c.Scan == nil {
		c.Scan = clamd.Client{}.ScanFile
	}
	if c.Settle <= 0 {
		c.Settle = 2 * time.Minute
	}
	if c.Poll <= 0 {
		c.Poll = time.Second
	}
	if c.OS == "" {
		c.OS = runtime.GOOS
	}
	if c.Arch == "" {
		c.Arch = runtime.GOARCH
	}
	if c.drive == nil {
		c.drive = drive
	}
	return c
}

// Run goes the way for o, from where an earlier Run for it got to. on, which may be nil
// and must not block for long, is called with each news, by one goroutine at a time. The
// error is a *Problem, or the context's.
func Run(ctx context.Context, c Config, o Order, on func(Progress)) error {
	c = c.withDefaults()
	if o.Way == "" {
		o.Way = Move
	}
	if on == nil {
		on = func(Progress) {}
	}
	r := &running{Config: c, order: o, tell: on, now: Progress{Step: Fetching, State: Running, Way: o.Way, Network: o.Network}}
	err := r.run(ctx)
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", r.now.Step, context.Cause(ctx))
	}
	problem := explain(r.now.Step, o, err)
	r.say(func(p *Progress) { p.State, p.Problem = Failed, problem })
	return problem
}

// running is one Run.
type running struct {
	Config
	order   Order
	notes   notes
	fetched bool // by this Run, and scanned in one piece

	mu   sync.Mutex // guards what follows, and has tell called by one at a time
	tell func(Progress)
	now  Progress
}

func (r *running) run(ctx context.Context) error {
	choice, err := r.choose()
	if err != nil {
		return err
	}
	r.say(func(p *Progress) { p.Program, p.Version = choice.program.Name, choice.program.Version })
	if r.notes, err = readNotes(r.Dir, r.order); err != nil {
		return err
	}
	have, err := r.get(ctx, choice)
	if err != nil {
		return err
	}
	return r.use(ctx, have)
}

// say changes what is known and tells it.
func (r *running) say(change func(*Progress)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.now)
	r.tell(r.now)
}

// step begins a step, does it, and ends it.
func (r *running) step(ctx context.Context, s Step, do func() error) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	r.say(func(p *Progress) { p.Step, p.State, p.Done, p.Total, p.Fraction = s, Running, 0, 0, 0 })
	if err := r.at(string(s), do); err != nil {
		return err
	}
	r.say(func(p *Progress) { p.State, p.Fraction = Done, 1 })
	return nil
}

// at does something that a crash may come before or after.
func (r *running) at(name string, do func() error) error {
	if r.crash != nil {
		if err := r.crash(name, false); err != nil {
			return err
		}
	}
	if err := do(); err != nil {
		return err
	}
	if r.crash != nil {
		return r.crash(name, true)
	}
	return nil
}

// note changes what is noted of the Run, on the disk before it returns.
func (r *running) note(name string, change func(*notes)) error {
	return r.at(name, func() error {
		change(&r.notes)
		return r.notes.write(r.Dir)
	})
}
