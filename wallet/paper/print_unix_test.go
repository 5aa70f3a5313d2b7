//go:build !windows

package paper_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/wallet/paper"
)

// program puts a shell script on the path, alone.
func program(t *testing.T, name, script string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	text := "#!/bin/sh\nPATH=/bin:/usr/bin\ncd " + dir + "\n" + script
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	return dir
}

var testPDF = []byte("%PDF-1.3 abandon\n")

// TestPrintGoesThroughAPipe: nothing of the sheet is in a file or an argument.
func TestPrintGoesThroughAPipe(t *testing.T) {
	for _, name := range []string{"lp", "lpr"} {
		dir := program(t, name, "echo \"$@\" >args; cat >printed\n")
		if err := paper.Print(t.Context(), testPDF); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, err := os.ReadFile(filepath.Join(dir, "printed")); err != nil || !bytes.Equal(got, testPDF) {
			t.Errorf("%s was given %q, %v", name, got, err)
		}
		if args, _ := os.ReadFile(filepath.Join(dir, "args")); !strings.Contains(string(args), "sides=one-sided") || strings.Contains(string(args), "/") {
			t.Errorf("%s %s", name, args)
		}
	}
}

func TestNoPrinterIsToldFromAPrintersTrouble(t *testing.T) {
	program(t, "other", "")
	if err := paper.Print(t.Context(), testPDF); !errors.Is(err, paper.ErrNoPrinter) {
		t.Errorf("without lp: %v", err)
	}
	program(t, "lp", "cat >/dev/null; echo 'lp: Error - no default destination available.' >&2; exit 1\n")
	if err := paper.Print(t.Context(), testPDF); !errors.Is(err, paper.ErrNoPrinter) {
		t.Errorf("without a printer: %v", err)
	}
	program(t, "lp", "cat >/dev/null; echo 'lp: out of paper' >&2; exit 1\n")
	if err := paper.Print(t.Context(), testPDF); err == nil || errors.Is(err, paper.ErrNoPrinter) || !strings.Contains(err.Error(), "out of paper") {
		t.Errorf("with trouble: %v", err)
	}
	program(t, "lp", "exec sleep 60\n")
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := paper.Print(ctx, testPDF); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a server that hangs: %v", err)
	}
}

func TestOpenIsPrivateAndCleanLeavesOthersAlone(t *testing.T) {
	viewer := "xdg-open"
	if runtime.GOOS == "darwin" {
		viewer = "open"
	}
	seen := program(t, viewer, "cat \"$1\" >seen\n")
	dir := filepath.Join(t.TempDir(), "sheets")
	path, err := paper.Open(t.Context(), testPDF, dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(filepath.Join(seen, "seen")); !bytes.Equal(got, testPDF) {
		t.Errorf("the viewer read %q", got)
	}
	for name, mode := range map[string]os.FileMode{dir: 0o700, path: 0o600} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	other := filepath.Join(dir, "mine.pdf")
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := paper.Clean(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the sheet is still there: %v", err)
	}
	if _, err := os.Stat(other); err != nil {
		t.Errorf("Clean removed what it does not know: %v", err)
	}
	if err := paper.Clean(filepath.Join(dir, "none")); err != nil {
		t.Errorf("nothing to clean: %v", err)
	}
}

func TestASheetThatCannotBeOpenedIsNotLeftBehind(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "sheets")
	if runtime.GOOS == "darwin" {
		t.Skip("the name of the viewer's starter is another")
	}
	program(t, "xdg-open", "exit 3\n")
	if path, err := paper.Open(t.Context(), testPDF, dir); err == nil {
		t.Errorf("opened %s", path)
	}
	if files, _ := os.ReadDir(dir); len(files) > 0 {
		t.Errorf("%v is left", files)
	}
}
