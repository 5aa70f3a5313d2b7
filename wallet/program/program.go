// Package program is what the drivers of wallet programs share: it runs one for as long
// as it is needed, finds what an earlier Adit left behind, keeps each program's folder
// apart from everybody else's, and talks JSON-RPC to it on the loopback.
//
// What a program is asked is for the drivers: wallet/corewallet, wallet/electrumwallet.
// Run owns the goroutine that it starts, and when it has returned the program is gone.
// Errors never repeat a private key or a passphrase, not even where the program's own
// answer does.
package program

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/adit-mining/adit/miners"
)

// DefaultGrace is how long a wallet program may take to close its files.
const DefaultGrace = 2 * time.Minute

// A Command is a wallet program to run.
type Command struct {
	Path string
	Args []string // nothing secret: other users of the computer see them
	Env  []string // nothing secret either
	Dir  string   // the program's own folder, see Own
	// Grace is how long it may take to leave before it is killed; 0: DefaultGrace.
	Grace time.Duration
	// Leave asks the program to leave in its own way; may be nil. If it fails, or if
	// half of the grace goes by, the program is asked with a signal.
	Leave func(ctx context.Context) error
}

// ErrEnded is that the program went without being asked.
var ErrEnded = errors.New("the wallet program ended")

// An EndedError is an ErrEnded with the last that the program printed.
type EndedError struct {
	Output string // without secrets
	Err    error  // miners.ErrNotStarted or miners.ErrEnded
}

func (e *EndedError) Error() string {
	if e.Output == "" {
		return fmt.Sprintf("%v: %v", ErrEnded, e.Err)
	}
	return fmt.Sprintf("%v: %v: %s", ErrEnded, e.Err, e.Output)
}

// Is makes errors.Is(e, ErrEnded) true.
func (e *EndedError) Is(target error) bool { return target == ErrEnded }

// Unwrap returns the reason.
func (e *EndedError) Unwrap() error { return e.Err }

// Run runs the program while use runs, and returns what use returns once the program
// is gone. If it goes by itself, the context of use ends, and Run returns an EndedError.
//
// A crash of ours meanwhile has Linux ask the program to leave and Windows end it; what
// is left all the same is noted in the folder, for Leftover.
func Run(ctx context.Context, c Command, use func(ctx context.Context) error) error {
	using, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	living, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	grace := c.Grace
	if grace <= 0 {
		grace = DefaultGrace
	}
	roster, out := miners.NewRoster(c.Dir), &tail{}
	pid := 0
	process := miners.Process{Path: c.Path, Args: c.Args, Env: c.Env, Dir: c.Dir, Grace: grace / 2, Gentle: true, Started: func(started int) {
		pid = started
		_ = roster.Add(started, c.Path) // a means against waste: see miners.Roster
	}}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := process.Run(living, out); err != nil {
			stop(&EndedError{out.String(), err})
		}
	}()
	err := use(using)
	var gone *EndedError
	if errors.As(context.Cause(using), &gone) && ctx.Err() == nil && err != nil {
		err = gone
	}
	leave(living, c.Leave, grace/2, ended)
	end()
	<-ended
	if pid != 0 {
		_ = roster.Remove(pid)
	}
	return err
}

// leave asks the program to go and gives it some time.
func leave(ctx context.Context, ask func(context.Context) error, patience time.Duration, ended <-chan struct{}) {
	select {
	case <-ended:
		return
	default:
	}
	if ask == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := ask(ctx); err != nil {
		return
	}
	select {
	case <-ended:
	case <-ctx.Done():
	}
}

// Leftover ends what an earlier Adit left running in the folder: ask, which may be nil,
// is tried first with some patience, and what still runs then is killed.
func Leftover(ctx context.Context, dir string, ask func(context.Context) error, patience time.Duration) error {
	roster := miners.NewRoster(dir)
	if ask != nil && roster.Left(ctx) {
		asking, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		_ = ask(asking) // one that does not answer may be on its way out: our end asked it, too
		for roster.Left(ctx) && wait(asking, 100*time.Millisecond) == nil {
		}
	}
	if _, err := roster.Sweep(ctx); err != nil {
		return fmt.Errorf("end the wallet program of an earlier run: %w", err)
	}
	return nil
}

func wait(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Pause waits, or returns why ctx ended.
func Pause(ctx context.Context, pause time.Duration) error { return wait(ctx, pause) }

// tail keeps the last of what a program prints, for the error when it ends.
type tail struct {
	mu   sync.Mutex
	text []byte
}

// mostTail is how many bytes are kept.
const mostTail = 2000

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if over := len(t.text) - mostTail; over > 0 {
		t.text = append(t.text[:0], t.text[over:]...)
	}
	return len(b), nil
}

// String returns the tail without secrets.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return Redact(printable(string(t.text)))
}
