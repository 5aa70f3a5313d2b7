// Package electrumwallet drives wallet programs of the Electrum family. They keep no
// chain: they ask servers, so they are ready within a minute.
//
// It runs the program as a daemon on a folder of its own and talks JSON-RPC to it on the
// loopback, with a password that is in its settings file and is new at each start; a key
// or a passphrase is never an argument, in the environment, or in an error. There are two
// wallets in the folder: one with words of its own, to which coins are moved, and one with
// the mining key, where that is imported.
//
// A wallet with an imported key sends its change back to the key's address: the paper
// goes on to cover what is left. It also spends all coins of an address at once, so a
// payment from a key that was paid often costs a large fee.
//
// Run owns the process and all goroutines: when it has returned, they are gone. A *Wallet
// may be used by several goroutines.
package electrumwallet

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/durable"
	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/program"
)

// Driver is the family's name in the catalogue.
const Driver = "electrum"

// What can go wrong in ways that the caller, or a person, has to tell apart.
var (
	// ErrWrongChain is that the program is of another coin or network than expected.
	ErrWrongChain = errors.New("the wallet program is on another chain")
	// ErrBlocked is that this version must not run.
	ErrBlocked = errors.New("this version of the wallet program must not be used")
	// ErrHangs is that the program runs and does not answer.
	ErrHangs = errors.New("the wallet program hangs")
	// ErrInUse is that the person has the wallet's window open.
	ErrInUse = errors.New("the wallet is open in another program")
	// ErrLocked is that the wallet needs its password and nobody gave it.
	ErrLocked = errors.New("the wallet is locked with a password")
	// ErrRefused is that the program does not take the key.
	ErrRefused = errors.New("the wallet program does not take the key")
	// ErrCannot is that the program lacks what would be needed.
	ErrCannot = errors.New("the wallet program cannot do that")
)

// A Program is a wallet program and where it keeps what it makes.
type Program struct {
	Path    string // it is its own daemon
	Window  string // where that is another program; "": Path
	Dir     string // a folder of our own
	Network *coin.Network
	// Imported works on the wallet with the mining key, not on the one with words.
	Imported bool
	Offline  bool // it asks no server; then there is no balance
	// Server is the one to ask, "host:port:s", "t" for one without TLS; "" has the program choose.
	Server string
	// Blocked says why a version must not run; nil blocks none.
	Blocked func(version string) (reason string, blocked bool)
	// Passphrase asks for the wallet's password where it has one; nil asks nobody.
	Passphrase program.Passphrase

	Args     []string      // more arguments, nothing secret
	Patience time.Duration // with a program that does not answer; 0: 5 minutes
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
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	return p
}

// Run runs the program with its wallet open while use runs, and returns what use returns
// once the program is gone. One that an earlier Adit left behind is ended before.
func (p Program) Run(ctx context.Context, use func(ctx context.Context, w *Wallet) error) error {
	p = p.withDefaults()
	login := rand.Text()
	if err := p.prepare(ctx, login); err != nil {
		return err
	}
	w := &Wallet{program: p, rpc: &program.RPC{
		Login: func() (user, password string, err error) { return loginName, login, nil },
		Dial:  p.dial,
		// The program tells its port in a file; the name only stands in headers.
		Address: "127.0.0.1",
		Log: func(method string, took time.Duration, err error) {
			p.Log.Debug("wallet program called", "method", method, "took", took, "err", err)
		},
	}}
	c := program.Command{
		Path: p.Path, Args: append(p.common(), "daemon"), Dir: p.Dir, Grace: p.Grace,
		Leave: func(ctx context.Context) error { return w.call(ctx, "stop", nil, nil) },
	}
	if p.Offline {
		c.Args = append(p.common(), "--offline", "daemon")
	}
	return program.Run(ctx, c, func(ctx context.Context) error {
		if err := w.connect(ctx); err != nil {
			return err
		}
		return use(ctx, w)
	})
}

// The places in the program's folder. Its own folder has one below it for each network
// but the main one.
func (p Program) data() string { return filepath.Join(p.Dir, "data") }

func (p Program) netDir() string {
	switch p.Network.Name {
	case "test":
		return filepath.Join(p.data(), "testnet")
	case "regtest":
		return filepath.Join(p.data(), "regtest")
	}
	return p.data()
}

// lock is the file in which a daemon, or a window, says where it listens. It writes it
// after it has bound its port, so who listens there is the program.
func (p Program) lock() string { return filepath.Join(p.netDir(), "daemon") }

// path is the file of the wallet that is worked on.
func (p Program) path() string {
	if p.Imported {
		return filepath.Join(p.Dir, "wallets", "mining-key")
	}
	return filepath.Join(p.Dir, "wallets", "adit")
}

const loginName = "adit"

// settings are what the program reads at its start. It adds its own.
func (p Program) settings(login string) map[string]any {
	settings := map[string]any{}
	text, err := os.ReadFile(filepath.Join(p.netDir(), "config"))
	if err == nil {
		err = json.Unmarshal(text, &settings)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		settings = map[string]any{} // damaged: the program would not start with it
	}
	if settings["config_version"] == nil {
		// Settings without one are taken for those of years ago, and some are lost.
		settings["config_version"] = 3
	}
	settings["rpcuser"], settings["rpcpassword"] = loginName, login
	settings["rpcsock"], settings["rpchost"], settings["rpcport"] = "tcp", "127.0.0.1", 0
	settings["check_updates"] = false
	if p.Server != "" {
		settings["server"], settings["oneserver"], settings["auto_connect"] = p.Server, true, false
	}
	return settings
}

// prepare makes the folder ready and ends what runs on it.
func (p Program) prepare(ctx context.Context, login string) error {
	if err := program.Own(p.Dir, p.Network, Driver); err != nil {
		return err
	}
	if err := program.Leftover(ctx, p.Dir, nil, 0); err != nil {
		return err
	}
	for _, dir := range []string{p.netDir(), filepath.Join(p.Dir, "wallets")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("make the wallet's folder: %w", err)
		}
	}
	if conn, err := p.dial(ctx); err == nil {
		conn.Close()
		return ErrInUse
	}
	if err := os.Remove(p.lock()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the old lock: %w", err)
	}
	text, err := json.MarshalIndent(p.settings(login), "", "    ")
	if err == nil {
		err = durable.Replace(filepath.Join(p.netDir(), "config"), text) // private: it has the login
	}
	if err != nil {
		return fmt.Errorf("write the wallet program's settings: %w", err)
	}
	return nil
}

// lockForm is what Python prints of the place: ('tcp', ('127.0.0.1', 41233), 1764112233.4).
var lockForm = regexp.MustCompile(`^\('tcp', \('127\.0\.0\.1', ([0-9]{1,5})\), `)

// dial connects to where the program says that it listens.
func (p Program) dial(ctx context.Context) (net.Conn, error) {
	text, err := os.ReadFile(p.lock())
	if err != nil {
		return nil, err
	}
	parts := lockForm.FindStringSubmatch(string(text))
	if parts == nil {
		return nil, errors.New("the program does not say yet where it listens")
	}
	var dialer net.Dialer
	return dialer.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", parts[1]))
}

// common are the arguments of the daemon and of the window.
func (p Program) common() []string {
	args := []string{"-D", p.data()}
	switch p.Network.Name {
	case "test":
		args = append(args, "--testnet")
	case "regtest":
		args = append(args, "--regtest")
	}
	return append(args, p.Args...)
}

// OpenWindow starts the program's window on the wallet that Run works with, and returns
// when the person has closed it; ctx ends the waiting, not the window. Run must not be
// running.
func (p Program) OpenWindow(ctx context.Context) error {
	if err := p.withDefaults().prepare(ctx, rand.Text()); err != nil {
		return err
	}
	path := p.Window
	if path == "" {
		path = p.Path
	}
	if err := miners.Launch(ctx, miners.Launched{Path: path, Args: append(p.common(), "gui", "-w", p.path()), Dir: p.Dir}); err != nil {
		return fmt.Errorf("open the wallet: %w", err)
	}
	return nil
}
