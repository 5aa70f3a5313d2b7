package paper

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sys/windows"
)

// printPDF has the program that PDF files are opened with print the sheet.
func printPDF(_ context.Context, pdf []byte) error {
	path, err := writePrivate(pdf, "")
	if err != nil {
		return err
	}
	// The program reads the file later, and does not tell when: Clean removes it.
	if err := shell("print", path); err != nil {
		return errors.Join(err, remove(path))
	}
	return nil
}

// view opens a file with the program for it.
func view(_ context.Context, path string) error { return shell("open", path) }

// shell does what the file's entry in the Explorer's menu does.
func shell(verb, path string) error {
	verb16, err := windows.UTF16PtrFromString(verb)
	if err != nil {
		return err
	}
	path16, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return err
	}
	err = windows.ShellExecute(0, verb16, path16, nil, nil, windows.SW_SHOWNORMAL)
	if errors.Is(err, windows.Errno(31)) || errors.Is(err, windows.ERROR_FILE_NOT_FOUND) { // 31: no program is set for the file or the verb
		return fmt.Errorf("%w (no program to %s PDF files: %w)", ErrNoPrinter, verb, err)
	}
	return err
}

// private leaves the folder as it is: it is in the user's profile.
func private(string) error { return nil }
