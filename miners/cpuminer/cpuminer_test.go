package cpuminer_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/cpuminer"
	"github.com/adit-mining/adit/miners/pow"
)

// A recorder is the miner's standard output: it parses as the app does.
type recorder struct {
	t      testing.TB
	mu     sync.Mutex
	events []miners.Event
	parser miners.Parser
}

func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if bytes.Count(p, []byte("\n")) != 1 || !bytes.HasSuffix(p, []byte("\n")) {
		r.t.Errorf("one Write is not one line: %q", p)
	}
	r.events = append(r.events, r.parser.Parse(strings.TrimSpace(string(p)))...)
	return len(p), nil
}

// count returns how many events there were for which is says yes.
func (r *recorder) count(is func(miners.Event) bool) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if is(e) {
			n++
		}
	}
	return n
}

func (r *recorder) problems(code miners.Code) int {
	return r.count(func(e miners.Event) bool {
		p, ok := e.(miners.Problem)
		return ok && p.Code == code
	})
}

// start runs a miner until the test ends, and returns what it prints.
func start(t testing.TB, o cpuminer.Options) *recorder {
	t.Helper()
	out := &recorder{t: t, parser: cpuminer.Driver{}.NewParser()}
	if o.User == "" {
		o.User = "KEY.rig1"
	}
	o.Password, o.JSON, o.Log = "x", out, t.Output()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- cpuminer.Run(ctx, o) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
	return out
}

func wantNoBadShares(t *testing.T, p *testPool, tolerated ...string) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for verdict, n := range p.verdicts {
		if verdict != "ok" && !strings.Contains(strings.Join(tolerated, " "), verdict) {
			t.Errorf("%d shares were %s", n, verdict)
		}
	}
}

func TestEveryShareIsGoodAndCountedOnce(t *testing.T) {
	for _, row := range []struct {
		algorithm  pow.Algorithm
		difficulty pow.Difficulty
		size       int
	}{
		{pow.Scrypt, 0.0005, 4},
		{pow.Scrypt, 1e-9, 8},
		{pow.SHA256d, 0.000005, 4},
		{pow.SHA256d, 0.000005, 0},
	} {
		t.Run(string(row.algorithm), func(t *testing.T) {
			p := newTestPool(t, row.algorithm)
			p.size = row.size
			out := start(t, cpuminer.Options{URL: p.listen(), Algorithm: row.algorithm, Threads: 3, Nice: 5, MaxShares: 200})
			p.await("login", func() bool { return p.authorized == 1 })
			p.send("first", row.difficulty, true)
			p.await("shares", func() bool { return p.verdicts["ok"] >= 25 })
			p.send("second", row.difficulty*2, false)
			p.setExtranonce([]byte{9, 9})
			p.send("third", row.difficulty, false)
			p.await("more shares", func() bool { return p.verdicts["ok"] >= 75 })
			wantNoBadShares(t, p)

			for out.count(isAccepted) < 75 {
				time.Sleep(time.Millisecond)
			}
			for name, is := range map[string]func(miners.Event) bool{
				"Connected":  func(e miners.Event) bool { _, ok := e.(miners.Connected); return ok },
				"Difficulty": func(e miners.Event) bool { d, ok := e.(miners.Difficulty); return ok && d.Difficulty == row.difficulty },
				"Job": func(e miners.Event) bool {
					return e == miners.Event(miners.Job{ID: "first-0", Height: 899016, Clean: true})
				},
			} {
				if out.count(is) == 0 {
					t.Errorf("no %s was told", name)
				}
			}
		})
	}
}

func isAccepted(e miners.Event) bool { _, ok := e.(miners.Accepted); return ok }

func TestHashrateIsToldEarlyAndIsPlausible(t *testing.T) {
	p := newTestPool(t, pow.SHA256d)
	out := start(t, cpuminer.Options{URL: p.listen(), Algorithm: pow.SHA256d, Threads: 2})
	p.await("login", func() bool { return p.authorized == 1 })
	p.send("job", 1e6, true)
	begin := time.Now()
	whole := func(e miners.Event) bool {
		h, ok := e.(miners.Hashrate)
		return ok && h.Device == miners.Whole && h.Hashrate > 1000
	}
	for out.count(whole) == 0 {
		if time.Since(begin) > 15*time.Second {
			t.Fatal("no hashrate within 15 s")
		}
		time.Sleep(10 * time.Millisecond)
	}
	thread := func(e miners.Event) bool { h, ok := e.(miners.Hashrate); return ok && h.Device == 1 }
	if out.count(thread) == 0 {
		t.Error("no hashrate for the second thread")
	}
	p.hangUp()
	zero := func(e miners.Event) bool { h, ok := e.(miners.Hashrate); return ok && h.Hashrate == 0 }
	lost := func(e miners.Event) bool {
		d, ok := e.(miners.Disconnected)
		return ok && d.Code == miners.CodeDisconnected
	}
	for out.count(lost) == 0 || out.count(zero) == 0 {
		if time.Since(begin) > 30*time.Second {
			t.Fatal("the end of the connection was not told, or the hashrate did not become zero")
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestAPoolThatDoesNotAnswerGetsFewShares(t *testing.T) {
	p := newTestPool(t, pow.Scrypt)
	p.mute = true
	start(t, cpuminer.Options{URL: p.listen(), Algorithm: pow.Scrypt, Threads: 2, MaxShares: 1e6})
	p.await("login", func() bool { return p.authorized == 1 })
	p.send("job", 1e-9, true)
	p.await("a share", func() bool { return p.verdicts["ok"] > 0 })
	time.Sleep(300 * time.Millisecond) // hundreds could have come
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := p.verdicts["ok"]; n > 16 {
		t.Errorf("%d shares are without an answer, want at most 16", n)
	}
}

func TestMuchTooLowDifficultyDoesNotFlood(t *testing.T) {
	if n := cpuminer.Passed(20, time.Minute); n < 1200 || n > 1240 {
		t.Errorf("a pace of 20 a second let %d pass in a minute", n)
	}
	p := newTestPool(t, pow.SHA256d)
	start(t, cpuminer.Options{URL: p.listen(), Algorithm: pow.SHA256d, Threads: 1, MaxShares: 5})
	p.await("login", func() bool { return p.authorized == 1 })
	begin := time.Now()
	p.send("job", 1e-12, true)
	p.await("shares", func() bool { return p.verdicts["ok"] >= 12 })
	if took := time.Since(begin); took < time.Second {
		t.Errorf("12 shares at 5 a second came within %v", took)
	}
	wantNoBadShares(t, p)
}

func TestOldWorkIsLeftAtACleanJob(t *testing.T) {
	p := newTestPool(t, pow.Scrypt)
	start(t, cpuminer.Options{URL: p.listen(), Algorithm: pow.Scrypt, Threads: 2})
	p.await("login", func() bool { return p.authorized == 1 })
	p.send("old", 1e-9, true)
	p.await("a share", func() bool { return p.verdicts["ok"] > 0 })
	p.send("new", 1e-9, true)
	time.Sleep(500 * time.Millisecond) // what was on the way has come
	p.mu.Lock()
	old := p.jobs["old-0"]
	old.stale = true
	p.jobs["old-0"] = old
	before := p.verdicts["ok"]
	p.mu.Unlock()
	p.await("shares of the new job", func() bool { return p.verdicts["ok"] >= before+10 })
	wantNoBadShares(t, p)
}

func TestConnectsAgainWhenThePoolHangsUp(t *testing.T) {
	p := newTestPool(t, pow.Scrypt)
	start(t, cpuminer.Options{URL: p.listen(), Algorithm: pow.Scrypt, Threads: 1})
	p.await("login", func() bool { return p.authorized == 1 })
	p.send("before", 1e-9, true)
	p.await("a share", func() bool { return p.verdicts["ok"] > 0 })
	p.hangUp()
	p.await("another login", func() bool { return p.authorized == 2 })
	p.mu.Lock()
	before := p.verdicts["ok"]
	p.mu.Unlock()
	p.send("after", 1e-9, true)
	p.await("a share again", func() bool { return p.verdicts["ok"] > before })
	wantNoBadShares(t, p)
}

func TestFollowsThePoolToAnotherPort(t *testing.T) {
	first, second := newTestPool(t, pow.Scrypt), newTestPool(t, pow.Scrypt)
	url := second.listen()
	out := start(t, cpuminer.Options{URL: first.listen(), Algorithm: pow.Scrypt, Threads: 1})
	first.await("login", func() bool { return first.authorized == 1 })
	first.tell("client.show_message", "we move\nhouse")
	first.tell("client.reconnect", "pool.invalid", 1, 0) // whoever says this is not the pool
	first.tell("client.reconnect", "", url[strings.LastIndex(url, ":")+1:], 0)
	second.await("login", func() bool { return second.authorized == 1 })
	second.send("job", 1e-9, true)
	second.await("a share", func() bool { return second.verdicts["ok"] > 0 })
	if out.count(func(e miners.Event) bool { return e == miners.Event(miners.Message{Text: "we move house"}) }) != 1 {
		t.Error("the pool's message was not told")
	}
}

func TestRedirectsStayInThePoolsDomain(t *testing.T) {
	for _, row := range []struct{ url, host, port, want string }{
		{"stratum+tcp://eu.pool.example:3333", "us.pool.example", "3334", "us.pool.example:3334"},
		{"stratum+tcp://eu.pool.example:3333", "", "", "eu.pool.example:3333"},
		{"stratum+tcp://eu.pool.example:3333", "EU.POOL.EXAMPLE", "", "EU.POOL.EXAMPLE:3333"},
		{"stratum+tcp://eu.pool.example:3333", "thief.example", "3333", ""},
		{"stratum+tcp://eu.pool.example:3333", "127.0.0.1", "3333", ""},
		{"stratum+tcp://127.0.0.1:3333", "127.0.0.1", "3334", "127.0.0.1:3334"},
		{"stratum+tcp://127.0.0.1:3333", "127.1.0.1", "3334", ""},
		{"stratum+tcp://127.0.0.1:3333", "", "99999", ""},
	} {
		got, err := cpuminer.Redirected(row.url, row.host, row.port)
		if (err != nil) != (row.want == "") || (err == nil && got != row.want) {
			t.Errorf("%s to %q:%q = %v, %v, want %q", row.url, row.host, row.port, got, err, row.want)
		}
	}
}

func TestOptionsThatCannotWorkAreRefused(t *testing.T) {
	good := cpuminer.Options{URL: "127.0.0.1:1", User: "KEY", Algorithm: pow.Scrypt}
	for name, spoil := range map[string]func(*cpuminer.Options){
		"no URL":          func(o *cpuminer.Options) { o.URL = "" },
		"HTTP":            func(o *cpuminer.Options) { o.URL = "http://127.0.0.1:1" },
		"no port":         func(o *cpuminer.Options) { o.URL = "stratum+tcp://127.0.0.1" },
		"port 0":          func(o *cpuminer.Options) { o.URL = "127.0.0.1:0" },
		"no user":         func(o *cpuminer.Options) { o.User = "" },
		"algorithm":       func(o *cpuminer.Options) { o.Algorithm = "x11" },
		"threads":         func(o *cpuminer.Options) { o.Threads = -1 },
		"nice":            func(o *cpuminer.Options) { o.Nice = 20 },
		"negative shares": func(o *cpuminer.Options) { o.MaxShares = -1 },
	} {
		o := good
		spoil(&o)
		if err := cpuminer.Run(t.Context(), o); !errors.Is(err, cpuminer.ErrOptions) {
			t.Errorf("%s: Run = %v, want ErrOptions", name, err)
		}
	}
}

func TestEndsWhenNobodyReads(t *testing.T) {
	r, w := io.Pipe()
	r.Close()
	err := cpuminer.Run(t.Context(), cpuminer.Options{URL: "127.0.0.1:1", User: "KEY", Algorithm: pow.Scrypt, Threads: 1, JSON: w})
	if !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("Run = %v, want that the pipe is closed", err)
	}
}

func TestCommandReadsTheDriversArguments(t *testing.T) {
	p := newTestPool(t, pow.SHA256d)
	p.authorize = func(user, password string) any {
		if user != "KEY.rig 1" || password != "secret" {
			return "got " + user + " and " + password
		}
		return nil
	}
	args := cpuminer.Driver{}.Args(miners.Plan{URL: p.listen(), User: "KEY.rig 1", Password: "secret", Algorithm: pow.SHA256d, Threads: 1})
	if args[0] != cpuminer.Subcommand {
		t.Fatalf("first argument = %q, want %q", args[0], cpuminer.Subcommand)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	var out, log bytes.Buffer
	go func() { ended <- cpuminer.Command(ctx, args[1:], &out, &log) }()
	p.await("login", func() bool { return p.authorized == 1 })
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Command = %v", err)
	}
	if strings.Contains(out.String()+log.String(), "secret") {
		t.Error("the password was printed")
	}
	for line := range strings.Lines(log.String()) {
		if strings.HasPrefix(line, "{") {
			t.Errorf("a line of the log looks like an event: %s", line)
		}
	}
	for _, bad := range [][]string{{"--nosuch"}, {"--algorithm", "x11"}, {"stray"}, {"--url", "x"}} {
		if err := cpuminer.Command(ctx, bad, io.Discard, io.Discard); !errors.Is(err, cpuminer.ErrOptions) {
			t.Errorf("Command(%q) = %v, want ErrOptions", bad, err)
		}
	}
}
