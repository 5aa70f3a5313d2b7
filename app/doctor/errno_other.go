//go:build !windows

package doctor

import "syscall"

// What the system calls the faults that are told apart here.
const (
	errnoRefused         = syscall.ECONNREFUSED
	errnoHostUnreachable = syscall.EHOSTUNREACH
	errnoNetUnreachable  = syscall.ENETUNREACH
	errnoReadOnly        = syscall.EROFS
	errnoInfected        = syscall.EPERM // an on-access scanner forbids the opening
)
