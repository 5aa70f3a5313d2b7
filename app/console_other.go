//go:build !windows

package main

// joinConsole has nothing to do: elsewhere a program with a window has the terminal
// that it was started in.
func joinConsole([]string, func()) {}
