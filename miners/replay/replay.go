// Package replay is a fake mining program that prints a recording of a real one, and
// that misbehaves on demand: it crashes, hangs, floods, lies, and leaves children
// behind. Tests of what drives mining programs run it in their place.
//
// It takes any program's command line and ignores it; what it does is said by the
// environment. It is imported by tests and by replayminer, its main function, only.
package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

// The environment variables.
const (
	RecordingVar = "ADIT_REPLAY"        // path of the recording
	SpeedVar     = "ADIT_REPLAY_SPEED"  // lines a second; 0: as fast as possible
	ModeVar      = "ADIT_REPLAY_MODE"   // a Mode; empty: Play
	LinesVar     = "ADIT_REPLAY_LINES"  // after how many lines to Crash; 0: after the last
	StderrVar    = "ADIT_REPLAY_STDERR" // 1: print to stderr, not to stdout
)

// A Mode is a way to behave.
type Mode string

// The modes.
const (
	Play  Mode = "play"  // prints the recording, then is silent until asked to leave
	Crash Mode = "crash" // prints some lines and ends with CrashStatus
	Hang  Mode = "hang"  // prints nothing and does not leave when asked
	Flood Mode = "flood" // prints the recording again and again, and an endless line
	Lie   Mode = "lie"   // prints the recording with rates that nothing can have
	Spawn Mode = "spawn" // plays, but starts a child first that hangs
)

// CrashStatus is the exit status of a crash.
const CrashStatus = 3

// LinesBytes and EndlessBytes are about how much a flood prints of recorded lines,
// and of the endless line behind them.
const (
	LinesBytes   = 4 << 20
	EndlessBytes = 64 << 20
)

// lifetime is how long a program that hangs does so at most, so that a test that
// fails leaves nothing for good.
const lifetime = time.Hour

// A Program is one run of the fake.
type Program struct {
	Recording []byte
	Speed     float64 // lines a second
	Mode      Mode
	Lines     int // until the crash
	Out       io.Writer
}

// Main is the main function of a program that behaves as its environment says. It
// returns the exit status; ctx is done when the program is asked to leave.
func Main(ctx context.Context) (status int) {
	p, err := fromEnvironment()
	if err == nil {
		status, err = p.Run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	return status
}

func fromEnvironment() (Program, error) {
	p := Program{Mode: Mode(os.Getenv(ModeVar)), Out: os.Stdout}
	if os.Getenv(StderrVar) == "1" {
		p.Out = os.Stderr
	}
	var errs []error
	if path := os.Getenv(RecordingVar); path != "" {
		recording, err := os.ReadFile(path)
		errs, p.Recording = append(errs, err), recording
	}
	if text := os.Getenv(SpeedVar); text != "" {
		speed, err := strconv.ParseFloat(text, 64)
		errs, p.Speed = append(errs, err), speed
	}
	if text := os.Getenv(LinesVar); text != "" {
		lines, err := strconv.Atoi(text)
		errs, p.Lines = append(errs, err), lines
	}
	return p, errors.Join(errs...)
}

// Run behaves as p says until ctx is done or the program ends by itself, and returns
// the exit status. A reader that is gone ends it, too.
func (p *Program) Run(ctx context.Context) (status int, err error) {
	switch p.Mode {
	case Play, "":
		err = p.play(ctx, p.Recording)
	case Crash:
		return CrashStatus, p.crash(ctx)
	case Hang:
		signal.Ignore(os.Interrupt, syscall.SIGTERM)
		<-time.After(lifetime)
		return 0, nil
	case Flood:
		err = p.flood(ctx)
	case Lie:
		err = p.play(ctx, exaggerate(p.Recording))
	case Spawn:
		if err = p.spawn(); err == nil {
			err = p.play(ctx, p.Recording)
		}
	default:
		return 2, fmt.Errorf("unknown mode %q", p.Mode)
	}
	if err != nil {
		return 1, err
	}
	<-ctx.Done()
	return 0, nil
}

// play prints the lines of recording at the program's speed, until ctx is done.
func (p *Program) play(ctx context.Context, recording []byte) error {
	tick := p.ticks()
	for line := range bytes.Lines(recording) {
		if tick != nil {
			select {
			case <-tick:
			case <-ctx.Done():
			}
		}
		if ctx.Err() != nil {
			return nil
		}
		if _, err := p.Out.Write(line); err != nil {
			return fmt.Errorf("print: %w", err)
		}
	}
	return nil
}

// ticks returns a channel that gives a token for each line, or nil at full speed.
func (p *Program) ticks() <-chan time.Time {
	if p.Speed <= 0 {
		return nil
	}
	return time.Tick(max(1, time.Duration(float64(time.Second)/p.Speed)))
}

// crash prints the first lines.
func (p *Program) crash(ctx context.Context) error {
	lines, end := 0, 0
	for line := range bytes.Lines(p.Recording) {
		end += len(line)
		if lines++; lines == p.Lines {
			break
		}
	}
	return p.play(ctx, p.Recording[:end])
}
