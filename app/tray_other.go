//go:build !linux

package main

// hasTray reports whether the system shows a tray: Windows and macOS always do.
func hasTray() bool { return true }

// hasBus reports whether notices can be sent.
func hasBus() bool { return true }
