// Command adit is the app that lets anybody's computer mine: a window when it is
// started without a command, and the same engine without one:
//
//	adit                opens the window
//	adit mine           mines without a window
//	adit devices        lists processor and graphics cards
//	adit doctor         looks for what keeps this computer from mining
//	adit key            makes, shows, exports, restores or prints the mining key
//	adit sweep          moves all coins of the key to an address
//	adit parse          tells what a mining program's recorded output says
//	adit cpu-miner      is the built-in mining program; the app starts it by itself
//	adit version
//
// This package only wires: flags, files and signals here, deciding in app/model,
// drawing and words in app/view. The signals' context is made here and nowhere
// else; each command returns when all that it started is gone.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/adit-mining/adit/app/view"
	"github.com/adit-mining/adit/miners/cpuminer"
)

// version is overwritten by the release's build.
var version = "0.1.0-dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithCancel(ctx)
	joinConsole(os.Args[1:], cancel)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	cancel()
	stop()
	var misuse usageError
	switch {
	case errors.As(err, &misuse):
		fmt.Fprintf(os.Stderr, "adit: %v\n", err)
		os.Exit(2)
	case err != nil:
		fmt.Fprintf(os.Stderr, "adit: %v\n", err)
		os.Exit(1)
	}
}

const help = `Adit mines coins with this computer. The coins are paid to your own key.

  adit [--pool URL] [--start]   open the window
  adit mine --pool URL          mine without a window
        [--miner builtin|PATH] [--coin ID] [--threads N] [--worker NAME]
        [--duration 60s] [--json]
  adit devices [--json]         list processor and graphics cards
  adit doctor [--pool URL] [--json]
                                look for what keeps this computer from mining
  adit key show [--json]        your mining key and its addresses (public)
  adit key inspect [--json] [--coin ID] [--net NAME]
                                what a secret on stdin is good for (public)
  adit key new [--next] [--out FILE]
                                make a key, or the next one, or one in a file
  adit key export --words | --bip38 | --wif --coin ID [--net main|test|regtest]
        [--out FILE]            the key's words, or the private key
  adit key export --backup FILE save the key, locked by a password
  adit key paper --out FILE.pdf [--kind by-hand|everything|encrypted]
        [--size a4|letter]      a sheet of paper to keep the key on
  adit key payees [--set COIN[:NET]=ADDRESS]... [--clear COIN[:NET]]... [--json]
                                where coins are paid instead of to the key itself
  adit key minimum --coin COIN[:NET] [--set AMOUNT | --clear] [--pool URL] [--json]
                                from which balance on the pool pays a coin
  adit key restore [--file FILE] [--replace] [--index N] [--born DAY]
                                take over a key: words, WIF, hex, BIP 38, a backup
  adit sweep --dry-run|--yes --coin ID [--net NET] --to ADDRESS
        (--pool URL | --rpc URL --cookie FILE | --esplora URL | --electrum HOST:PORT)
        [--fee-rate N] [--key-stdin] [--json]
                                move all coins of the key to an address; without
                                --yes it prints the plan and asks
  adit parse --program NAME [FILE]
                                tell what a mining program printed, as JSON
  adit version

Every command takes --data DIR, the folder for key and settings; ADIT_DATA in the
environment does the same. Without them it is %s.
`

// run is the program without its process.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	command, args := split(args)
	if command == cpuminer.Subcommand {
		return cpuminer.Command(ctx, args, stdout, stderr)
	}
	if err := view.LoadWords(""); err != nil {
		return err
	}
	switch command {
	case "":
		return window(ctx, args, stderr)
	case "mine":
		return mine(ctx, args, stdout, stderr)
	case "devices":
		return devices(ctx, args, stdout, stderr)
	case "doctor":
		return doctorCommand(ctx, args, stdout, stderr)
	case "key":
		return keyCommand(ctx, args, stdin, stdout, stderr)
	case "sweep":
		return sweepCommand(ctx, args, stdin, stdout, stderr)
	case "parse":
		return parseOutput(args, stdin, stdout, stderr)
	case "version":
		_, err := fmt.Fprintf(stdout, "adit %s %s/%s %s\n", version, runtime.GOOS, runtime.GOARCH, runtime.Version())
		return err
	case "help":
		return printHelp(stdout)
	}
	return usageError{fmt.Errorf("there is no command %q; adit help lists them", command)}
}

// split parts a command from its flags; empty is the window's.
func split(args []string) (command string, rest []string) {
	switch {
	case len(args) == 1 && (args[0] == "-h" || args[0] == "-help" || args[0] == "--help"):
		return "help", nil
	case len(args) > 0 && !strings.HasPrefix(args[0], "-"):
		return args[0], args[1:]
	}
	return "", args
}

func printHelp(w io.Writer) error {
	dir, err := defaultDir()
	if err != nil {
		dir = "(unknown here: " + err.Error() + ")"
	}
	_, err = fmt.Fprintf(w, help, dir)
	return err
}

// usageError is a command that makes no sense as it was typed.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// parse reads the flags of a command that takes nothing else. done is true after -h,
// which is no error.
func parse(flags *flag.FlagSet, args []string, stderr io.Writer) (done bool, err error) {
	return parseSome(flags, args, 0, stderr)
}

// parseSome is parse for a command that takes up to most words behind its flags.
func parseSome(flags *flag.FlagSet, args []string, most int, stderr io.Writer) (done bool, err error) {
	flags.SetOutput(stderr)
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return true, nil
	case err != nil:
		return false, usageError{fmt.Errorf("%s: %w", flags.Name(), err)}
	case flags.NArg() > most:
		return false, usageError{fmt.Errorf("%s: what is %q for?", flags.Name(), flags.Arg(most))}
	}
	return false, nil
}
