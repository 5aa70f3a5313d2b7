// Package load is a stratum load generator, the engine of `adit-pool load`. It
// speaks the protocol as a mining program does, over real connections, and its
// shares are real: each is found by hashing until it meets the difficulty of its
// job. At difficulty 1e-9 that takes about four SHA-256d hashes, so that the server
// is what is measured. Some of the connections may misbehave, see Mix; what becomes
// of them is reported apart.
//
// At a fixed rate a share's latency counts from the time at which it was due, not
// from when it could be sent: a server that stops for a second is charged for all
// the shares of that second, not for one.
//
// It knows nothing of our server and works against any stratum v1 pool of the
// algorithms in miners/pow. It imports no other part of the pool, so that what it
// checks is not checked by the code that made it. What it prints is the caller's
// business: Run returns a Report.
//
// Goroutines: Run owns a reader and a sender for each honest connection, one for each
// that misbehaves, and the pacers of a fixed rate; it has ended them when it returns.
// A connection that breaks is counted, and made again if Options say so; Run returns
// an error only if the options are wrong or no connection could log in.
package load

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/adit-mining/adit/miners/pow"
)

// run is one Run.
type run struct {
	Options
	begun      time.Time
	stop       chan struct{} // closed when no more shares shall be
	hashers    sync.Pool     // of pow.Hasher
	latest     atomic.Pointer[notice]
	difficulty atomic.Pointer[float64] // last one that the server has set
	broadcasts broadcasts
	shards     [shards]shard
	login      histogram
	tally
}

// Run loads the server until o.Duration is over or ctx ends, and says what
// happened.
func Run(ctx context.Context, o Options) (Report, error) {
	if err := o.fill(); err != nil {
		return Report{}, err
	}
	if err := enoughFiles(o.Connections); err != nil {
		return Report{}, fmt.Errorf("load: %w", err)
	}
	if _, err := pow.NewHasher(o.Algorithm); err != nil {
		return Report{}, err
	}
	r := &run{Options: o, begun: time.Now(), stop: make(chan struct{})}
	r.hashers.New = func() any {
		h, _ := pow.NewHasher(o.Algorithm) // as above
		return h
	}
	r.tally.init(o.Mix.share(o.Connections))
	r.broadcasts.byJob = map[string]*arrival{}
	return r.run(ctx)
}

func (r *run) run(ctx context.Context) (Report, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cpu := processorTime()
	connections := r.connect(ctx)
	if len(connections) == 0 && r.roles[Honest] > 0 {
		return r.report(0), fmt.Errorf("load: no connection could log in: %s", r.firstError())
	}
	r.connected(len(connections))
	var all, senders sync.WaitGroup
	for _, c := range connections {
		all.Go(func() { c.read(ctx) })
	}
	r.misbehave(ctx, &all)
	begin := time.Now()
	r.send(&senders, connections)
	senders.Go(func() { r.churn(connections) })
	senders.Go(func() { r.watch(begin) })
	select {
	case <-ctx.Done():
	case <-time.After(r.Duration):
	}
	passed, accepted := time.Since(begin), r.accepted.Load()
	close(r.stop)
	senders.Wait()
	r.settle(connections)
	report := r.report(passed)
	for _, c := range connections {
		c.hangUp()
	}
	cancel()
	all.Wait()
	report.finish(r, accepted, processorTime()-cpu)
	return report, nil
}

func (r *run) now() time.Duration { return time.Since(r.begun) }

// over reports whether the time is up.
func (r *run) over() bool {
	select {
	case <-r.stop:
		return true
	default:
		return false
	}
}

// pause waits, and answers false if the time is up first.
func (r *run) pause(d time.Duration) bool {
	select {
	case <-r.stop:
		return false
	case <-time.After(d):
		return true
	}
}

// connecting is how many connections are made at a time.
const connecting = 64

// connect makes the honest connections and logs them in; failures are counted.
func (r *run) connect(ctx context.Context) []*connection {
	var (
		group sync.WaitGroup
		slots = make(chan struct{}, connecting)
		mu    sync.Mutex
		all   []*connection
	)
	count := r.roles[Honest]
	for n := range count {
		if !r.ramp(ctx, n, count) {
			break
		}
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			c := r.newConnection(n)
			if err := c.login(ctx); err != nil {
				r.fail("connect: " + plain(err, r.addr(n)))
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

// ramp waits for the turn of connection n of count. It answers false if ctx ends first.
func (r *run) ramp(ctx context.Context, n, count int) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(time.Duration(float64(r.Ramp)*float64(n)/float64(count)) - r.now()):
		return true
	}
}

// send starts what sends shares.
func (r *run) send(senders *sync.WaitGroup, connections []*connection) {
	if r.Rate < 0 || len(connections) == 0 {
		return
	}
	for _, c := range connections {
		senders.Go(c.pump)
	}
	if r.Rate == 0 {
		return
	}
	pacers := min(runtime.GOMAXPROCS(0), len(connections))
	begin := r.now()
	for n := range pacers {
		senders.Go(func() { r.pace(connections, begin, n, pacers) })
	}
}

// pace sends every step-th share of r.Rate a second, beginning with the n-th, one
// connection after the other. What it sends was found before it is due.
func (r *run) pace(connections []*connection, begin time.Duration, n, step int) {
	interval := float64(time.Second) / r.Rate
	clock := newClock()
	defer clock.close()
	for ; ; n += step {
		c := connections[n%len(connections)]
		c.prepare()
		due := begin + time.Duration(float64(n)*interval)
		wait := due - r.now()
		if wait > longNap {
			if !r.pause(wait - longNap/2) {
				return
			}
			wait = due - r.now()
		}
		if wait > 0 {
			clock.sleep(wait)
		} else if -wait > time.Millisecond {
			r.late.Add(1)
		}
		if r.over() {
			return
		}
		if !c.submit(due) && !r.another(connections, n, due) {
			r.skipped.Add(1)
		}
	}
}

// another sends a share on a connection near the n-th, which is away.
func (r *run) another(connections []*connection, n int, due time.Duration) bool {
	for k := 1; k <= min(10, len(connections)-1); k++ {
		if connections[(n+k)%len(connections)].submit(due) {
			return true
		}
	}
	return false
}

// longNap is what a clock may sleep: it does not wake when the time is up.
const longNap = 20 * time.Millisecond

// churn has one connection after the other leave and come back.
func (r *run) churn(connections []*connection) {
	if r.Churn <= 0 || len(connections) == 0 {
		return
	}
	interval := float64(time.Second) / r.Churn
	begin := r.now()
	for n := 0; r.pause(begin + time.Duration(float64(n+1)*interval) - r.now()); n++ {
		if connections[n%len(connections)].leave((n+n/len(connections))%2 == 0) {
			r.churned.Add(1)
		}
	}
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

// watch takes the times of blocks and tells the progress, until the time is up.
func (r *run) watch(begin time.Time) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	blocks := r.Blocks
	for {
		select {
		case <-r.stop:
			return
		case at, more := <-blocks:
			if !more {
				blocks = nil
				continue
			}
			r.broadcasts.block(at)
		case <-tick.C:
			if r.Progress != nil {
				r.Progress(r.progress(time.Since(begin)))
			}
		}
	}
}
