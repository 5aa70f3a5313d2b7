//go:build !linux

package main

import "time"

// dozeHidden is how long Fyne's loop is held where there is no window. The tray's menu
// is shown by this program.
const dozeHidden = 300 * time.Millisecond

// hasTray reports whether the system shows a tray: Windows and macOS always do.
func hasTray() bool { return true }

// hasBus reports whether notices can be sent.
func hasBus() bool { return true }
