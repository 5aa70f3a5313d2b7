package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/ledger"
)

// errNoLedger is returned where the server has not run yet.
var errNoLedger = errors.New("no ledger yet: the server has not run with this folder")

// openLedger opens the ledger of a configuration and makes it if there is none.
func openLedger(ctx context.Context, c *config.Config) (*ledger.Ledger, error) {
	where, err := c.Ledger()
	if err != nil {
		return nil, err
	}
	return ledger.Open(ctx, where.Reveal())
}

// openLedgerThere opens the ledger of a configuration for a command beside the server;
// errNoLedger says that there is no file of it.
func openLedgerThere(ctx context.Context, c *config.Config) (*ledger.Ledger, error) {
	if file, ok := c.LedgerFile(); ok {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%w: %w", errNoLedger, err)
		}
	}
	book, err := openLedger(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("open the ledger: %w", err)
	}
	return book, nil
}

// ledgerAdvice says what to do about a ledger that cannot be opened.
func ledgerAdvice(c *config.Config) string {
	if _, ok := c.LedgerFile(); !ok {
		return "It holds what miners are owed, and nothing goes without it: see that the database answers; an empty one would pay nobody"
	}
	return "It holds what miners are owed: if it is damaged, keep it and put a backup in its place; an empty one would pay nobody"
}
