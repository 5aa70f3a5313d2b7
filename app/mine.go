package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/adit-mining/adit/app/instance"
	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/app/programs"
	"github.com/adit-mining/adit/app/settings"
	"github.com/adit-mining/adit/app/view"
)

// mineOptions are the flags of adit mine. Those that are not given leave the
// user's settings as they are; none of them is saved.
type mineOptions struct {
	data, pool, miner, program, catalogue, coin, worker string
	threads                                             int
	duration                                            time.Duration
	json                                                bool
}

// mine mines without a window until duration is over or ctx is done. The last
// line on stdout is always the summary.
func mine(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o mineOptions
	flags := flag.NewFlagSet("adit mine", flag.ContinueOnError)
	flags.StringVar(&o.data, "data", "", "`folder` for key and settings")
	flags.StringVar(&o.pool, "pool", "", "`address` of the pool")
	flags.StringVar(&o.miner, "miner", "", "auto, builtin, or the `path` of a mining program")
	flags.StringVar(&o.program, "program", "", "`name` of the program that --miner is: "+programs.Names())
	flags.StringVar(&o.catalogue, "catalogue", "", "`address` or path of a catalogue of mining programs")
	flags.StringVar(&o.coin, "coin", "", "`id` of the coin, as litecoin")
	flags.StringVar(&o.worker, "worker", "", "this computer's `name` at the pool")
	flags.IntVar(&o.threads, "threads", 0, "`number` of processor threads")
	flags.DurationVar(&o.duration, "duration", 0, "how `long` to mine, as 60s; without it until stopped")
	flags.BoolVar(&o.json, "json", false, "print JSON objects, one a line")
	if done, err := parse(flags, args, stderr); done || err != nil {
		return err
	}
	dir, err := dataDir(o.data)
	if err != nil {
		return err
	}
	chosen, err := o.settings(dir)
	if err != nil {
		return err
	}
	only, err := instance.Take(dir)
	if err != nil {
		return err
	}
	defer only.Release()
	config, closeAll := engineConfig(dir, chosen, nil)
	defer closeAll()
	config.Start = true
	config.SaveSettings = func(settings.Settings) error { return nil } // flags are not the user's choices
	var out progress = &sentences{printer: printer{to: stdout}}
	if o.json {
		out = &objects{to: stdout}
	}
	return headless(ctx, model.New(config), o.duration, out)
}

// settings returns the user's settings with what was typed in their place.
func (o mineOptions) settings(dir string) (settings.Settings, error) {
	chosen, fault := settings.Load(dir)
	if fault != nil {
		return settings.Settings{}, fault
	}
	set := func(to *string, typed string) {
		if typed != "" {
			*to = typed
		}
	}
	set(&chosen.Pool, o.pool)
	set(&chosen.Miner, o.miner)
	set(&chosen.Program, o.program)
	set(&chosen.Catalogue, o.catalogue)
	set(&chosen.Coin, o.coin)
	set(&chosen.Worker, o.worker)
	if o.threads != 0 {
		chosen.Threads = o.threads
	}
	if chosen.Pool == "" {
		return settings.Settings{}, usageError{errors.New("mine: which pool? name it with --pool URL")}
	}
	if err := chosen.Validate(); err != nil {
		return settings.Settings{}, usageError{fmt.Errorf("mine: %w", err)}
	}
	if o.duration < 0 {
		return settings.Settings{}, usageError{errors.New("mine: the duration is negative")}
	}
	if _, known := programs.Named(o.program); o.program != "" && !known {
		return settings.Settings{}, usageError{fmt.Errorf("mine: there is no program %q; Adit knows %s", o.program, programs.Names())}
	}
	if _, _, err := programs.Custom(chosen); err != nil {
		return settings.Settings{}, fmt.Errorf("mine: %w", err)
	}
	return chosen, nil
}

// progress tells somebody how mining goes. Only one goroutine calls it.
type progress interface {
	state(model.State)
	// summary tells of the last state; problem is why mining stopped by itself, or
	// nil.
	summary(s model.State, problem *model.Problem) error
}

// headless runs the engine, tells out of its states, and stops it in order: first
// the mining program, then a last look at the balance, then the rest.
func headless(ctx context.Context, engine *model.Engine, duration time.Duration, out progress) error {
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx)) // a signal must not cut the farewell short
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	states := make(chan model.State, 1)
	running.Go(func() {
		engine.Run(inner, func(s model.State) {
			select { // only the latest state is of interest
			case <-states:
			default:
			}
			states <- s
		})
	})
	var over <-chan time.Time
	if duration > 0 {
		over = time.After(duration)
	}
	last, problem := watch(ctx, states, over, out)
	engine.Do(inner, model.Stop{})
	last = farewell(inner, engine, states, last)
	err := out.summary(last, problem)
	if problem != nil && last.Totals().Accepted == 0 {
		return errors.Join(problemError(*problem), err)
	}
	return err
}

// watch passes states on until it is time to stop, or until only the user could
// help. problem is what troubles mining then.
func watch(ctx context.Context, states <-chan model.State, over <-chan time.Time, out progress) (last model.State, problem *model.Problem) {
	for {
		select {
		case last = <-states:
			out.state(last)
			problem = nil
			if p, trouble := last.Problem(); trouble {
				problem = &p
			}
			if last.Phase() == model.Blocked {
				return last, problem
			}
		case <-over:
			return last, problem
		case <-ctx.Done():
			return last, nil // asked to stop: that is no failure
		}
	}
}

// How long a farewell may take: the mining program is killed after eight seconds,
// and a pool that does not answer is not worth more.
const (
	programEnd = 15 * time.Second
	lastAnswer = 3 * time.Second
)

// farewell waits for the mining program's end, then for the pool's last word on
// the balance.
func farewell(ctx context.Context, engine *model.Engine, states <-chan model.State, last model.State) model.State {
	await := func(limit time.Duration, done func(model.State) bool) {
		deadline := time.After(limit)
		for {
			select {
			case last = <-states:
				if done(last) {
					return
				}
			case <-deadline:
				return
			}
		}
	}
	await(programEnd, func(s model.State) bool { return !s.Wanted && s.Totals().Units == 0 })
	if last.Pool.Known {
		asks := last.Pool.Asks
		engine.Do(ctx, model.Retry{})
		await(lastAnswer, func(s model.State) bool { return s.Pool.Asks > asks || s.Pool.Failures > 0 })
	}
	return last
}

// problemError returns a problem as the error that the user reads at the end.
func problemError(p model.Problem) error {
	what, do := view.Problem(p)
	if p.Detail != "" {
		return fmt.Errorf("%s %s (%s: %s)", what, do, p.Code, p.Detail)
	}
	return fmt.Errorf("%s %s (%s)", what, do, p.Code)
}
