package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/adit-mining/adit/pool-server/backup"
	"github.com/adit-mining/adit/pool-server/config"
)

// runBackup writes the ledger and the configuration into one file. The server may run
// meanwhile, and need not.
func runBackup(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f := newFlags("backup", stderr)
	dir := f.String("dir", "adit-pool", "the configuration folder")
	secrets := f.Bool("secrets", false, "take secrets/ along: the daemons' passwords, unencrypted")
	force := f.Bool("force", false, "replace the file if it is there")
	verify := f.Bool("verify", false, "check a backup that there is, and make none")
	file, err := parseFile(f, args)
	if err != nil {
		return err
	}
	if *verify {
		m, err := backup.VerifyFile(file)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		return printBackup(stdout, file, m, "is sound")
	}
	c, err := config.Load(*dir)
	if err != nil {
		return err
	}
	if name, ok := c.LedgerFile(); ok {
		if _, err := os.Stat(name); err != nil {
			return fmt.Errorf("%w: %w", errNoLedger, err)
		}
	}
	source := backup.Source{Config: c, Program: version, Secrets: *secrets}
	if *secrets {
		fmt.Fprintln(stderr, "adit-pool: WARNING: this backup holds the passwords of secrets/ in the clear. Who reads it can empty the wallets. Keep it where you would keep them.")
	}
	if file == "-" {
		m, err := backup.WriteStream(ctx, source, stdout)
		if err != nil {
			return err
		}
		return printBackup(stderr, "", m, "written")
	}
	m, err := backup.WriteFile(ctx, source, file, *force)
	if err != nil {
		return err
	}
	return printBackup(stdout, file, m, "written and read back")
}

// parseFile parses the flags of a command that takes one file.
func parseFile(f *flag.FlagSet, args []string) (file string, err error) {
	if file, err = parseOne(f, args); err == nil && file == "" {
		err = errors.New("name one file")
	}
	return file, err
}

// printBackup says what is in a backup. file is "" for a stream.
func printBackup(w io.Writer, file string, m backup.Manifest, how string) error {
	name := file
	if file == "" {
		name = "the backup"
	}
	fmt.Fprintf(w, "%s: %s, of %s\n", name, how, m.Made.Format("2006-01-02 15:04:05 UTC"))
	fmt.Fprintf(w, "  pool      %s: %v\n", m.Server, m.Pools)
	fmt.Fprintf(w, "  ledger    %d rows, schema %d, share log applied up to position %d\n", m.Rows(), m.Schema, m.LogPosition)
	for _, member := range m.Members {
		if member.Tally != nil && member.Table.Name == "balances" {
			fmt.Fprintf(w, "  balances  %d, which add up to %s\n", member.Tally.Rows, member.Tally.Sums["amount"])
		}
	}
	if m.Secrets {
		fmt.Fprintf(w, "  secrets   IN IT, in the clear\n")
	} else {
		fmt.Fprintf(w, "  secrets   not in it\n")
	}
	for _, missing := range m.Missing {
		fmt.Fprintf(w, "  not in it %s\n", missing)
	}
	if file == "" {
		return nil
	}
	sum, err := backup.Sum(file)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "  SHA-256   %s\n", sum)
	return nil
}
