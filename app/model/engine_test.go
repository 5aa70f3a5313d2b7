package model_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adit-mining/adit/app/doctor"
	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/payees"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/hwdetect/presence"
	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/choice"
	"github.com/adit-mining/adit/miners/cpuminer"
	"github.com/adit-mining/adit/miners/install"
	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet"
)

// world is a computer and a pool that do what a test wants.
type world struct {
	mu      sync.Mutex
	down    bool // the pool does not answer, the port neither
	running int  // mining programs now
	most    int  // at the same time
	plans   []miners.Plan
	reports []poolapi.Telemetry
	saved   []settings.Settings
	asked   []time.Time
	refuse  error // why the program cannot start
	backups []string
	shares  atomic.Int64 // that the pool has counted
	safe    safe

	list         poolapi.SignedPayees // that the pool keeps
	listed       int64                // its number
	puts         int
	refusePayees error
	minimums     []poolapi.MinimumRequest
}

func (w *world) Info(context.Context) (poolapi.PoolInfo, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked = append(w.asked, time.Now())
	if w.down {
		return poolapi.PoolInfo{}, silent.Err
	}
	return pool("litecoin", "scrypt"), nil
}

func (w *world) Miner(context.Context, string) (poolapi.MinerStats, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return poolapi.MinerStats{PayeesNumber: w.listed, Coins: []poolapi.CoinMiner{{Coin: "litecoin", Symbol: "LTC", Network: "regtest", Pending: "1.0", Accepted: w.shares.Load()}}}, nil
}

func (w *world) SendTelemetry(_ context.Context, account string, signer poolapi.Signer, t poolapi.Telemetry) error {
	key, signature := poolapi.Sign(poolapi.ForTelemetry(), signer, account, []byte("x"))
	if err := poolapi.Verify(poolapi.ForTelemetry(), account, key, signature, []byte("x")); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reports = append(w.reports, t)
	return nil
}

func (w *world) SignIn(context.Context, string, poolapi.Signer) (string, error) {
	return poolURL + "/signin?token=1", nil
}

// PutPayees and Payees are the list that the pool keeps, by a pool's rules.
func (w *world) PutPayees(_ context.Context, account string, s poolapi.SignedPayees) (poolapi.PayeesKept, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.puts++
	list, err := s.Open(account)
	if err != nil {
		return poolapi.PayeesKept{}, err
	}
	if w.refusePayees != nil {
		return poolapi.PayeesKept{}, w.refusePayees
	}
	w.list, w.listed = s, list.Number
	return poolapi.PayeesKept{Number: list.Number}, nil
}

func (w *world) Payees(context.Context, string, poolapi.Signer) (poolapi.SignedPayees, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.list, nil
}

// PutMinimum keeps what is asked for, and answers as a pool with a minimum of 0.1 does.
func (w *world) PutMinimum(_ context.Context, _ string, _ poolapi.Signer, m poolapi.MinimumRequest) (poolapi.MinimumKept, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.minimums = append(w.minimums, m)
	if w.refusePayees != nil {
		return poolapi.MinimumKept{}, w.refusePayees
	}
	if m.Minimum == nil {
		return poolapi.MinimumKept{Number: m.Number, Minimum: "0.10000000"}, nil
	}
	return poolapi.MinimumKept{Number: m.Number, Minimum: *m.Minimum}, nil
}

// noGuard remembers nothing.
type noGuard struct{}

func (noGuard) Begin(_, _ string) error { return nil }
func (noGuard) End(_, _ string) error   { return nil }

// mine is a mining program that finds a share each second, and takes three
// seconds to leave.
func (w *world) mine(ctx context.Context, _ miners.Driver, p miners.Plan, on func(miners.Event)) error {
	w.mu.Lock()
	if w.refuse != nil {
		defer w.mu.Unlock()
		return w.refuse
	}
	w.running++
	w.most = max(w.most, w.running)
	w.plans = append(w.plans, p)
	w.mu.Unlock()
	on(miners.Started{PID: 1})
	connected := false
	for ctx.Err() == nil {
		w.mu.Lock()
		down := w.down
		w.mu.Unlock()
		switch {
		case down && connected:
			connected = false
			on(miners.Disconnected{Code: miners.CodeDisconnected})
		case !down && !connected:
			connected = true
			on(miners.Connected{})
			on(miners.Hashrate{Hashrate: 100, Device: miners.Whole})
		case !down:
			w.shares.Add(1)
			on(miners.Accepted{N: 1})
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
	time.Sleep(3 * time.Second)
	on(miners.Ended{})
	w.mu.Lock()
	w.running--
	w.mu.Unlock()
	return nil
}

func (w *world) config(t *testing.T) model.Config {
	key, err := wallet.KeyFromBytes(append(make([]byte, 31), 7))
	if err != nil {
		t.Fatal(err)
	}
	chosen := settings.Default()
	chosen.Pool = poolURL
	return model.Config{
		Settings: chosen, Drivers: []miners.Driver{cpuminer.Driver{}, named("minerd")},
		AtLogin:     func(bool) error { return nil },
		SaveRecords: func(choice.Records) error { return nil },
		Guard:       noGuard{},
		Payees:      &payees.Store{Dir: t.TempDir()},
		SavePast:    func(model.Past) error { return nil },
		SaveBundle:  func(model.State, map[string][]string) (string, error) { return "/tmp/bundle.zip", nil },
		Checkup:     func(context.Context, model.State) []doctor.Finding { return nil },
		Presence:    func(context.Context) presence.Presence { return presence.Presence{} },
		Sweep:       func(context.Context) []string { return nil },
		Shelf:       func(context.Context, settings.Settings) model.Shelf { return stocked.Shelf },
		Own:         func(settings.Settings) model.Shelf { return stocked.Shelf },
		Install: func(context.Context, install.Program, install.Build, func(int64, int64)) (string, error) {
			return "", errors.New("nothing to install")
		},
		Verify:  func(model.Program) error { return nil },
		OpenKey: w.safe.open(key), UnlockKey: w.safe.unlock, LockKey: w.safe.lock, ProtectKey: w.safe.protect,
		ReplaceKey: w.safe.replace, RotateKey: func() (string, error) { return "/data/key-old.age", nil },
		SaveSettings: func(s settings.Settings) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.saved = append(w.saved, s)
			return nil
		},
		SaveBackup: func(_ wallet.Keyring, folder, password string) (string, error) {
			w.backups = append(w.backups, folder+":"+password)
			return folder + "/key.age", nil
		},
		Detect: func(context.Context) (hwdetect.Machine, error) { return machine(4), nil },
		Sense:  func(_ context.Context, m hwdetect.Machine) hwdetect.Machine { return m },
		Pool:   func(string) (model.PoolClient, error) { return w, nil },
		Mine:   w.mine,
	}
}

// run starts an engine in virtual time; state waits until nothing moves and
// returns the last state that was shown.
func (w *world) run(t *testing.T, c model.Config, story func(do func(model.Event), state func() model.State)) {
	w.with(t, c, func(ctx context.Context, e *model.Engine, state func() model.State) {
		story(func(ev model.Event) { e.Do(ctx, ev) }, state)
	})
}

// with runs an engine for a story that asks it, too.
func (w *world) with(t *testing.T, c model.Config, story func(ctx context.Context, e *model.Engine, state func() model.State)) {
	bubble.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		engine := model.New(c)
		var mu sync.Mutex
		var last model.State
		var running sync.WaitGroup
		running.Go(func() {
			engine.Run(ctx, func(s model.State) {
				mu.Lock()
				defer mu.Unlock()
				last = s
			})
		})
		state := func() model.State {
			time.Sleep(time.Second)
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			return last
		}
		story(ctx, engine, state)
		cancel()
		running.Wait()
		if w.running != 0 {
			t.Errorf("%d mining programs outlive the engine", w.running)
		}
	})
}

func TestOneClickMines(t *testing.T) {
	w := &world{}
	w.run(t, w.config(t), func(do func(model.Event), state func() model.State) {
		if s := state(); s.Phase() != model.Stopped {
			t.Fatalf("before the click: %s", s.Phase())
		}
		do(model.Start{})
		time.Sleep(3 * time.Second)
		s := state()
		if s.Phase() != model.Mining || s.Totals().Accepted == 0 {
			t.Errorf("%s with %d shares", s.Phase(), s.Totals().Accepted)
		}
		want := miners.Plan{Program: "/opt/adit", Algorithm: "scrypt", URL: "stratum+tcp://pool.example:3333", User: s.Key.Account + ".pc", Password: "x", Threads: 3}
		if len(w.plans) != 1 || fmt.Sprint(w.plans[0]) != fmt.Sprint(want) {
			t.Errorf("plan = %+v, want %+v", w.plans, want)
		}
		if b, known := s.Balance(); !known || b.Pending != 1e8 {
			t.Errorf("balance = %+v", b)
		}
		do(model.Stop{})
		time.Sleep(5 * time.Second)
		if s := state(); s.Phase() != model.Stopped || w.running != 0 {
			t.Errorf("after stop: %s, %d running", s.Phase(), w.running)
		}
	})
}

func TestNeverTwoProgramsAtOnce(t *testing.T) {
	w := &world{}
	c := w.config(t)
	c.Start = true
	w.run(t, c, func(do func(model.Event), state func() model.State) {
		state()
		for range 5 { // the program takes three seconds to leave
			do(model.ChoosePower{Power: settings.Full})
			do(model.Stop{})
			do(model.Start{})
			do(model.ChoosePower{Power: settings.Quiet})
			time.Sleep(700 * time.Millisecond)
		}
		time.Sleep(10 * time.Second)
		s := state()
		if w.most != 1 {
			t.Errorf("%d programs at the same time", w.most)
		}
		if s.Phase() != model.Mining || w.plans[len(w.plans)-1].Threads != 1 {
			t.Errorf("%s, last plan %+v", s.Phase(), w.plans[len(w.plans)-1])
		}
		if last := w.saved[len(w.saved)-1]; last.Power != settings.Quiet {
			t.Errorf("saved power %s", last.Power)
		}
	})
}

func TestReportsAreSignedAndRegular(t *testing.T) {
	w := &world{}
	c := w.config(t)
	c.Start = true
	w.run(t, c, func(_ func(model.Event), state func() model.State) {
		time.Sleep(2*time.Minute + 10*time.Second)
		state()
		if n := len(w.reports); n < 4 || n > 6 {
			t.Errorf("%d reports in two minutes, want one each 30 s and one soon after the start", n)
		}
		if r := w.reports[0]; r.Hashrate != 100 || r.Worker != "pc" || len(r.Devices) != 2 || r.Devices[0].Hashrate != 100 {
			t.Errorf("report = %+v", r)
		}
	})
}

func TestPoolAwayForFiveMinutesAndBack(t *testing.T) {
	w := &world{}
	c := w.config(t)
	c.Start = true
	w.run(t, c, func(_ func(model.Event), state func() model.State) {
		time.Sleep(time.Minute)
		w.mu.Lock()
		w.down = true
		w.mu.Unlock()
		time.Sleep(2 * time.Minute)
		if s := state(); s.Phase() != model.Waiting || w.running != 0 {
			t.Errorf("pool away: %s, %d programs burn power", s.Phase(), w.running)
		}
		time.Sleep(3 * time.Minute)
		w.mu.Lock()
		w.down = false
		asked := slices.Clone(w.asked)
		w.mu.Unlock()
		if gap := asked[len(asked)-1].Sub(asked[len(asked)-2]); gap < 30*time.Second || gap > 70*time.Second {
			t.Errorf("the pool is asked each %v while away", gap)
		}
		time.Sleep(90 * time.Second)
		if s := state(); s.Phase() != model.Mining {
			t.Errorf("pool back: %s", s.Phase())
		}
	})
}

func TestMissingProgramIsToldOnceAndTriedAgainWhenAsked(t *testing.T) {
	w := &world{refuse: fmt.Errorf("%w: no such file", miners.ErrNotStarted)}
	c := w.config(t)
	c.Start = true
	w.run(t, c, func(do func(model.Event), state func() model.State) {
		time.Sleep(time.Minute)
		s := state()
		if p, _ := s.Problem(); s.Phase() != model.Blocked || p.Code != model.MinerMissing {
			t.Fatalf("%s, %+v", s.Phase(), p)
		}
		w.mu.Lock()
		w.refuse = nil
		w.mu.Unlock()
		do(model.Retry{})
		time.Sleep(5 * time.Second)
		if s := state(); s.Phase() != model.Mining {
			t.Errorf("after trying again: %s", s.Phase())
		}
	})
}

func TestKeyTroubleBlocksAndCanBeRetried(t *testing.T) {
	w := &world{}
	c := w.config(t)
	open, broken := c.OpenKey, errors.New("disk full")
	tries := 0
	c.OpenKey = func() (model.Opened, error) {
		if tries++; tries == 1 {
			return model.Opened{}, broken
		}
		return open()
	}
	w.run(t, c, func(do func(model.Event), state func() model.State) {
		if s := state(); s.Phase() != model.Blocked || s.Key.Ready {
			t.Fatalf("%s", s.Phase())
		}
		do(model.Retry{})
		if s := state(); s.Phase() != model.Stopped || !s.Key.Created {
			t.Errorf("%s", s.Phase())
		}
	})
}

func TestBackupIsWrittenAndRemembered(t *testing.T) {
	w := &world{}
	w.with(t, w.config(t), func(ctx context.Context, e *model.Engine, state func() model.State) {
		state()
		path, err := e.SaveFile(ctx, "/stick", "correct horse")
		s := state()
		if err != nil || !s.BackedUp() || path != "/stick/key.age" || len(w.backups) != 1 || w.backups[0] != "/stick:correct horse" {
			t.Errorf("%v %+v %v", err, s.Settings.Backup, w.backups)
		}
		state()
		if len(w.saved) == 0 || !w.saved[len(w.saved)-1].Backup.Safe() {
			t.Error("it is not saved that there is a backup")
		}
	})
}

func TestADamagedHintIsOnlyALineOfTheHistory(t *testing.T) {
	w := &world{}
	c := w.config(t)
	c.HintFault = errors.New("unexpected end of JSON input")
	w.run(t, c, func(_ func(model.Event), state func() model.State) {
		s := state()
		if len(s.History) == 0 || s.History[0].What != model.HintIgnored || s.Hint != "" {
			t.Errorf("history %v, hint %q", s.History, s.Hint)
		}
		if p, trouble := s.Problem(); trouble {
			t.Errorf("a damaged hint is a problem: %+v", p)
		}
	})
}
