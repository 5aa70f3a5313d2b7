//go:build !linux && !darwin && !freebsd && !windows

package cpuminer

import "errors"

// lowerPriority is not known on this system.
func lowerPriority(int) error { return errors.ErrUnsupported }
