package wallet

import (
	"errors"

	"golang.org/x/sys/windows"
)

// busy reports whether err is that somebody else has the file open just now: another
// Adit that starts with us, or a scanner that looks at every new file.
func busy(err error) bool { return errors.Is(err, windows.ERROR_SHARING_VIOLATION) }
