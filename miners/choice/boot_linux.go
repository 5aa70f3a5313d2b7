package choice

import (
	"os"
	"strings"
)

// ThisBoot returns the run of the operating system that we are in.
func ThisBoot() Boot {
	id, _ := os.ReadFile("/proc/sys/kernel/random/boot_id") // without one no program is blamed
	return Boot{ID: strings.TrimSpace(string(id))}
}
