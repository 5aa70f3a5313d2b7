package bundle

import (
	"os"
	"strings"
)

// systemVersion returns the distribution's name (os-release(5)) and the kernel's
// version.
func systemVersion() string {
	release, _ := os.ReadFile("/etc/os-release")
	kernel, _ := os.ReadFile("/proc/sys/kernel/osrelease")
	name := "Linux"
	for line := range strings.Lines(string(release)) {
		if value, found := strings.CutPrefix(line, "PRETTY_NAME="); found {
			name = strings.Trim(strings.TrimSpace(value), `"'`)
		}
	}
	return strings.TrimSpace(name + ", kernel " + string(kernel))
}
