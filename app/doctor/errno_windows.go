package doctor

import "golang.org/x/sys/windows"

// What the system calls the faults that are told apart here.
const (
	errnoRefused         = windows.WSAECONNREFUSED
	errnoHostUnreachable = windows.WSAEHOSTUNREACH
	errnoNetUnreachable  = windows.WSAENETUNREACH
	errnoReadOnly        = windows.ERROR_WRITE_PROTECT
	errnoInfected        = windows.ERROR_VIRUS_INFECTED
)
