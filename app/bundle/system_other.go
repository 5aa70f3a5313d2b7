//go:build !linux && !windows && !darwin

package bundle

import "runtime"

func systemVersion() string { return runtime.GOOS }
