// Package install gets mining programs and wallets onto the disk and makes sure that they are
// still the same before each start.
//
// A Source gives the Catalogue: which programs there are, where, and the SHA-256 of
// every file. A Store fetches a build, checks it, unpacks it into a folder of its
// own, and knows what is installed and where it came from. Which program to take is
// miners/choice's matter, starting it miners'; whether a catalogue may be trusted
// is for whoever fetches it.
//
// Everything that the package writes is below Store.Dir, so that one folder can be
// named to an antivirus. It starts no goroutine: calls block, and end with their
// context. A crash at any moment leaves either a whole program or none; what else
// lies about is swept away later. The hash in the catalogue decides, so a mirror
// need not be trusted.
package install

import (
	"errors"
	"fmt"
)

// What can go wrong in ways that a person, or the next step, has to tell apart.
var (
	// ErrWrongFile is that what was downloaded is not what the catalogue names.
	ErrWrongFile = errors.New("the download is not the file that the catalogue names")
	// ErrUnavailable is that no mirror gave the file.
	ErrUnavailable = errors.New("the file could not be downloaded")
	// ErrStalled is that a server sent next to nothing for too long.
	ErrStalled = errors.New("the server stopped sending")
	// ErrDiskFull is that the disk has no room.
	ErrDiskFull = errors.New("the disk is full")
	// ErrBlocked is that the operating system says that an antivirus stopped us.
	ErrBlocked = errors.New("an antivirus blocked the file")
	// ErrArchive is that an archive is damaged, dangerous, or not what the
	// catalogue says.
	ErrArchive = errors.New("the archive cannot be used")
	// ErrMissing is that a file of an installed program is gone, empty or closed to
	// us: the work of an antivirus, mostly.
	ErrMissing = errors.New("a file of the program is gone")
	// ErrTampered is that a file of an installed program has changed.
	ErrTampered = errors.New("a file of the program has changed")
)

// A WrongFileError is an ErrWrongFile: one mirror's bytes have another hash than
// the catalogue's. They have been deleted.
type WrongFileError struct {
	URL       string
	Want, Got string // SHA-256
}

func (e *WrongFileError) Error() string {
	return fmt.Sprintf("%v: %s gives sha256 %s, want %s", ErrWrongFile, e.URL, e.Got, e.Want)
}

// Is makes errors.Is(e, ErrWrongFile) true.
func (e *WrongFileError) Is(target error) bool { return target == ErrWrongFile }

// A MissingError is an ErrMissing: Path was there when the program was installed.
type MissingError struct {
	Path string
	Err  error // the system's reason; nil where the file is there but empty
	// Certain says that the system itself named a virus scanner as the reason.
	Certain bool
}

func (e *MissingError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("%v: %s is empty now", ErrMissing, e.Path)
	}
	return fmt.Sprintf("%v: %v", ErrMissing, e.Err)
}

// Is makes errors.Is(e, ErrMissing) true.
func (e *MissingError) Is(target error) bool { return target == ErrMissing }

// Unwrap returns the system's reason.
func (e *MissingError) Unwrap() error { return e.Err }

// A TamperedError is an ErrTampered.
type TamperedError struct {
	Path      string
	Want, Got string // SHA-256
}

func (e *TamperedError) Error() string {
	return fmt.Sprintf("%v: %s has sha256 %s, want %s", ErrTampered, e.Path, e.Got, e.Want)
}

// Is makes errors.Is(e, ErrTampered) true.
func (e *TamperedError) Is(target error) bool { return target == ErrTampered }

// writing makes an error of writing to the disk one that callers can tell apart.
func writing(err error) error {
	switch {
	case err == nil:
		return nil
	case diskFull(err):
		return fmt.Errorf("%w: %w", ErrDiskFull, err)
	case virusFound(err):
		return fmt.Errorf("%w: %w", ErrBlocked, err)
	}
	return err
}
