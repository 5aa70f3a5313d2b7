package replay

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
)

// flood prints far more than anybody reads: the recording over and over, with a
// status line painted over itself between each, and then a line that does not end.
func (p *Program) flood(ctx context.Context) error {
	piece := bytes.Clone(p.Recording)
	if len(piece) == 0 {
		piece = []byte("noise\n")
	}
	for i := range 10 {
		piece = fmt.Appendf(piece, "\rstatus %d: all is well        ", i)
	}
	piece = append(piece, '\r')
	for printed := 0; printed < LinesBytes && ctx.Err() == nil; printed += len(piece) {
		if _, err := p.Out.Write(piece); err != nil {
			return fmt.Errorf("print: %w", err)
		}
	}
	endless := bytes.Repeat([]byte("x"), 1<<16)
	for printed := 0; printed < EndlessBytes && ctx.Err() == nil; printed += len(endless) {
		if _, err := p.Out.Write(endless); err != nil {
			return fmt.Errorf("print: %w", err)
		}
	}
	return nil
}

// rate is a hashrate as programs print it.
var rate = regexp.MustCompile(`(?i)\d[\d.,]*( ?[kMGT]?(?:hash|sol|h|g)/s)`)

// exaggerate returns recording with rates that nothing on earth can have.
func exaggerate(recording []byte) []byte {
	return rate.ReplaceAll(recording, []byte("987654321$1"))
}

// spawn starts a child that hangs, and prints its number. Nobody waits for the
// child, and it has nothing to do with our output.
func (p *Program) spawn() error {
	path, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the program: %w", err)
	}
	child := exec.Command(path)
	child.Env = append(os.Environ(), ModeVar+"="+string(Hang))
	if err := child.Start(); err != nil {
		return fmt.Errorf("start a child: %w", err)
	}
	fmt.Fprintln(p.Out, ChildPrefix, child.Process.Pid)
	return nil
}

// ChildPrefix is what stands before the number of a spawned child.
const ChildPrefix = "child"
