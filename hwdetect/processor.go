package hwdetect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/klauspost/cpuid/v2"
	"github.com/shirou/gopsutil/v3/cpu"
)

// picked are the instruction sets by which mining programs choose their code.
var picked = []cpuid.FeatureID{
	cpuid.SSE2, cpuid.SSSE3, cpuid.SSE4, cpuid.SSE42, cpuid.AESNI, cpuid.AVX, cpuid.AVX2,
	cpuid.AVX512F, cpuid.AVX512VL, cpuid.VAES, cpuid.SHA, cpuid.BMI2, cpuid.ADX,
	cpuid.ASIMD, cpuid.AESARM, cpuid.SHA1, cpuid.SHA2, cpuid.SVE,
}

func (p Prober) addProcessor(ctx context.Context, m *Machine) error {
	var infos []cpu.InfoStat
	var err error
	if p.Root == "" || m.OS == "linux" { // gopsutil knows no recordings of other systems
		infos, err = cpu.InfoWithContext(ctx)
	}
	d := Device{ID: "cpu0", Kind: CPUKind, CPU: &CPU{Features: []string{}}}
	if len(infos) > 0 {
		d.Name, d.Vendor = infos[0].ModelName, infos[0].VendorID
	}
	d.CPU.Sockets = sockets(infos)
	if p.Root == "" {
		describeThis(ctx, &d)
		err = nil // cpuid asked the processor itself
	} else {
		describeRecorded(&d, infos)
		p.readCaches(d.CPU)
	}
	d.Name = tidyName(d.Name)
	if d.Name == "" {
		d.Name = "Processor (" + m.Arch + ")"
	}
	m.Devices = append(m.Devices, d)
	if err != nil {
		return fmt.Errorf("processor: %w", err)
	}
	if p.Root != "" && m.OS == "linux" && len(infos) == 0 {
		return errors.New("processor: the recording has no /proc/cpuinfo")
	}
	return nil
}

// describeThis asks the running processor, which is right where /proc or WMI are
// closed. On ARM it knows less than the system, whose name then stays.
func describeThis(ctx context.Context, d *Device) {
	c := cpuid.CPU
	d.Name = cmp.Or(c.BrandName, d.Name)
	if vendor := c.VendorString; vendor != "" {
		d.Vendor = vendor
	}
	d.CPU.Threads = runtime.NumCPU()
	d.CPU.Cores = c.PhysicalCores // of one socket
	if all, err := cpu.CountsWithContext(ctx, false); err == nil {
		d.CPU.Cores = all
	}
	if d.CPU.Cores <= 0 || d.CPU.Cores > d.CPU.Threads {
		d.CPU.Cores = d.CPU.Threads
	}
	d.CPU.L1Data, d.CPU.L2, d.CPU.L3 = max(c.Cache.L1D, 0), max(c.Cache.L2, 0), max(c.Cache.L3, 0)
	d.CPU.Virtual = c.VM()
	for _, f := range picked {
		if c.Has(f) {
			d.CPU.Features = append(d.CPU.Features, f.String())
		}
	}
}

// sockets counts the processors of a board with several, which are one device to us:
// mining programs use all of them at once.
func sockets(infos []cpu.InfoStat) int {
	seen := map[string]bool{}
	for _, in := range infos {
		seen[in.PhysicalID] = true
	}
	return max(len(seen), 1)
}

// arch is the machine's architecture. Only ARM says so in a recording: its
// /proc/cpuinfo has no vendor_id but an implementer.
func arch(p Prober) string {
	if p.Root != "" {
		text, err := os.ReadFile(p.path("proc", "cpuinfo"))
		switch {
		case err == nil && strings.Contains(string(text), "CPU implementer"):
			return "arm64"
		case err == nil && strings.Contains(string(text), "vendor_id"):
			return "amd64"
		}
	}
	return runtime.GOARCH
}

// describeRecorded reads /proc/cpuinfo's rows, one per thread.
func describeRecorded(d *Device, infos []cpu.InfoStat) {
	d.CPU.Threads = max(len(infos), 1)
	cores := map[string]bool{}
	for _, in := range infos {
		cores[in.PhysicalID+"/"+in.CoreID] = true
	}
	d.CPU.Cores = max(len(cores), 1)
	if len(infos) == 0 {
		return
	}
	flags := infos[0].Flags
	d.CPU.Virtual = slices.Contains(flags, "hypervisor")
	for _, f := range picked {
		if slices.Contains(flags, flagName(f)) {
			d.CPU.Features = append(d.CPU.Features, f.String())
		}
	}
}

// readCaches reads the first thread's caches. (The "cache size" of /proc/cpuinfo
// is the third level's with Intel and the second's with AMD.)
func (p Prober) readCaches(c *CPU) {
	for index := range 6 {
		cache := p.path("sys", "devices", "system", "cpu", "cpu0", "cache", "index"+strconv.Itoa(index))
		kib, err := strconv.Atoi(strings.TrimSuffix(readLine(filepath.Join(cache, "size")), "K"))
		if err != nil || readLine(filepath.Join(cache, "type")) == "Instruction" {
			continue
		}
		switch readLine(filepath.Join(cache, "level")) {
		case "1":
			c.L1Data = kib * 1024
		case "2":
			c.L2 = kib * 1024
		case "3":
			c.L3 = kib * 1024
		}
	}
}

// flagName returns how Linux spells a feature in /proc/cpuinfo.
func flagName(f cpuid.FeatureID) string {
	switch f {
	case cpuid.SSE4:
		return "sse4_1"
	case cpuid.SSE42:
		return "sse4_2"
	case cpuid.AESNI, cpuid.AESARM:
		return "aes"
	case cpuid.SHA:
		return "sha_ni"
	}
	return strings.ToLower(f.String())
}

// tidyName drops what a vendor prints for lawyers: "Intel(R) Core(TM) i7-8700 CPU
// @ 3.20GHz" becomes "Intel Core i7-8700".
func tidyName(name string) string {
	name = strings.NewReplacer("(R)", "", "(r)", "", "(TM)", "", "(tm)", "", " CPU", "", " Processor", "").Replace(name)
	if at := strings.Index(name, "@"); at >= 0 {
		name = name[:at]
	}
	return strings.Join(strings.Fields(name), " ")
}
