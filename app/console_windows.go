package main

import (
	"os"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/windows"
)

var (
	kernel32              = windows.NewLazySystemDLL("kernel32.dll")
	attachConsole         = kernel32.NewProc("AttachConsole")
	setConsoleCtrlHandler = kernel32.NewProc("SetConsoleCtrlHandler")
)

// parentProcess is what AttachConsole takes for the console of whoever started us.
const parentProcess = ^uintptr(0)

// joinConsole lets a command print into the console that it was typed in. Adit is a
// program with a window, so Windows gives it no console; output that was redirected
// into a file or a pipe arrives without one. A shell does not wait for such a program:
// who wants that writes start /wait adit.exe, or redirects.
//
// Whoever joins a console loses the handler of Ctrl-C that Go had installed, so stop
// is called by a new one. The window joins none: closing the console would end it.
func joinConsole(args []string, stop func()) {
	if command, _ := split(args); command == "" {
		return
	}
	if joined, _, _ := attachConsole.Call(parentProcess); joined == 0 {
		return
	}
	var asked atomic.Bool
	handler := windows.NewCallback(func(uint32) uintptr {
		if asked.Swap(true) {
			return 0 // who asks twice is not made to wait
		}
		stop()
		return 1
	})
	setConsoleCtrlHandler.Call(handler, 1)
	os.Stdin = openUnlessGiven(os.Stdin, "CONIN$", os.O_RDONLY)
	os.Stdout = openUnlessGiven(os.Stdout, "CONOUT$", os.O_RDWR)
	os.Stderr = openUnlessGiven(os.Stderr, "CONOUT$", os.O_RDWR)
}

// openUnlessGiven returns f if it leads anywhere, or else what the console calls name.
func openUnlessGiven(f *os.File, name string, flag int) *os.File {
	if kind, err := syscall.GetFileType(syscall.Handle(f.Fd())); err == nil && kind != syscall.FILE_TYPE_UNKNOWN {
		return f
	}
	opened, err := os.OpenFile(name, flag, 0)
	if err != nil {
		return f
	}
	return opened
}
