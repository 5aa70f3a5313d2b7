//go:build !unix

package pow_test

import "time"

var started = time.Now()

func cpuTime() time.Duration { return time.Since(started) }
