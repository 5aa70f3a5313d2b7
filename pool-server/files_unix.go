//go:build unix

package main

import (
	"math"
	"syscall"
)

// maxOpenFiles is how many files the process may have open. Go has raised the limit
// to the hard one at the start.
func maxOpenFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return math.MaxInt
	}
	return int(min(uint64(limit.Cur), math.MaxInt32))
}
