package cpuminer

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"runtime"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/pow"
)

// Command is the program: it reads the flags that Driver.Args makes (without
// Subcommand), mines until ctx is done, prints its lines on stdout and a log on
// stderr. It raises GOMAXPROCS of the whole process so that the connection never
// waits for a thread that hashes.
func Command(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o := Options{JSON: stdout, Log: stderr}
	flags := flag.NewFlagSet(Subcommand, flag.ContinueOnError)
	flags.SetOutput(stderr)
	algorithm := flags.String("algorithm", string(pow.Scrypt), "`name` of the algorithm: scrypt or sha256d")
	flags.StringVar(&o.URL, "url", "", "the pool, as stratum+tcp://`host:port`")
	flags.StringVar(&o.User, "user", "", "mining `key` or address, and .worker if you like")
	flags.StringVar(&o.Password, "password", "x", "what the pool wants as `password`")
	flags.IntVar(&o.Threads, "threads", 0, "`number` of threads; 0: one for each processor")
	flags.IntVar(&o.Nice, "nice", 10, "how far to step back behind other programs, 0 to 19")
	flags.Float64Var(&o.MaxShares, "max-shares", 20, "shares a second at most")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return fmt.Errorf("%w: %w", ErrOptions, err)
	case flags.NArg() > 0:
		return fmt.Errorf("%w: unexpected argument %q", ErrOptions, flags.Arg(0))
	}
	var err error
	if o.Algorithm, err = pow.ParseAlgorithm(*algorithm); err != nil {
		return fmt.Errorf("%w: %w", ErrOptions, err)
	}
	threads := o.Threads
	if threads <= 0 {
		threads = runtime.NumCPU()
	}
	runtime.GOMAXPROCS(threads + 2)
	err = Run(ctx, o)
	if errors.Is(err, ErrOptions) {
		code := miners.CodeFatal
		if _, bad := parseAddress(o.URL); bad != nil {
			code = miners.CodeBadURL
		}
		(&reporter{out: stdout, log: slog.New(slog.DiscardHandler), fail: func(error) {}}).problem(code, err.Error())
	}
	return err
}
