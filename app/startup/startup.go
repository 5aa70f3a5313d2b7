// Package startup is how the system starts Adit without a click on it: with the
// computer, and for an adit:// link on a web page.
//
// All it writes is the user's own, never the computer's: files of the desktop
// specifications on Linux, keys below HKEY_CURRENT_USER on Windows, a launch agent on
// macOS. It starts no program and has no goroutine. What the user turned off in the
// system's own settings counts as off and stays so until AtLogin turns it on again.
//
// An unzipped Adit may be moved; the entries then name a program that is no longer
// there. Refresh, called at each start, corrects them.
package startup

import (
	"errors"
	"fmt"
	"strings"
)

// id names Adit to the system.
const id = "org.adit-mining.adit"

// linkFlag is the flag of Adit's that a link is handed over with.
const linkFlag = "--link"

// ErrPackaged is that the way in question is laid down when Adit is packaged and
// cannot be changed by Adit itself: on macOS links belong to the bundle's Info.plist.
var ErrPackaged = errors.New("this belongs to the installed package")

// AtLogin has the system start exe with args whenever the user logs in, or no longer.
// exe is an absolute path.
func AtLogin(on bool, exe string, args ...string) error {
	if !on {
		if err := removeLogin(); err != nil {
			return fmt.Errorf("no longer start with the computer: %w", err)
		}
		return nil
	}
	err := writable(exe, args...)
	if err == nil {
		err = putLogin(exe, args)
	}
	if err != nil {
		return fmt.Errorf("start with the computer: %w", err)
	}
	return nil
}

// IsAtLogin reports whether the system starts Adit, from wherever, at login.
func IsAtLogin() (bool, error) {
	on, err := hasLogin()
	if err != nil {
		return false, fmt.Errorf("does Adit start with the computer: %w", err)
	}
	return on, nil
}

// RegisterLinks has the system open adit:// links with exe, an absolute path. A link
// comes as the value of the flag --link. Another program that the user chose for them
// stays chosen. It returns ErrPackaged on macOS.
func RegisterLinks(exe string) error {
	err := writable(exe)
	if err == nil {
		err = putLinks(exe)
	}
	if err != nil {
		return fmt.Errorf("open adit:// links: %w", err)
	}
	return nil
}

// Refresh corrects the entries that are there and differ from what AtLogin and
// RegisterLinks would write now. Where there are none it makes none.
func Refresh(exe string, args ...string) error {
	login, err := IsAtLogin()
	if login {
		err = AtLogin(true, exe, args...)
	}
	links, err2 := hasLinks()
	if links {
		err2 = RegisterLinks(exe)
	}
	return errors.Join(err, err2)
}

// writable refuses what the files' formats cannot hold. No path of a sane system has
// such characters.
func writable(exe string, args ...string) error {
	for _, w := range append([]string{exe}, args...) {
		if strings.ContainsFunc(w, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\uFFFD' }) {
			return fmt.Errorf("a control character in %q", w)
		}
	}
	return nil
}
