// Package cpuminer is Adit's own mining program for processors: a stratum v1
// client, threads that hash, and the driver by which the app reads it. It can
// mine with every algorithm of miners/pow, needs nothing downloaded, and is the
// reference against which the pool server is tested.
//
// It leaves hashing to miners/pow, and being started, watched and started again
// to miners. Run owns one goroutine per thread, one for the connection, one that
// reads from it and one that measures; all are gone when it returns. A pool that
// is away, silent, talks nonsense or refuses the user is told of and tried again
// with growing pauses; only options that can never work are errors.
//
// # What it prints
//
// On its standard output the program prints one JSON object a line, each with an
// "event" (the type Line has the fields):
//
//	started       version (of this list: 1), algorithm, threads
//	connected     pool: the pool let us in
//	difficulty    difficulty: of the shares of the jobs that follow
//	job           job, height (where the coinbase tells), clean
//	hashrate      hashrate, per_thread: over the last seconds; 0 when there is no work
//	accepted      accepted, rejected: how many in this run
//	rejected      accepted, rejected, code and reason: the last one's
//	disconnected  code (disconnected, timeout), reason; it connects again by itself
//	problem       code (as miners.Code), reason; it tries again by itself
//	message       reason: what the pool wants its miners to read
//
// Readers pass over events and fields that they do not know. A log for people is
// on the standard error output; none of its lines begins with a brace.
package cpuminer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/adit-mining/adit/miners/pow"
)

// ErrOptions is why options can never work.
var ErrOptions = errors.New("bad options")

// Options say what to mine, for whom, and how hard.
type Options struct {
	URL       string        // the pool: stratum+tcp://host:port, stratum+ssl://host:port (TLS), or host:port
	User      string        // account and worker, as KEY.rig1
	Password  string        // mostly "x"
	Algorithm pow.Algorithm // one of miners/pow
	Threads   int           // 0: as many as the computer has processors
	Nice      int           // 1 to 19: step back behind other programs, 19 the furthest; 0: do not
	MaxShares float64       // shares a second at most, lest a much too low difficulty flood the pool; 0: 20

	JSON io.Writer // gets the lines that the package comment lists; nil: nowhere
	Log  io.Writer // gets a log for people; nil: nowhere

	// Dial opens connections; nil: as usual. It is for tests and for proxies.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Run mines until ctx is done, and then returns nil. It returns an error if the
// options can never work (ErrOptions) or if nobody reads JSON any more.
func Run(ctx context.Context, o Options) error {
	pool, err := o.complete()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	say := &reporter{out: o.JSON, log: slog.New(slog.NewTextHandler(o.Log, nil)), fail: cancel}
	m := &miner{options: o, say: say, board: newBoard(), shares: make(chan share), hashes: make([]atomic.Uint64, o.Threads)}
	say.started(o.Algorithm, o.Threads)

	group, ctx := errgroup.WithContext(ctx)
	for i := range o.Threads {
		group.Go(func() error { return m.hash(ctx, &m.hashes[i]) })
	}
	group.Go(func() error { m.measure(ctx); return nil })
	group.Go(func() error {
		c := &client{miner: m, pool: pool}
		c.run(ctx)
		return nil
	})
	if err := group.Wait(); err != nil {
		return err
	}
	return say.failure()
}

// complete fills in what is left out and refuses what cannot work.
func (o *Options) complete() (pool address, err error) {
	if pool, err = parseAddress(o.URL); err != nil {
		return pool, fmt.Errorf("%w: pool's URL: %w", ErrOptions, err)
	}
	if _, err := pow.NewHasher(o.Algorithm); err != nil {
		return pool, fmt.Errorf("%w: %w", ErrOptions, err)
	}
	if o.User == "" {
		return pool, fmt.Errorf("%w: user: want a mining key or an address, have nothing", ErrOptions)
	}
	if o.Threads < 0 || o.Threads > 1024 {
		return pool, fmt.Errorf("%w: threads: want 0 to 1024, have %d", ErrOptions, o.Threads)
	}
	if o.Nice < 0 || o.Nice > 19 {
		return pool, fmt.Errorf("%w: nice: want 0 to 19, have %d", ErrOptions, o.Nice)
	}
	if !(o.MaxShares >= 0) {
		return pool, fmt.Errorf("%w: shares a second: want 0 or more, have %v", ErrOptions, o.MaxShares)
	}
	if o.Threads == 0 {
		o.Threads = runtime.NumCPU()
	}
	if o.MaxShares == 0 {
		o.MaxShares = 20
	}
	if o.JSON == nil {
		o.JSON = io.Discard
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.Dial == nil {
		o.Dial = (&net.Dialer{Timeout: connectTime}).DialContext
	}
	return pool, nil
}
