//go:build linux && (amd64 || arm64)

package nvml

import (
	"cmp"
	"errors"

	"github.com/ebitengine/purego"
)

type library uintptr

// load opens the driver's library. The second place is that of Windows' Linux
// (WSL), where the loader's list may not have it.
func load() (library, error) {
	handle, err := purego.Dlopen("libnvidia-ml.so.1", purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err == nil {
		return library(handle), nil
	}
	handle, errWSL := purego.Dlopen("/usr/lib/wsl/lib/libnvidia-ml.so.1", purego.RTLD_NOW|purego.RTLD_LOCAL)
	if errWSL == nil {
		return library(handle), nil
	}
	return 0, cmp.Or(err, errors.New("libnvidia-ml.so.1 cannot be loaded"))
}

func (l library) find(name string) uintptr {
	at, err := purego.Dlsym(uintptr(l), name)
	if err != nil {
		return 0
	}
	return at
}

func (l library) unload() { _ = purego.Dlclose(uintptr(l)) }

//go:uintptrescapes
func invoke(at uintptr, args ...uintptr) uintptr {
	r, _, _ := purego.SyscallN(at, args...)
	return r
}
