package choice

import (
	"time"

	"golang.org/x/sys/windows"
)

// ThisBoot returns the run of the operating system that we are in. Windows' fast
// start goes on with the last one, which is right: that machine was shut down well.
func ThisBoot() Boot {
	return Boot{Time: time.Now().Add(-windows.DurationSinceBoot()).UTC()}
}
