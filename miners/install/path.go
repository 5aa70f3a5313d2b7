package install

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// longestPath keeps a program's files openable by other programs on Windows, whose
// classic limit is 260 characters with the folder before it.
const longestPath = 150

// checkPath says what is wrong with the path of a file to keep. It holds on every
// system what any of them wants, so that a catalogue is right everywhere or nowhere.
func checkPath(p string) error {
	switch {
	case p == "":
		return errors.New("it is empty")
	case len(p) > longestPath:
		return fmt.Errorf("it is longer than %d bytes", longestPath)
	case escapes(p):
		return errors.New("it leads out of the folder")
	case path.Clean(p) != p || p == ".":
		return errors.New("it is not in its shortest form")
	}
	for _, element := range strings.Split(p, "/") {
		if err := checkElement(element); err != nil {
			return err
		}
	}
	if p == receiptName {
		return errors.New("the name is taken for Adit's own notes")
	}
	return nil
}

func checkElement(element string) error {
	if strings.TrimRight(element, ". ") != element {
		return errors.New("a name ends in a dot or space, which Windows drops")
	}
	for _, r := range element {
		if r < ' ' || r > '~' || strings.ContainsRune(`<>:"|?*`, r) {
			return fmt.Errorf("the character %q is not for file names", r)
		}
	}
	base, _, _ := strings.Cut(strings.ToUpper(element), ".")
	if base = strings.TrimRight(base, " "); reserved(base) {
		return fmt.Errorf("%s is a device on Windows", base)
	}
	return nil
}

// reserved reports whether Windows takes base, in upper case, for a device
// (https://learn.microsoft.com/windows/win32/fileio/naming-a-file).
func reserved(base string) bool {
	if slices.Contains([]string{"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}, base) {
		return true
	}
	port, found := strings.CutPrefix(base, "COM")
	if !found {
		port, found = strings.CutPrefix(base, "LPT")
	}
	return found && len(port) == 1 && port[0] >= '0' && port[0] <= '9'
}

// escapes reports whether a name could stand for something outside the folder that
// it is joined to, on any system: no honest archive has such a name.
func escapes(name string) bool {
	drive := len(name) >= 2 && name[1] == ':'
	return drive || strings.HasPrefix(name, "/") || strings.ContainsAny(name, "\\\x00") ||
		slices.Contains(strings.Split(name, "/"), "..")
}
