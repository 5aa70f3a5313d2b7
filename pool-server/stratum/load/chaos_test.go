package load_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/pooltest"
	"github.com/adit-mining/adit/pool-server/sharelog"
	"github.com/adit-mining/adit/pool-server/stratum"
	"github.com/adit-mining/adit/pool-server/stratum/load"
	"github.com/adit-mining/adit/pool-server/work"
)

// logged is a real server whose shares go into a real share log.
type logged struct {
	addr   string
	server *stratum.Server
	read   atomic.Int64 // shares that came out of the log again
	stop   func()
}

func startLogged(t *testing.T, durability sharelog.Durability) *logged {
	t.Helper()
	log, err := sharelog.Open(sharelog.Options{Dir: t.TempDir(), Durability: durability, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	p := &logged{}
	accept := func(s stratum.Share, done func(error)) {
		log.Append(sharelog.Record{Pool: "chaos", Account: s.Account, Worker: s.Worker, Difficulty: float64(s.Difficulty), Time: s.Time, Height: s.Height}, done)
	}
	p.server, err = stratum.New(stratum.Config{
		Algorithm: pow.SHA256d, Difficulty: 1e-9,
		Authorize: func(user, _ string) (stratum.Identity, error) { return stratum.Identity{Account: user}, nil },
		Accept:    accept,
		Candidate: func(s stratum.Share, _ *work.Candidate, done func(error)) { accept(s, done) },
	})
	if err != nil {
		t.Fatal(err)
	}
	p.server.SetJob(newJob(t, "0", pow.SHA256d), true)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.addr = listener.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	serving, end := context.WithCancel(context.Background())
	var parts, front sync.WaitGroup
	parts.Go(func() { log.Run(ctx) })
	parts.Go(func() {
		log.Consume(ctx, 0, func(_ context.Context, _, _ uint64, rs []sharelog.Record) error {
			p.read.Add(int64(len(rs)))
			return nil
		})
	})
	front.Go(func() { p.server.Serve(serving, listener) })
	p.stop = sync.OnceFunc(func() {
		end()
		front.Wait()
		cancel()
		parts.Wait()
		log.Close()
	})
	t.Cleanup(p.stop)
	return p
}

// storms are what a network does to miners.
var storms = []pooltest.Weather{
	{Latency: 5 * time.Millisecond, Jitter: 30 * time.Millisecond},
	{CutAfter: 4000},
	{Pieces: 7, CutAfter: 8000},
	{Rate: 20_000},
	{Blackhole: true},
	{Refuse: true},
	{SlowClose: 200 * time.Millisecond, CutAfter: 20_000},
}

// stormTime is how long each lasts: 250 ms, or ADIT_CHAOS_SECONDS shared out.
func stormTime(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("ADIT_CHAOS_SECONDS")
	if text == "" {
		return 250 * time.Millisecond
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 1 {
		t.Fatalf("ADIT_CHAOS_SECONDS: want a number of seconds, have %q", text)
	}
	return time.Duration(seconds) * time.Second / time.Duration(len(storms))
}

// TestNoShareIsLostOrDoubledInBadWeather puts a network that cuts, delays, swallows and
// tears lines apart between miners and server, while jobs change.
func TestNoShareIsLostOrDoubledInBadWeather(t *testing.T) {
	lasts := stormTime(t)
	pool := startLogged(t, sharelog.Fsync)
	calm := footprint(t, pool)
	proxy := pooltest.NewProxy(t, pool.addr)
	type result struct {
		load.Report
		err error
	}
	ran := make(chan result, 1)
	go func() {
		r, err := load.Run(t.Context(), load.Options{
			Addr: proxy.Addr, Connections: 20, Rate: 1000, Churn: 10, Duration: time.Duration(len(storms)+1) * lasts,
			Reconnect: 10 * time.Millisecond, Grace: 2 * time.Second, Mix: load.Mix{load.Honest: 9, load.Duplicate: 1},
		})
		ran <- result{r, err}
	}()
	for i, storm := range storms {
		time.Sleep(lasts / 2)
		pool.server.SetJob(newJob(t, fmt.Sprint("job", i), pow.SHA256d), i%3 == 0)
		proxy.Set(storm)
		time.Sleep(lasts / 2)
		if storm.Blackhole {
			proxy.Cut() // such a connection would last for minutes
		}
	}
	proxy.Set(pooltest.Weather{})
	r := <-ran
	if r.err != nil {
		t.Fatal(r.err)
	}
	pool.isWhole(t, r.Report)
	if proxy.Resets() < 5 || r.Returned < 5 {
		t.Errorf("the weather was too good: %d resets, %d came back", proxy.Resets(), r.Returned)
	}
	after, err := load.Run(t.Context(), load.Options{Addr: proxy.Addr, Connections: 20, Rate: 500, Duration: lasts})
	if err != nil || after.Accepted == 0 || after.Rejected+after.Lost+after.Failed+after.Unanswered != 0 {
		t.Errorf("in fine weather again: %+v, %v", after, err)
	}
	calm.isBack(t, pool)
	t.Logf("%d sent, %d got true, %d without answer, %d resets; the log has %d", r.Sent, r.Accepted, r.Unanswered, proxy.Resets(), pool.read.Load())
}

// isWhole waits until the log has been read, and compares it with what the miners were
// told: each true is there, and nothing that was never sent.
func (p *logged) isWhole(t *testing.T, r load.Report) {
	t.Helper()
	told, sent := r.Accepted, r.Sent
	for _, b := range r.Bad {
		told += b.Accepted
		sent += b.Accepted + b.Sent // its own good shares may be without answer, too
	}
	waitFor(t, "the log is read", func() bool {
		return p.read.Load() >= int64(p.server.Stats().Accepted) && p.server.Stats().Sessions == 0
	})
	have := p.read.Load()
	if have < told || have > sent {
		t.Errorf("%d shares got true of %d sent; the log has %d", told, sent, have)
	}
	if have != int64(p.server.Stats().Accepted) {
		t.Errorf("the server has accepted %d, the log has %d", p.server.Stats().Accepted, have)
	}
	if r.Accepted+r.Rejected+r.Unanswered != r.Sent {
		t.Errorf("the generator lost count: %+v", r)
	}
	wrong := r.Rejected // but for stale ones: a miner hears late of a block, or never if it is cut off
	for reason, n := range r.Rejects {
		if strings.HasPrefix(reason, "21 ") {
			wrong -= n
		}
	}
	if wrong != 0 || r.WronglyAccepted() != 0 {
		t.Errorf("%d honest shares were rejected, %v; wrong ones accepted: %+v", wrong, r.Rejects, r.Bad)
	}
}

// footprint is what the process takes while nobody is connected.
type size struct {
	goroutines int
	heap       uint64
}

// What may be more afterwards: goroutines of the runtime and of the log, and buffers
// that are kept for the next ones.
const (
	moreGoroutines = 10
	moreHeap       = 8 << 20
)

func footprint(t *testing.T, p *logged) size {
	t.Helper()
	waitFor(t, "all sessions are gone", func() bool { return p.server.Stats().Sessions == 0 })
	for range 10 { // the shares of old jobs are remembered as long as these are
		p.server.SetJob(newJob(t, fmt.Sprintf("%x", time.Now().UnixNano()), pow.SHA256d), true)
	}
	runtime.GC()
	runtime.GC() // pools are emptied by the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return size{runtime.NumGoroutine(), m.HeapAlloc}
}

func (s size) isBack(t *testing.T, p *logged) {
	t.Helper()
	waitFor(t, fmt.Sprintf("at most %d goroutines", s.goroutines+moreGoroutines), func() bool {
		return footprint(t, p).goroutines <= s.goroutines+moreGoroutines
	})
	now := footprint(t, p)
	t.Logf("goroutines %d, heap %d kB before; %d, %d kB after", s.goroutines, s.heap>>10, now.goroutines, now.heap>>10)
	more := uint64(moreHeap)
	if os.Getenv("ADIT_CHAOS_SECONDS")+os.Getenv("SOAK_MINUTES") != "" {
		more *= 4 // a long run fills caches that a short one does not
	}
	if now.heap > s.heap+more {
		t.Errorf("the heap had %d bytes, and has %d", s.heap, now.heap)
	}
}

func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	timeout, cancel := context.WithTimeoutCause(t.Context(), 20*time.Second, errors.New(what))
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-timeout.Done():
			t.Fatalf("not in time: %v", context.Cause(timeout))
		}
	}
}
