//go:build unix

package miners_test

// canAsk is that a program can be asked to leave.
const canAsk = true
