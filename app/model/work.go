package model

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/hwdetect"
	"github.com/adit-mining/adit/pool-server/poolapi"
)

// wanted returns the work that s asks for. Work that ends by itself stays wanted
// until its outcome has changed the state.
func (e *Engine) wanted(s State) []task {
	var all []task
	want := func(ok bool, kind taskKind, spec any, work func(context.Context, func(Event))) {
		if ok {
			all = append(all, task{taskName{kind: kind}, spec, work})
		}
	}
	want(!s.Key.Ready && s.Troubles[fromKey].Code == "", openKey, nil, e.openKey)
	want(!s.swept, sweep, nil, e.sweep)
	want(!s.Seen, detect, nil, e.detect)
	want(s.Seen && !s.SenseAt.After(s.Now), sense, s.SenseAt, func(ctx context.Context, emit func(Event)) {
		emit(Sensed{e.config.Sense(ctx, s.Machine)})
	})
	want(!s.LookAt.After(s.Now), look, s.LookAt, func(ctx context.Context, emit func(Event)) {
		emit(PresenceSeen{e.config.Presence(ctx)})
	})
	want(s.stocked != s.stockSpec(), stock, s.stockSpec(), func(ctx context.Context, emit func(Event)) {
		if len(s.Shelf.Programs) == 0 {
			emit(ShelfSeen{Shelf: e.config.Own(s.Settings)})
		}
		emit(ShelfSeen{s.stockSpec(), e.config.Shelf(ctx, s.Settings)})
	})
	unsaved := !s.Settings.Equal(s.Saved)
	want(unsaved, save, settingsSpec(unsaved, s.Settings), func(_ context.Context, emit func(Event)) {
		emit(SettingsSaved{s.Settings, e.config.SaveSettings(s.Settings)})
	})
	want(s.Settings.AtLogin != s.atLogin, login, s.Settings.AtLogin, func(_ context.Context, emit func(Event)) {
		emit(LoginSet{s.Settings.AtLogin, e.config.AtLogin(s.Settings.AtLogin == settings.Yes)})
	})
	want(s.Now.Sub(s.pastKept) > keepPastEvery, remember, s.pastKept, func(_ context.Context, emit func(Event)) {
		_ = e.config.SavePast(s.past()) // it is a memory, not money: the next time it may go better
		emit(PastSaved{})
	})
	want(s.trial.rev != s.recorded, record, s.trial.rev, func(_ context.Context, emit func(Event)) {
		_ = e.config.SaveRecords(s.Records) // what is not kept is measured again
		emit(RecordsSaved{s.trial.rev})
	})
	want(s.Page.Busy && s.Key.Ready && !s.Key.Locked, page, s.Page.Asked, e.openPage(s))
	want(s.Spending.Busy && s.Key.Ready, spend, s.Spending.Asked, e.spend(s))
	want(s.Bundle.Busy, bundle, s.Bundle.Asked, func(_ context.Context, emit func(Event)) {
		path, err := e.config.SaveBundle(s, e.outputs())
		emit(BundleSaved{path, err})
	})
	want(s.Checkup.Busy, checkup, s.Checkup.Asked, func(ctx context.Context, emit func(Event)) {
		emit(CheckupDone{e.config.Checkup(ctx, s)})
	})
	want(s.wantsPool(), ask, poolQuestion{s.Settings.Pool, s.Key.Account}, e.askPool(s.Settings.Pool, s.Key.Account))
	want(s.wantsReport(), report, s.ReportAt, e.report(s))
	all = append(all, e.payeesWork(s)...)
	all = append(all, e.fetches(s)...)
	return append(all, e.mines(s)...)
}

// keepPastEvery is how often the memory is written: what a crash may cost.
const keepPastEvery = 5 * time.Minute

type poolQuestion struct{ url, account string }

func (s State) wantsPool() bool {
	return s.Settings.Pool != "" && s.Key.Ready && !s.Pool.AskAt.After(s.Now)
}

func (s State) wantsReport() bool {
	return s.anyRunning() && s.Pool.Known && !s.Key.Locked && !s.ReportAt.IsZero() && !s.ReportAt.After(s.Now)
}

// settingsSpec tells settings that are to be saved from others. It takes long to make
// and is not made for settings that are saved.
func settingsSpec(unsaved bool, s settings.Settings) any {
	if !unsaved {
		return nil
	}
	return fmt.Sprint(s)
}

// stockSpec is what the shelf depends on.
type stockSpec struct {
	Miner, Program, Catalogue string
	asked                     int
}

func (s State) stockSpec() stockSpec {
	return stockSpec{s.Settings.Miner, s.Settings.Program, s.Settings.Catalogue, 1 + s.restock}
}

func (e *Engine) sweep(ctx context.Context, emit func(Event)) {
	emit(LeftoversEnded{e.config.Sweep(ctx)})
}

func (e *Engine) openPage(s State) func(context.Context, func(Event)) {
	return func(ctx context.Context, emit func(Event)) {
		ctx, cancel := context.WithTimeout(ctx, answerWithin)
		defer cancel()
		pool, err := e.config.Pool(s.Settings.Pool)
		var url string
		ring, locked := e.keyring()
		if err = errors.Join(err, locked); err == nil {
			url, err = pool.SignIn(ctx, s.Key.Account, ring.Key())
		}
		emit(PageReady{url, err})
	}
}

func (e *Engine) openKey(_ context.Context, emit func(Event)) {
	o, err := e.config.OpenKey()
	if err != nil {
		emit(KeyFailed{err})
		return
	}
	e.mu.Lock()
	e.ring, e.open, e.public = o.Ring, !o.Locked, o.Public
	e.mu.Unlock()
	opened := KeyOpened{Public: o.Public, Hash: o.Hash, Created: o.Created, Protected: o.Protected, Locked: o.Locked}
	if !o.Locked {
		opened.Words, opened.Index = len(o.Ring.Secret.Words()), o.Ring.Index
	}
	emit(opened)
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
		ring, locked := e.keyring()
		if err = errors.Join(err, locked); err == nil {
			err = pool.SendTelemetry(ctx, s.Key.Account, ring.Key(), s.telemetry(time.Now()))
		}
		emit(Reported{err})
	}
}

func (s State) telemetry(now time.Time) poolapi.Telemetry {
	totals := s.Totals()
	t := poolapi.Telemetry{
		Worker: s.Settings.Worker, Time: now.UTC(), Program: strings.Join(totals.Programs, ", "),
		Hashrate: float64(totals.Hashrate), Devices: []poolapi.TelemetryDevice{},
	}
	for i, u := range s.Units {
		d := u.Device
		device := poolapi.TelemetryDevice{Name: d.Name, Kind: string(d.Kind), TemperatureC: d.TemperatureC, FanPercent: d.FanPercent, PowerW: d.PowerW,
			State: deviceState(s.Standing(i))}
		if u.Miner.Running {
			device.Hashrate, device.Program, device.Algorithm = float64(u.Miner.Hashrate), u.Pick.Program, string(u.Target.Algorithm)
		}
		t.Devices = append(t.Devices, device)
	}
	return t
}

// deviceState is a standing in the words of the pool's document.
func deviceState(s Standing) string {
	switch s {
	case UnitMining, UnitSlow:
		return "mining"
	case UnitOff:
		return "off"
	case UnitCannot, UnitNoCoin, UnitNoProgram:
		return "cannot"
	}
	return "waiting"
}
