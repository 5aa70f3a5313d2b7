package corewallet

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/adit-mining/adit/miners"
)

// OpenWindow starts the program with a window on the wallet that Run works with, and
// returns when the person has closed it; ctx ends the waiting, not the window. Run must
// not be running: there is one program at a time on a wallet.
func (p Program) OpenWindow(ctx context.Context) error {
	if p.Window == "" {
		return fmt.Errorf("%w: it has no window", ErrCannot)
	}
	if err := p.withDefaults().prepare(ctx); err != nil {
		return err
	}
	// Its own settings, of the window's size and the like, stay away from those of a
	// wallet that the person has already.
	config := filepath.Join(p.Dir, "config")
	if err := os.MkdirAll(config, 0o700); err != nil {
		return fmt.Errorf("make the wallet's folder: %w", err)
	}
	args := append(p.common(), "-server=0") // no second way in, and no quarrel over the usual port
	if _, err := os.Stat(filepath.Join(p.wallets(), WalletName)); err == nil {
		args = append(args, "-wallet="+WalletName)
	}
	err := miners.Launch(ctx, miners.Launched{Path: p.Window, Args: append(args, p.Args...), Dir: p.Dir, Env: []string{"XDG_CONFIG_HOME=" + config}})
	if err != nil {
		return fmt.Errorf("open the wallet: %w", err)
	}
	return nil
}
