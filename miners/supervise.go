package miners

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"time"
)

var (
	// ErrGaveUp is that a program ended again and again without getting
	// anything done; another program should be tried.
	ErrGaveUp = errors.New("the program keeps ending")
	// ErrSilent is why a program was stopped that had printed nothing for long.
	ErrSilent = errors.New("the program hangs")
)

// gather is the shortest time between two deliveries of events.
const gather = 50 * time.Millisecond

// A Supervisor keeps one mining program going. The durations and counts that are
// zero have the values named.
type Supervisor struct {
	Driver  Driver
	Plan    Plan
	OnEvent func(Event) // called from Run's goroutine; may be slow, not blocked for good

	Grace      time.Duration // for leaving before it is killed: DefaultGrace
	NoWork     time.Duration // without a job until CodeTimeout is reported: 30 s
	NoHashrate time.Duration // without a hashrate until CodeDeviceIdle is reported: 90 s
	Silence    time.Duration // without a line until it is started anew: 5 min
	Pause      time.Duration // before the first restart, doubled for each: 1 s
	MaxPause   time.Duration // 1 min
	GiveUp     int           // runs in a row that got nothing done: 8
}

// Supervise runs driver's program as plan says until ctx is done, and tells
// onEvent what happens, from the calling goroutine. See Supervisor.Run.
func Supervise(ctx context.Context, driver Driver, plan Plan, onEvent func(Event)) error {
	s := Supervisor{Driver: driver, Plan: plan, OnEvent: onEvent}
	return s.Run(ctx)
}

// Run starts the program, starts it again when it ends or hangs, waiting longer
// each time, and returns nil once ctx is done and the program gone. It returns
// an error when the program cannot be started (ErrNotStarted) or has ended too
// often without an accepted share and within a minute (ErrGaveUp).
//
// The events of one run come in order between a Started and an Ended. A program
// that prints faster than OnEvent takes has its events merged: counts are kept,
// some output is not.
func (s *Supervisor) Run(ctx context.Context) error {
	o := s.withDefaults()
	pause := o.Pause
	for failures := 0; ; {
		fruitful, err := o.once(ctx)
		switch {
		case ctx.Err() != nil:
			o.OnEvent(Ended{})
			return nil
		case errors.Is(err, ErrNotStarted):
			o.OnEvent(Problem{Code: startCode(err), Detail: err.Error()})
			o.OnEvent(Ended{Err: err})
			return fmt.Errorf("run %s: %w", o.Driver.Name(), err)
		case fruitful:
			failures, pause = 0, o.Pause
		}
		if failures++; failures >= o.GiveUp {
			o.OnEvent(Ended{Err: err})
			return fmt.Errorf("run %s: %w: %d times, at last: %w", o.Driver.Name(), ErrGaveUp, failures, err)
		}
		o.OnEvent(Ended{Err: err, Restart: pause})
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		pause = min(2*pause, o.MaxPause)
	}
}

func (s *Supervisor) withDefaults() Supervisor {
	o := *s
	set := func(d *time.Duration, value time.Duration) {
		if *d <= 0 {
			*d = value
		}
	}
	set(&o.NoWork, 30*time.Second)
	set(&o.NoHashrate, 90*time.Second)
	set(&o.Silence, 5*time.Minute)
	set(&o.Pause, time.Second)
	set(&o.MaxPause, time.Minute)
	if o.GiveUp <= 0 {
		o.GiveUp = 8
	}
	return o
}

// startCode is the kind of trouble that kept a program from starting.
func startCode(err error) Code {
	if errors.Is(err, fs.ErrPermission) {
		return CodePermissionDenied
	}
	return CodeFatal
}

// once runs the program one time. fruitful says that it got a share accepted or
// ran for a minute without hanging.
func (s *Supervisor) once(ctx context.Context) (fruitful bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	box, ended := newMailbox(), make(chan error, 1)
	var reader sync.WaitGroup
	defer reader.Wait()
	reader.Go(func() { ended <- s.read(ctx, box) })

	w := watch{limits: s, start: time.Now()}
	var delivered time.Time
	deliver := func() {
		delivered = time.Now()
		for _, e := range box.take() {
			w.saw(e)
			s.OnEvent(e)
		}
	}
	ticker := time.NewTicker(min(s.NoWork, s.NoHashrate, s.Silence) / 6)
	defer ticker.Stop()
	ready, settled := box.ready, (<-chan time.Time)(nil)
	for {
		select {
		case <-ready:
			// Events are gathered for a moment: a flood costs its reader little.
			if wait := gather - time.Since(delivered); wait > 0 {
				ready, settled = nil, time.After(wait)
				continue
			}
			deliver()
		case <-settled:
			deliver()
			ready, settled = box.ready, nil
		case now := <-ticker.C:
			for _, e := range w.look(now) {
				s.OnEvent(e)
			}
			if w.hangs(now) {
				cancel(ErrSilent)
			}
		case err := <-ended:
			deliver()
			if cause := context.Cause(ctx); errors.Is(cause, ErrSilent) {
				return w.shares, fmt.Errorf("%w: nothing printed for %v", cause, s.Silence)
			}
			return w.shares || time.Since(w.start) > time.Minute, err
		}
	}
}

// read runs the process and puts all that it tells into box: what it prints,
// parsed, and what its interface answers. What the interface measures counts more
// than what is printed, for it is asked now.
func (s *Supervisor) read(ctx context.Context, box *mailbox) error {
	poller, plan := openInterface(s.Driver, s.Plan)
	parser, redact := s.Driver.NewParser(), redactor(plan)
	t := &teller{box: box}
	lines := &Lines{Each: func(line string) {
		line = redact(line)
		t.printed(line, parser.Parse(line))
	}}
	defer lines.Flush()
	ctx, cancel := context.WithCancel(ctx)
	var asking sync.WaitGroup
	defer asking.Wait()
	defer cancel()
	p := Process{
		Path: plan.Program, Args: s.Driver.Args(plan), Env: append(cudaOrder(plan), plan.Env...), Dir: plan.Dir, Grace: s.Grace,
		Started: func(pid int) {
			box.put(Started{PID: pid})
			if poller != nil {
				asking.Go(func() { poll(ctx, poller, plan, t.answered, t.silent) })
			}
		},
		Low: len(plan.Devices) == 0, // a card starves when the thread that feeds it waits
	}
	if silencer, ok := s.Driver.(Silencer); ok {
		p.Streams = silencer.Streams()
	}
	return p.Run(ctx, lines)
}

// cudaOrder makes CUDA count cards by PCI address, as Device.Index does.
func cudaOrder(p Plan) []string {
	if len(p.Devices) == 0 {
		return nil
	}
	return []string{"CUDA_DEVICE_ORDER=PCI_BUS_ID"}
}
