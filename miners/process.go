package miners

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// DefaultGrace is how long a program may take to leave before it is killed.
const DefaultGrace = 8 * time.Second

var (
	// ErrNotStarted is why a program could not be started at all: it is not
	// there (an antivirus may have taken it), may not be run, or is made for
	// another system.
	ErrNotStarted = errors.New("the program did not start")
	// ErrEnded is that a program went without being asked.
	ErrEnded = errors.New("the program ended")
)

// A Process is one run of a program and of whatever it starts itself.
type Process struct {
	Path    string
	Args    []string
	Env     []string      // added to our environment, as KEY=value
	Dir     string        // folder it runs in; empty: ours
	Grace   time.Duration // how long it may take to leave; 0: DefaultGrace
	Started func(pid int) // called once it runs; may be nil
	Streams Streams       // which of its output is copied
	Low     bool          // it steps back behind all else that wants the processor
	// Gentle is for a program with files to close, such as a wallet: on Linux it is
	// asked to leave when we die, not killed. One that does not heed that is for the
	// Roster's Sweep.
	Gentle bool
}

// Run runs the program and copies what it prints to out, from one goroutine at a
// time. When ctx is done it asks the program to leave, and kills it after a
// grace time; then it returns nil. An error means that it never ran
// (ErrNotStarted) or went without being asked (ErrEnded).
//
// Once Run has returned, the process and the rest of its process group (on
// Windows: its job) are gone. If we are killed, the program dies too on Linux
// and Windows; other systems have no such means, there a program only notices
// that nobody reads what it prints.
func (p *Process) Run(ctx context.Context, out io.Writer) error {
	ended := make(chan error, 1)
	// A goroutine of its own: on Linux its thread gets the program's priority and
	// goes with it.
	go func() { ended <- p.runHere(ctx, out) }()
	return <-ended
}

func (p *Process) runHere(ctx context.Context, out io.Writer) error {
	cmd := exec.CommandContext(ctx, p.Path, p.Args...)
	printed := &gate{out: out, open: make(chan struct{})}
	if p.Streams != OnlyStderr {
		cmd.Stdout = printed
	}
	if p.Streams != OnlyStdout {
		cmd.Stderr = printed
	}
	cmd.Dir = p.Dir
	cmd.Env = append(os.Environ(), p.Env...)
	cmd.WaitDelay = p.Grace
	if cmd.WaitDelay <= 0 {
		cmd.WaitDelay = DefaultGrace
	}
	kin, err := newFamily(cmd, p.Low, p.Gentle)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotStarted, err)
	}
	defer kin.end()
	cmd.Cancel = func() error { return kin.ask(cmd.Process) }

	switch err := p.run(cmd, kin, printed); {
	case ctx.Err() != nil:
		return nil
	case errors.Is(err, ErrNotStarted):
		return err
	case err != nil:
		return fmt.Errorf("%w: %w", ErrEnded, err)
	}
	return fmt.Errorf("%w: exit status 0", ErrEnded)
}

func (p *Process) run(cmd *exec.Cmd, kin *family, printed *gate) error {
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%w: %w", ErrNotStarted, err)
	}
	if err := kin.adopt(cmd.Process); err != nil {
		cmd.Process.Kill()
		close(printed.open)
		return fmt.Errorf("%w: %w", ErrNotStarted, errors.Join(err, cmd.Wait()))
	}
	if p.Started != nil {
		p.Started(cmd.Process.Pid)
	}
	close(printed.open)
	return cmd.Wait()
}

// gate keeps what a program prints until it is open: until it was said that the program
// runs.
type gate struct {
	out  io.Writer
	open chan struct{}
}

// Write implements io.Writer.
func (g *gate) Write(p []byte) (int, error) {
	<-g.open
	return g.out.Write(p)
}
