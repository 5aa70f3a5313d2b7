package hwdetect

import (
	"context"
	"strings"
)

// RandomX' data set and cache, of 2080 and 256 MiB, need so many pages; XMRig asks for
// as many.
const (
	randomX2M = 1168
	randomX1G = 3
)

// readRights finds out what the system lets mining programs do. Of a recorded machine
// only the huge pages are known.
func (s *Sensors) readRights(_ context.Context, m *Machine) error {
	if m.OS == "linux" {
		m.Rights.HugePages = s.hugePages()
	}
	if s.Root != "" {
		return nil
	}
	return addLiveRights(&m.Rights)
}

// hugePages reads https://docs.kernel.org/admin-guide/mm/hugetlbpage.html, nil where
// the kernel has none.
func (p Prober) hugePages() *HugePages {
	count := func(size, file string) (int, bool) {
		n, ok := readNumber(p.path("sys", "kernel", "mm", "hugepages", "hugepages-"+size, file))
		return int(max(n, 0)), ok
	}
	var h HugePages
	var any2M, any1G bool
	h.Total2M, any2M = count("2048kB", "nr_hugepages")
	h.Free2M, _ = count("2048kB", "free_hugepages")
	h.Total1G, any1G = count("1048576kB", "nr_hugepages")
	h.Free1G, _ = count("1048576kB", "free_hugepages")
	if !any2M && !any1G {
		return nil
	}
	h.RandomX = h.Free2M >= randomX2M || h.Free1G >= randomX1G
	return &h
}

// lockedDown reports whether the kernel keeps even root from the processor's
// registers, as it does with secure boot: the mode in force stands in brackets.
func lockedDown(lockdown string) bool {
	return strings.Contains(lockdown, "[integrity]") || strings.Contains(lockdown, "[confidentiality]")
}
