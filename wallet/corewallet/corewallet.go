// Package corewallet drives a coin's own wallet program of the Bitcoin Core family:
// litecoind with litecoin-qt, and kin. It runs the daemon on a folder of its own, waits
// for the chain, gives it a key or gets an address from it, and reads the balance.
//
// What a daemon can do is asked, not concluded from its version. It talks JSON-RPC on
// the loopback, at a random port, with the daemon's own cookie; a key or a passphrase is
// never an argument, in the environment, or in an error. No wallet that Adit did not make
// is touched. Run owns the process and all goroutines: when it has returned, they are
// gone. A *Wallet may be used by several goroutines.
//
// Getting the program, and deciding what to do with it, is for app/spend.
package corewallet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/program"
)

// Driver is the family's name in the catalogue.
const Driver = "core"

// WalletName is the name of the wallet that Adit makes in the daemon.
const WalletName = "adit"

// What can go wrong in ways that the caller, or a person, has to tell apart.
var (
	// ErrWrongChain is that the daemon is of another coin or network than expected.
	ErrWrongChain = errors.New("the wallet program is on another chain")
	// ErrBlocked is that this version must not run; a *BlockedError says why.
	ErrBlocked = errors.New("this version of the wallet program must not be used")
	// ErrHangs is that the daemon runs and no longer answers.
	ErrHangs = errors.New("the wallet program hangs")
	// ErrInUse is that another program works on the folder: mostly the wallet's own
	// window, which has to be closed first.
	ErrInUse = errors.New("the wallet is open in another program")
	// ErrPruned is that the daemon has thrown away the blocks that would have to be
	// looked through. Moving the coins works all the same.
	ErrPruned = errors.New("the wallet program has pruned the blocks that the key's coins may be in")
	// ErrLocked is that the wallet needs its passphrase and nobody gave it.
	ErrLocked = errors.New("the wallet is locked with a passphrase")
	// ErrRefused is that the daemon does not take the key.
	ErrRefused = errors.New("the wallet program does not take the key")
	// ErrCannot is that the daemon lacks what would be needed.
	ErrCannot = errors.New("the wallet program cannot do that")
)

// A BlockedError is an ErrBlocked.
type BlockedError struct{ Version, Reason string }

func (e *BlockedError) Error() string {
	return fmt.Sprintf("%v: %s: %s", ErrBlocked, e.Version, e.Reason)
}

// Is makes errors.Is(e, ErrBlocked) true.
func (e *BlockedError) Is(target error) bool { return target == ErrBlocked }

// A Program is a wallet program and where it keeps what it makes.
type Program struct {
	Path    string // the daemon
	Window  string // the program with a window; "" where there is none
	Dir     string // a folder of our own: chain, wallet, settings
	Network *coin.Network
	// Blocked says why a version, as "30.0.0", must not run; nil blocks none.
	Blocked func(version string) (reason string, blocked bool)
	// Passphrase asks for the wallet's passphrase where it has one; nil asks nobody.
	Passphrase program.Passphrase
	// Starting is told what the daemon says that it is at while it starts; may be nil.
	Starting func(doing string)

	Args     []string      // more arguments, nothing secret
	Patience time.Duration // with a daemon that does not answer; 0: 5 minutes
	Poll     time.Duration // between looks; 0: a second
	Grace    time.Duration // for leaving; 0: program.DefaultGrace
	Log      *slog.Logger  // nil: none
}

func (p Program) withDefaults() Program {
	if p.Patience <= 0 {
		p.Patience = 5 * time.Minute
	}
	if p.Poll <= 0 {
		p.Poll = time.Second
	}
	if p.Starting == nil {
		p.Starting = func(string) {}
	}
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	return p
}

// Run runs the daemon with its wallet open while use runs, and returns what use returns
// once the daemon is gone. One that an earlier Adit left behind is ended before.
func (p Program) Run(ctx context.Context, use func(ctx context.Context, w *Wallet) error) error {
	p = p.withDefaults()
	if err := p.prepare(ctx); err != nil {
		return err
	}
	port, err := program.FreePort()
	if err != nil {
		return err
	}
	rpc := p.rpc(port)
	c := program.Command{
		Path: p.Path, Args: p.args(port), Dir: p.Dir, Grace: p.Grace,
		Leave: func(ctx context.Context) error { return rpc.Do(ctx, program.Call{Path: "/", Method: "stop"}, nil) },
	}
	err = program.Run(ctx, c, func(ctx context.Context) error {
		w, err := p.connect(ctx, rpc)
		if err != nil {
			return err
		}
		return use(ctx, w)
	})
	var ended *program.EndedError
	if errors.As(err, &ended) && strings.Contains(ended.Output, "obtain a lock") {
		// The words are those of Core's init.cpp, in all versions so far.
		return fmt.Errorf("%w: %w", ErrInUse, err)
	}
	return err
}

// The places in the program's folder.
func (p Program) data() string    { return filepath.Join(p.Dir, "data") }
func (p Program) wallets() string { return filepath.Join(p.Dir, "wallets") }
func (p Program) conf() string    { return filepath.Join(p.Dir, "adit.conf") }
func (p Program) cookie() string  { return filepath.Join(p.Dir, "rpc.cookie") }
func (p Program) port() string    { return filepath.Join(p.Dir, "rpc.port") }

// settings hold on every network. Nothing in them is secret; they are private all the
// same.
const settings = `# Written by Adit at each start; changes are lost.
server=1
listen=0
upnp=0
printtoconsole=0
`

// prepare makes the folder ready and ends what runs on it.
func (p Program) prepare(ctx context.Context) error {
	if err := program.Own(p.Dir, p.Network, Driver); err != nil {
		return err
	}
	if err := p.endLeftover(ctx); err != nil {
		return err
	}
	for _, dir := range []string{p.data(), p.wallets()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("make the wallet's folder: %w", err)
		}
	}
	if err := os.WriteFile(p.conf(), []byte(settings), 0o600); err != nil {
		return fmt.Errorf("write the wallet program's settings: %w", err)
	}
	// The daemon writes its cookie after it has bound its port: a new cookie says that
	// who listens there is the daemon. An old one would say nothing.
	if err := os.Remove(p.cookie()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the old login: %w", err)
	}
	return nil
}

// endLeftover ends a daemon of an earlier run, by its own way where it still answers.
func (p Program) endLeftover(ctx context.Context) error {
	ask := func(ctx context.Context) error {
		text, err := os.ReadFile(p.port())
		port, err2 := strconv.Atoi(strings.TrimSpace(string(text)))
		if err := errors.Join(err, err2); err != nil {
			return err
		}
		return p.rpc(port).Do(ctx, program.Call{Path: "/", Method: "stop"}, nil)
	}
	patience := program.DefaultGrace
	if p.Grace > 0 {
		patience = p.Grace
	}
	return program.Leftover(ctx, p.Dir, ask, patience)
}

func (p Program) args(port int) []string {
	_ = os.WriteFile(p.port(), []byte(strconv.Itoa(port)), 0o600) // only for endLeftover
	args := append(p.common(), "-rpcbind=127.0.0.1", "-rpcallowip=127.0.0.1", "-rpcport="+strconv.Itoa(port))
	return append(args, p.Args...)
}

// common are the arguments of the daemon and of the program with a window.
func (p Program) common() []string {
	args := []string{"-datadir=" + p.data(), "-conf=" + p.conf(), "-walletdir=" + p.wallets(), "-rpccookiefile=" + p.cookie()}
	switch p.Network.Name {
	case "test":
		args = append(args, "-testnet")
	case "regtest":
		args = append(args, "-regtest")
	}
	return args
}

func (p Program) rpc(port int) *program.RPC {
	return &program.RPC{
		Address: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
		Login: func() (user, password string, err error) {
			text, err := os.ReadFile(p.cookie())
			if err != nil {
				return "", "", fmt.Errorf("%w: no login yet", program.ErrUnreachable)
			}
			user, password, _ = strings.Cut(strings.TrimSpace(string(text)), ":")
			return user, password, nil
		},
		Log: func(method string, took time.Duration, err error) {
			if p.Log != nil {
				p.Log.Debug("wallet program called", "method", method, "took", took, "err", err)
			}
		},
	}
}
