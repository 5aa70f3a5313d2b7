//go:build !windows

package paper

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// sendTimeout is how long a print server may take to accept a sheet.
const sendTimeout = 30 * time.Second

// printPDF gives the sheet to CUPS: by lp, or where there is only the older lpr, by
// that. Both read what they print from the pipe if no file is named.
func printPDF(ctx context.Context, pdf []byte) error {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	for _, command := range [][]string{
		{"lp", "-s", "-t", "Adit", "-o", "sides=one-sided"},
		{"lpr", "-T", "Adit", "-o", "sides=one-sided"},
	} {
		path, err := exec.LookPath(command[0])
		if err != nil {
			continue
		}
		var said bytes.Buffer
		cmd := exec.CommandContext(ctx, path, command[1:]...)
		cmd.Env = append(os.Environ(), "LC_ALL=C") // so that what it says can be understood
		cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(pdf), &said, &said
		cmd.WaitDelay = time.Second
		err = cmd.Run()
		switch text := strings.TrimSpace(said.String()); {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return fmt.Errorf("%s: %w", command[0], ctx.Err())
		case noPrinter(text):
			return fmt.Errorf("%w (%s)", ErrNoPrinter, text)
		default:
			return fmt.Errorf("%s: %w: %s", command[0], err, text)
		}
	}
	return ErrNoPrinter
}

// noPrinter reports whether what CUPS said means that there is no printer to print on.
func noPrinter(text string) bool {
	for _, part := range []string{"no default destination", "No such file or directory", "Unable to connect to server", "scheduler not responding", "does not exist"} {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// view opens a file with the desktop's program for it. That program outlives us.
func view(ctx context.Context, path string) error {
	name := "xdg-open"
	if runtime.GOOS == "darwin" {
		name = "open"
	}
	program, err := exec.LookPath(name)
	if err != nil {
		return fmt.Errorf("there is no %s to open it with", name)
	}
	cmd := exec.Command(program, path)
	if err := cmd.Start(); err != nil {
		return err
	}
	// The starter ends at once, or stays as long as its program is open, and then so
	// does the goroutine that waits for it; a failure comes within a moment.
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	case <-time.After(3 * time.Second):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// private sees that nobody else may enter the folder.
func private(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is no folder", dir)
	}
	return os.Chmod(dir, 0o700)
}
