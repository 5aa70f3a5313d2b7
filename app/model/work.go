package model

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet"
)

// wanted returns the work that s asks for. Work that ends by itself stays wanted
// until its outcome has changed the state.
func (e *Engine) wanted(s State) []task {
	var all []task
	want := func(ok bool, kind taskKind, spec any, work func(context.Context, func(Event))) {
		if ok {
			all = append(all, task{kind, spec, work})
		}
	}
	want(!s.Key.Ready && s.Troubles[fromKey].Code == "", openKey, nil, e.openKey)
	want(!s.Seen, detect, nil, e.detect)
	want(s.Seen && !s.SenseAt.After(s.Now), sense, s.SenseAt, func(ctx context.Context, emit func(Event)) {
		emit(Sensed{e.config.Sense(ctx, s.Machine)})
	})
	want(!s.Settings.Equal(s.Saved), save, s.Settings, func(_ context.Context, emit func(Event)) {
		emit(SettingsSaved{s.Settings, e.config.SaveSettings(s.Settings)})
	})
	want(s.Backup.Busy && s.Key.Ready, backup, s.Backup.Asked, e.saveBackup(e.backup))
	want(s.wantsPool(), ask, poolQuestion{s.Settings.Pool, s.Key.Account}, e.askPool(s.Settings.Pool, s.Key.Account))
	want(s.wantsReport(), report, s.ReportAt, e.report(s))
	want(s.wantsMiner(), mine, s.miningSpec(), e.mine(s.miningSpec()))
	return all
}

type poolQuestion struct{ url, account string }

func (s State) wantsPool() bool {
	return s.Settings.Pool != "" && s.Key.Ready && !s.Pool.AskAt.After(s.Now)
}

func (s State) wantsReport() bool {
	return s.Miner.Running && s.Pool.Known && !s.ReportAt.IsZero() && !s.ReportAt.After(s.Now)
}

func (s State) wantsMiner() bool {
	return s.Wanted && s.Key.Ready && s.Seen && s.Target.Port.URL != "" && !s.Pool.Lost && !s.Troubles[fromMiner].Blocks()
}

// miningSpec is all that a running program depends on.
type miningSpec struct {
	Algorithm pow.Algorithm
	URL, User string
	Threads   int
}

func (s State) miningSpec() miningSpec {
	return miningSpec{s.Target.Algorithm, s.Target.Port.URL, s.User(), s.Threads()}
}

func (e *Engine) openKey(_ context.Context, emit func(Event)) {
	key, created, err := e.config.OpenKey()
	if err != nil {
		emit(KeyFailed{err})
		return
	}
	e.mu.Lock()
	e.key = key
	e.mu.Unlock()
	emit(KeyOpened{Public: key.MiningKey(), Hash: key.PubKeyHash(), Created: created})
}

// signer returns the key; it is zero before KeyOpened.
func (e *Engine) signer() wallet.Key {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.key
}

func (e *Engine) saveBackup(b SaveBackup) func(context.Context, func(Event)) {
	return func(_ context.Context, emit func(Event)) {
		path, err := e.config.SaveBackup(e.signer(), b.Folder, b.Password)
		emit(BackupSaved{path, err})
	}
}

func (e *Engine) detect(ctx context.Context, emit func(Event)) {
	m, err := e.config.Detect(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return
		}
		// Mining does not depend on knowing the hardware.
		m = hwdetect.Machine{Notes: []hwdetect.Note{{Probe: "all", Reason: err.Error()}}}
	}
	emit(MachineSeen{m})
}

func (e *Engine) askPool(address, account string) func(context.Context, func(Event)) {
	return func(ctx context.Context, emit func(Event)) {
		info, stats, err := e.consult(ctx, address, account)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			emit(PoolFailed{address, err})
		default:
			emit(PoolAnswered{address, info, stats})
		}
	}
}

// answerWithin is how long one question to a pool may take.
const answerWithin = 20 * time.Second

func (e *Engine) consult(ctx context.Context, address, account string) (poolapi.PoolInfo, *poolapi.MinerStats, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	pool, err := e.config.Pool(address)
	if err != nil {
		return poolapi.PoolInfo{}, nil, fmt.Errorf("%w: %w", errAddress, err)
	}
	info, err := pool.Info(ctx)
	if err != nil {
		return info, nil, err
	}
	stats, err := pool.Miner(ctx, account)
	if err != nil {
		return info, nil, nil // what it offers is enough to mine; the money is asked for again soon
	}
	return info, &stats, nil
}

// report sends the devices' state, signed by the key. The pool shows it to
// whoever knows the account, so it holds no more than the pool's pages promise.
func (e *Engine) report(s State) func(context.Context, func(Event)) {
	return func(ctx context.Context, emit func(Event)) {
		ctx, cancel := context.WithTimeout(ctx, answerWithin)
		defer cancel()
		pool, err := e.config.Pool(s.Settings.Pool)
		if err == nil {
			err = pool.SendTelemetry(ctx, s.Key.Account, e.signer(), s.telemetry(time.Now()))
		}
		emit(Reported{err})
	}
}

func (s State) telemetry(now time.Time) poolapi.Telemetry {
	t := poolapi.Telemetry{
		Worker: s.Settings.Worker, Time: now.UTC(), Program: s.Program,
		Hashrate: float64(s.Miner.Hashrate), Devices: []poolapi.TelemetryDevice{},
	}
	for _, d := range s.Machine.Devices {
		device := poolapi.TelemetryDevice{Name: d.Name, Kind: string(d.Kind), TemperatureC: d.TemperatureC, FanPercent: d.FanPercent, PowerW: d.PowerW}
		if d.Kind == hwdetect.CPUKind {
			device.Hashrate = float64(s.Miner.Hashrate)
		}
		t.Devices = append(t.Devices, device)
	}
	return t
}

func (e *Engine) mine(spec miningSpec) func(context.Context, func(Event)) {
	return func(ctx context.Context, emit func(Event)) {
		plan := miners.Plan{
			Program: e.config.Program.Path, Algorithm: spec.Algorithm, URL: spec.URL,
			User: spec.User, Password: "x", Threads: spec.Threads,
		}
		err := e.config.Mine(ctx, e.config.Program.Driver, plan, func(ev miners.Event) {
			if _, raw := ev.(miners.Output); !raw {
				emit(MinerSaid{ev})
			}
		})
		if err != nil {
			err = fmt.Errorf("%s: %w", strings.TrimSpace(e.config.Program.Path), err)
		}
		emit(MinerGone{err})
	}
}
