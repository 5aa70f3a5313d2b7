//go:build !windows && !(linux && (amd64 || arm64))

package nvml

import "errors"

type library struct{}

func load() (library, error) {
	return library{}, errors.New("there is none for this system")
}

func (library) find(string) uintptr { return 0 }

func (library) unload() {}

func invoke(uintptr, ...uintptr) uintptr { return 0 }
