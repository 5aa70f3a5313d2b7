package presence

import (
	"path/filepath"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
)

// fills calls a function that fills a structure and returns 0 for failure. One that is
// missing fails.
func fills[T any](proc *windows.LazyProc, into *T) bool {
	if proc.Find() != nil {
		return false
	}
	ok, _, _ := proc.Call(uintptr(unsafe.Pointer(into)))
	return ok != 0
}

// programName returns a process' name without .exe, for the sentence that says why
// mining waits: never "", which means that there is none.
func programName(pid uint32) string {
	const fallback = "a program"
	process, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, pid)
	if err != nil {
		return fallback
	}
	defer windows.CloseHandle(process)
	var buffer [windows.MAX_PATH]uint16
	size := uint32(len(buffer))
	if windows.QueryFullProcessImageName(process, 0, &buffer[0], &size) != nil {
		return fallback
	}
	name := filepath.Base(windows.UTF16ToString(buffer[:size]))
	if dot := strings.LastIndex(name, "."); dot > 0 {
		name = name[:dot]
	}
	return name
}
