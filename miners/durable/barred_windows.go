package durable

import (
	"errors"

	"golang.org/x/sys/windows"
)

// barred reports whether err is that somebody else has the file open just now. Windows
// says that access is denied where it would replace such a file.
func barred(err error) bool {
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_ACCESS_DENIED)
}
