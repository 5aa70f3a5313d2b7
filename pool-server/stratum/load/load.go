// Package load is a stratum load generator, the engine of `adit-pool load`. It
// speaks the protocol as a mining program does, over real connections, and its
// shares are real: each is found by hashing until it meets the difficulty of its
// job. At difficulty 1e-9 that takes about four SHA-256d hashes, so that the server
// is what is measured.
//
// It knows nothing of our server and works against any stratum v1 pool of the
// algorithms in miners/pow. It imports no other part of the pool, so that what it
// checks is not checked by the code that made it. What it prints is the caller's
// business: Run returns a Report.
//
// Goroutines: Run owns a reader for each connection, and for sending either one
// pacer or a sender each; it has ended them when it returns. A connection that fails is counted and not made
// again; Run returns an error only if the options are wrong or no connection could
// log in.
package load

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/adit-mining/adit/miners/pow"
)

// Options say what to do. Addr, Connections and Duration must be set.
type Options struct {
	Addr        string        // host:port
	Connections int           // at once
	Rate        float64       // shares a second, all connections together; 0 = as many as the server takes, negative = none
	Duration    time.Duration // from when all are connected
	User        string        // "{n}" stands for the connection's number; default "load.{n}"
	Password    string        // default "x"
	Algorithm   pow.Algorithm // default sha256d
	Pipeline    int           // shares of one connection without an answer; default 16
	Grace       time.Duration // for logging in, and for the last answers; default 10 s
}

func (o *Options) fill() error {
	if o.User == "" {
		o.User = "load.{n}"
	}
	if o.Password == "" {
		o.Password = "x"
	}
	if o.Algorithm == "" {
		o.Algorithm = pow.SHA256d
	}
	if o.Pipeline == 0 {
		o.Pipeline = 16
	}
	if o.Grace == 0 {
		o.Grace = 10 * time.Second
	}
	switch {
	case o.Addr == "":
		return errors.New("load: no address")
	case o.Connections < 1:
		return fmt.Errorf("load: connections: want 1 or more, have %d", o.Connections)
	case o.Duration <= 0:
		return fmt.Errorf("load: duration: want more than 0, have %v", o.Duration)
	case o.Pipeline < 1 || o.Pipeline > 10_000:
		return fmt.Errorf("load: pipeline: want 1 to 10000, have %d", o.Pipeline)
	}
	_, err := pow.ParseAlgorithm(string(o.Algorithm))
	return err
}

// run is one Run.
type run struct {
	Options
	hashers chan pow.Hasher // as many as can run at once
	stop    chan struct{}   // closed when no more shares shall be
	tally   tally
}

// Run loads the server until o.Duration is over or ctx ends, and says what
// happened.
func Run(ctx context.Context, o Options) (Report, error) {
	if err := o.fill(); err != nil {
		return Report{}, err
	}
	r := &run{
		Options: o, hashers: make(chan pow.Hasher, runtime.GOMAXPROCS(0)),
		stop:  make(chan struct{}),
		tally: tally{errors: map[string]int64{}, rejects: map[string]int64{}, jobs: map[string]*arrival{}},
	}
	for range cap(r.hashers) {
		h, err := pow.NewHasher(o.Algorithm)
		if err != nil {
			return Report{}, err
		}
		r.hashers <- h
	}
	connections := r.connect(ctx)
	if len(connections) == 0 {
		return r.tally.report(o, 0), fmt.Errorf("load: no connection to %s could log in: %s", o.Addr, r.tally.firstError())
	}
	return r.load(ctx, connections), nil
}

// connecting is how many connections are made at a time.
const connecting = 64

// connect makes the connections and logs them in; failures are counted.
func (r *run) connect(ctx context.Context) []*connection {
	var (
		group sync.WaitGroup
		slots = make(chan struct{}, connecting)
		mu    sync.Mutex
		all   []*connection
	)
	for n := range r.Connections {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			c, err := r.login(ctx, strings.ReplaceAll(r.User, "{n}", fmt.Sprint(n)))
			if err != nil {
				r.tally.fail("connect: " + err.Error())
				return
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, c)
		})
	}
	group.Wait()
	return all
}

// load sends shares on the connections until the time is up, waits for the last
// answers and hangs up.
func (r *run) load(ctx context.Context, connections []*connection) Report {
	var readers, senders sync.WaitGroup
	for _, c := range connections {
		readers.Go(c.read)
	}
	begin := time.Now()
	switch {
	case r.Rate > 0:
		senders.Go(func() { r.pace(connections) })
	case r.Rate == 0:
		for _, c := range connections {
			senders.Go(c.pump)
		}
	}
	select {
	case <-ctx.Done():
	case <-time.After(r.Duration):
	}
	close(r.stop)
	passed := time.Since(begin)
	accepted := r.tally.accepted.Load()
	senders.Wait()
	r.settle(connections)
	for _, c := range connections {
		c.hangUp()
	}
	readers.Wait()
	report := r.tally.report(r.Options, passed)
	report.Connections = len(connections)
	report.SharesPerSecond = float64(accepted) / passed.Seconds()
	return report
}

// settle waits for answers that are still due.
func (r *run) settle(connections []*connection) {
	for end := time.Now().Add(r.Grace); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		due := 0
		for _, c := range connections {
			due += c.due()
		}
		if due == 0 {
			return
		}
	}
}

// pace sends r.Rate shares a second, one connection after the other. A connection
// with a full pipeline is passed over, which the report says.
func (r *run) pace(connections []*connection) {
	interval := float64(time.Second) / r.Rate
	begin := time.Now()
	for n := 0; ; n++ {
		wait := time.Until(begin.Add(time.Duration(float64(n) * interval)))
		if wait > 0 {
			select {
			case <-r.stop:
				return
			case <-time.After(wait):
			}
		}
		select {
		case <-r.stop:
			return
		default:
		}
		if !connections[n%len(connections)].send(1) {
			r.tally.skipped.Add(1)
		}
	}
}
