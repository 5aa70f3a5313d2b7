//go:build !linux

package pooltest

func inMemory() string { return "" }
