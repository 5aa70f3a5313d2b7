package nvml

import (
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/windows"
)

type library struct{ dll windows.Handle }

// load opens the driver's library: since 2018 it lies in the system's folder,
// before that in the driver's own.
func load() (library, error) {
	dll, err := windows.LoadLibraryEx("nvml.dll", 0, windows.LOAD_LIBRARY_SEARCH_SYSTEM32)
	if err == nil {
		return library{dll}, nil
	}
	path := filepath.Join(os.Getenv("ProgramW6432"), "NVIDIA Corporation", "NVSMI", "nvml.dll")
	if !filepath.IsAbs(path) {
		return library{}, err
	}
	dll, errOld := windows.LoadLibraryEx(path, 0, windows.LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR|windows.LOAD_LIBRARY_SEARCH_SYSTEM32)
	if errOld != nil {
		return library{}, err
	}
	return library{dll}, nil
}

func (l library) find(name string) uintptr {
	at, err := windows.GetProcAddress(l.dll, name)
	if err != nil {
		return 0
	}
	return at
}

func (l library) unload() { _ = windows.FreeLibrary(l.dll) }

//go:uintptrescapes
func invoke(at uintptr, args ...uintptr) uintptr {
	r, _, _ := syscall.SyscallN(at, args...)
	return r
}
