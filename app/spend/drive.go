package spend

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/adit-mining/adit/miners/install"
	"github.com/adit-mining/adit/wallet/corewallet"
	"github.com/adit-mining/adit/wallet/electrumwallet"
)

// A driver runs a wallet program of one family.
type driver interface {
	Run(ctx context.Context, starting func(doing string), use func(ctx context.Context, w Wallet) error) error
	OpenWindow(ctx context.Context) error
}

// drive returns the driver of a program. Each program has a folder of its own for each
// network of a coin, whatever its version.
func drive(c Config, have installed, o Order) driver {
	dir := filepath.Join(c.Dir, o.Network.Coin.ID+"-"+o.Network.Name, have.program.Name)
	if have.program.Wallet.Driver == install.Electrum {
		return electrumDriver{electrumwallet.Program{
			Path: have.on.Path(), Window: have.on.WindowPath(), Dir: dir, Network: o.Network, Imported: o.Way == Import,
			Blocked: have.program.Wallet.BlockedVersion, Passphrase: c.Ask.Passphrase,
			Args: c.Args, Patience: c.Patience, Poll: c.Poll, Grace: c.Grace,
		}}
	}
	return coreDriver{corewallet.Program{
		Path: have.on.Path(), Window: have.on.WindowPath(), Dir: dir, Network: o.Network,
		Blocked: have.program.Wallet.BlockedVersion, Passphrase: c.Ask.Passphrase,
		Args: c.Args, Patience: c.Patience, Poll: c.Poll, Grace: c.Grace,
	}}
}

type coreDriver struct{ program corewallet.Program }

func (d coreDriver) Run(ctx context.Context, starting func(string), use func(context.Context, Wallet) error) error {
	d.program.Starting = starting
	return d.program.Run(ctx, func(ctx context.Context, w *corewallet.Wallet) error { return use(ctx, w) })
}

func (d coreDriver) OpenWindow(ctx context.Context) error { return d.program.OpenWindow(ctx) }

type electrumDriver struct{ program electrumwallet.Program }

func (d electrumDriver) Run(ctx context.Context, _ func(string), use func(context.Context, Wallet) error) error {
	return d.program.Run(ctx, func(ctx context.Context, w *electrumwallet.Wallet) error { return use(ctx, w) })
}

func (d electrumDriver) OpenWindow(ctx context.Context) error { return d.program.OpenWindow(ctx) }

// Open opens the window of the wallet that Run made for o, and returns when the person
// has closed it, or ctx ends, after which the window stays. The program is checked against
// the catalogue's hashes before. The error is a *Problem.
func Open(ctx context.Context, c Config, o Order) error {
	c = c.withDefaults()
	r := &running{Config: c, order: o}
	err := func() error {
		choice, err := r.choose()
		if err != nil {
			return err
		}
		on, err := c.Store.Have(choice.program, choice.build)
		if err != nil {
			return fmt.Errorf("open the wallet: %w", err)
		}
		return c.drive(c, installed{choice, on}, o).OpenWindow(ctx)
	}()
	if err != nil {
		return explain(Starting, o, err)
	}
	return nil
}
