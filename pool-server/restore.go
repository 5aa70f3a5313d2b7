package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/adit-mining/adit/pool-server/backup"
	"github.com/adit-mining/adit/pool-server/config"
)

// runRestore makes a pool of a backup.
func runRestore(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f := newFlags("restore", stderr)
	dir := f.String("dir", "", "the configuration folder to make; it must be new or empty")
	database := f.String("database", "", "where the ledger goes, as postgres://USER:PASSWORD@host:port/name of an empty database (default: a file in the folder)")
	file, err := parseFile(f, args)
	if err != nil {
		return err
	}
	if *dir == "" {
		return errors.New("name the folder that the pool is restored to: --dir")
	}
	m, err := backup.Restore(ctx, file, backup.Target{Dir: *dir, Database: *database})
	if err != nil {
		return fmt.Errorf("%w\nnothing was restored", err)
	}
	if err := printBackup(stdout, file, m, "restored to "+*dir); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "The ledger was read back and holds what the backup says, and every invariant holds.\n\n")
	printAfterRestore(stdout, *dir, m)
	return nil
}

// printAfterRestore says what is left to do.
func printAfterRestore(w io.Writer, dir string, m backup.Manifest) {
	fmt.Fprintf(w, `What is left to do:
- Payouts of all pools are halted: payouts made after %s are not in this
  ledger. "adit-pool payout -h" says how to compare it with the wallet and to resume.
- If the folder data/sharelog of the pool that this backup is of still exists, move it
  to %s/data before the first start: shares in it that the ledger
  lacks are counted then. Without it a new log begins.
- The pool that this backup is of must not run any more: two pools would pay the same.
`, m.Made.Format("2006-01-02 15:04 UTC"), dir)
	if _, err := config.Load(dir); err != nil {
		fmt.Fprintf(w, "- The configuration is as it was, but on this machine this has to be mended before the server starts:\n%v\n", err)
	}
}
