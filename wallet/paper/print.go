package paper

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrNoPrinter is in the error of Print where there is nothing to print with; the
// error says what to do instead.
var ErrNoPrinter = errors.New("no printer is set up; open the sheet and print it from there, or save it and print it on another computer you trust")

// Names of what Open writes.
const (
	openPrefix = "adit-sheet-"
	openSuffix = ".pdf"
)

// Dir is the folder for sheets that a viewer has to read: the user's own, below the
// folder for what may be lost. It need not be there yet.
func Dir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("look for a private folder: %w", err)
	}
	return filepath.Join(cache, "Adit", "sheets"), nil
}

// Print prints a sheet on the default printer. On Linux and macOS it goes to CUPS
// through a pipe and no file is written by us. (CUPS itself keeps jobs, for a day by
// default.) On Windows the viewer of PDF prints it from a private file in Dir, which
// Clean removes. Where there is no printer the error is ErrNoPrinter.
func Print(ctx context.Context, pdf []byte) error {
	if err := printPDF(ctx, pdf); err != nil {
		return fmt.Errorf("print the sheet: %w", err)
	}
	return nil
}

// Open shows a sheet in the system's viewer, and returns the file that it reads: one
// that only its owner may read, in a folder that only its owner may enter. An empty
// dir is Dir. The caller has Clean remove it, when the viewer had time and at the next
// start.
func Open(ctx context.Context, pdf []byte, dir string) (path string, err error) {
	path, err = writePrivate(pdf, dir)
	if err != nil {
		return "", fmt.Errorf("open the sheet: %w", err)
	}
	if err := view(ctx, path); err != nil {
		return "", fmt.Errorf("open the sheet: %w", errors.Join(err, remove(path)))
	}
	return path, nil
}

// Clean removes what Open and Print left in dir, which is Dir if empty. What it does
// not know it leaves alone.
func Clean(dir string) error {
	dir, err := orDir(dir)
	if err != nil {
		return err
	}
	files, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("clean up after sheets: %w", err)
	}
	var errs []error
	for _, f := range files {
		if name := f.Name(); f.Type().IsRegular() && strings.HasPrefix(name, openPrefix) && strings.HasSuffix(name, openSuffix) {
			errs = append(errs, remove(filepath.Join(dir, name)))
		}
	}
	return errors.Join(errs...)
}

// remove overwrites a file with zeros and removes it. On a disk that never writes in
// the same place, as most of today's, the old bytes may still be there for a while:
// the sheet without a secret is the default for that reason too.
func remove(path string) error {
	if info, err := os.Lstat(path); err == nil {
		if f, err := os.OpenFile(path, os.O_WRONLY, 0); err == nil {
			_, _ = f.Write(make([]byte, info.Size()))
			_ = f.Sync()
			_ = f.Close()
		}
	}
	return os.Remove(path)
}

func orDir(dir string) (string, error) {
	if dir != "" {
		return dir, nil
	}
	return Dir()
}

// writePrivate writes a sheet into a file that is the owner's alone. On Windows the
// user's profile decides who reads it.
func writePrivate(pdf []byte, dir string) (path string, err error) {
	if dir, err = orDir(dir); err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	if err := private(dir); err != nil {
		return "", err
	}
	f, err := os.CreateTemp(dir, openPrefix+"*"+openSuffix) // of mode 0600, and not there before
	if err != nil {
		return "", err
	}
	_, err = f.Write(pdf)
	if err = errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}
