//go:build !unix

package main

import "math"

// maxOpenFiles is how many files the process may have open: here as many as there is
// memory for.
func maxOpenFiles() int { return math.MaxInt }
