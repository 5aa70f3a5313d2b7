// Adit-pool is the pool server: stratum, share log, ledger, payouts, website and
// API in one program. This package parses the command line, loads the
// configuration and wires the packages below together; what they do is theirs.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sort"
	"strings"
	"syscall"
)

// version is set by the release builder.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "adit-pool:", err)
		stop()
		os.Exit(1)
	}
}

// command is one word of the command line.
type command struct {
	summary string
	run     func(ctx context.Context, args []string, stdout, stderr io.Writer) error
}

func commands() map[string]command {
	return map[string]command{
		"init":        {"write a configuration, or add a coin to one", runInit},
		"check":       {"say what is wrong with a configuration, or what is in force", runCheck},
		"serve":       {"run the pool", runServe},
		"demo":        {"run a pool with its own coin, to try everything", runDemo},
		"blocknotify": {"tell the running pool of a new block, for the daemon's -blocknotify", runBlockNotify},

		"backup":      {"write the ledger and the configuration into one file, while the server runs", runBackup},
		"import-nomp": {"make a pool of what a NOMP has: configuration, balances, blocks, shares", runImportNOMP},
		"restore":     {"make a pool of a backup, in an empty folder", runRestore},

		"load":    {"load a stratum port with real shares, and measure it", runLoad},
		"status":  {"say how a server is doing; exit status 1 if it needs you", runStatus},
		"admin":   {"a link that lets you into the operator's pages, and what operators did", runAdmin},
		"payout":  {"plan, make, hold, explain and mend payouts", runPayout},
		"version": {"print the version", runVersion},
	}
}

// run is the whole program: it returns when the command is done or ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	all := commands()
	if len(args) == 0 {
		printUsage(stderr, all)
		return errors.New("no command")
	}
	if args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		printUsage(stdout, all)
		return nil
	}
	c, known := all[args[0]]
	if !known {
		printUsage(stderr, all)
		return fmt.Errorf("no such command: %q", args[0])
	}
	return c.run(ctx, args[1:], stdout, stderr)
}

func printUsage(w io.Writer, all map[string]command) {
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	sort.Strings(names)
	var b strings.Builder
	b.WriteString("usage: adit-pool COMMAND [flags]; adit-pool COMMAND -h lists a command's flags\n\n")
	for _, name := range names {
		fmt.Fprintf(&b, "  %-11s %s\n", name, all[name].summary)
	}
	io.WriteString(w, b.String())
}

// newFlags returns a flag set that reports faults instead of ending the program.
func newFlags(name string, stderr io.Writer) *flag.FlagSet {
	f := flag.NewFlagSet("adit-pool "+name, flag.ContinueOnError)
	f.SetOutput(stderr)
	return f
}

// parse parses args and refuses what is left over.
func parse(f *flag.FlagSet, args []string) error {
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	return nil
}

// parseOne parses args of a command that takes one argument beside its flags, before,
// between or behind them. It is "" if there is none.
func parseOne(f *flag.FlagSet, args []string) (one string, err error) {
	if err := f.Parse(args); err != nil {
		return "", err
	}
	if one = f.Arg(0); one == "" {
		return "", nil
	}
	return one, parse(f, f.Args()[1:])
}

func runVersion(_ context.Context, _ []string, stdout, _ io.Writer) error {
	_, err := fmt.Fprintln(stdout, "adit-pool", version)
	return err
}
