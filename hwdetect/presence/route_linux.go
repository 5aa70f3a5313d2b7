package presence

import (
	"os"
	"strconv"
	"strings"
)

// hasRoute reports whether /proc/net/route or ipv6_route has a way to the world. An
// error means that neither can be read.
func hasRoute(proc string) (bool, error) {
	v4, err4 := os.ReadFile(proc + "/net/route")
	v6, err6 := os.ReadFile(proc + "/net/ipv6_route")
	if err4 != nil && err6 != nil {
		return false, err4
	}
	return hasDefaultV4(string(v4)) || hasDefaultV6(string(v6)), nil
}

// hasDefaultV4 looks for a line with destination and mask 0 that is up and no reject.
func hasDefaultV4(table string) bool {
	for line := range strings.Lines(table) {
		f := strings.Fields(line) // Iface Destination Gateway Flags RefCnt Use Metric Mask
		if len(f) >= 8 && f[1] == "00000000" && f[7] == "00000000" && flag(f[3], 0x1) && !flag(f[3], 0x200) {
			return true
		}
	}
	return false
}

// hasDefaultV6 looks for a line with a destination of no bits that does not lead to
// lo, where the kernel keeps one that rejects.
func hasDefaultV6(table string) bool {
	for line := range strings.Lines(table) {
		f := strings.Fields(line) // destination, its bits, source, its bits, next, metric, references, use, flags, device
		if len(f) >= 10 && f[1] == "00" && strings.Trim(f[0], "0") == "" && f[9] != "lo" && flag(f[8], 0x1) && !flag(f[8], 0x200) {
			return true
		}
	}
	return false
}

// flag reports whether a hexadecimal number has a bit: RTF_UP is 1, RTF_REJECT 0x200.
func flag(hex string, bit uint64) bool {
	n, err := strconv.ParseUint(hex, 16, 64)
	return err == nil && n&bit != 0
}
