package miners

import (
	"context"
	"fmt"
	"os"
	"os/exec"
)

// Launched is a program that is the person's from then on: it has a window, and is not
// ended with us.
type Launched struct {
	Path string
	Args []string
	Env  []string // added to our environment, as KEY=value
	Dir  string   // folder it runs in; empty: ours
}

// Launch starts the program and returns when it has ended, with an error if it never ran
// (ErrNotStarted) or failed (ErrEnded). When ctx ends, Launch returns nil and the program
// goes on; a goroutine then waits for its end, as the system wants it.
func Launch(ctx context.Context, l Launched) error {
	cmd := exec.Command(l.Path, l.Args...)
	cmd.Dir = l.Dir
	cmd.Env = append(os.Environ(), l.Env...)
	cmd.SysProcAttr = apart()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%w: %w", ErrNotStarted, err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			return fmt.Errorf("%w: %w", ErrEnded, err)
		}
	case <-ctx.Done():
	}
	return nil
}
