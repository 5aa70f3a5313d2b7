package hwdetect

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// The files below are documented in the kernel's Documentation/gpu/amdgpu/thermal.rst,
// Documentation/hwmon/sysfs-interface, and Documentation/ABI/testing/
// sysfs-driver-intel-xe-hwmon and -i915-hwmon.

// describeFromSysfs adds what does not change: a card's memory, the version of its
// driver, and what keeps it from working. Other systems than Linux have no such
// files, and nothing is added.
func (p Prober) describeFromSysfs(d *Device) {
	card := p.cardFolder(d)
	if card == "" {
		return
	}
	g := d.GPU
	if bytes, ok := readNumber(filepath.Join(card, "mem_info_vram_total")); ok && bytes > 0 {
		g.Memory = uint64(bytes) // amdgpu's; Intel's drivers tell theirs to root only
	}
	if id := readLine(filepath.Join(card, "unique_id")); id != "" {
		g.UUID = id
	}
	if g.Driver != "" {
		g.DriverVersion = readLine(p.path("sys", "module", g.Driver, "version"))
	}
	if name, uuid := p.nvidiaInformation(g.PCIAddress); name != "" {
		d.Name, g.UUID = name, uuid
	}
	g.Integrated = integrated(*g)
	g.OpenCL = p.hasOpenCL(g.VendorID)
	g.fault = p.faultOf(*g, card)
}

// faultOf says what keeps a card from working, as far as the files tell.
func (p Prober) faultOf(g GPU, card string) Cause {
	switch {
	case g.Driver == "" && g.VendorID == vendorNVIDIA && p.switchedOff(g.PCIAddress):
		return SwitchedOff
	case g.Driver == "":
		return NoDriver
	case g.Driver == "nouveau":
		return Nouveau
	case g.VendorID != vendorNVIDIA && !p.mayRender(card):
		return NoPermission
	}
	return NoCause
}

// switchedOff reports whether the tools of laptops with two cards keep the second
// one off: Ubuntu's nvidia-prime, or bbswitch of older systems.
func (p Prober) switchedOff(address string) bool {
	if readLine(p.path("etc", "prime-discrete")) == "off" {
		return true
	}
	return readLine(p.path("proc", "acpi", "bbswitch")) == address+" OFF"
}

// asleep reports whether the system has switched a card off to save power.
func (p Prober) asleep(address string) bool {
	return address != "" && readLine(p.path("sys", "bus", "pci", "devices", address, "power", "runtime_status")) == "suspended"
}

// senseSysfs reads what changes.
func (s *Sensors) senseSysfs(d *Device) {
	card := s.cardFolder(d)
	if card == "" {
		return
	}
	if busy, ok := readNumber(filepath.Join(card, "gpu_busy_percent")); ok && busy >= 0 && busy <= 100 {
		percent := int(busy)
		d.GPU.BusyPercent = &percent
	}
	if used, ok := readNumber(filepath.Join(card, "mem_info_vram_used")); ok && used >= 0 {
		bytes := uint64(used)
		d.GPU.MemoryUsed = &bytes
	}
	monitors, _ := filepath.Glob(filepath.Join(card, "hwmon", "hwmon*"))
	for _, monitor := range monitors {
		senseHeat(d, monitor)
		senseFan(d, monitor)
		s.sensePower(d, monitor)
	}
}

// senseHeat reads millidegrees. The labels are amdgpu's (edge, junction, mem) and
// xe's (pkg, vram); a sensor without one is the card's only.
func senseHeat(d *Device, monitor string) {
	for n := range 4 {
		name := filepath.Join(monitor, "temp"+strconv.Itoa(n+1))
		milli, ok := readNumber(name + "_input")
		celsius := float64(milli) / 1000
		if !ok || celsius < coldestC || celsius > hottestCardC {
			continue
		}
		switch label := readLine(name + "_label"); label {
		case "", "edge", "pkg":
			if d.TemperatureC == nil || label != "" {
				d.TemperatureC = &celsius
			}
		case "junction":
			d.GPU.HotspotC = &celsius
		case "mem", "vram":
			d.GPU.MemoryC = &celsius
		}
	}
	if d.TemperatureC == nil { // AMD's server cards have no edge sensor
		d.TemperatureC = d.GPU.HotspotC
	}
}

// senseFan reads the duty cycle and the speed.
func senseFan(d *Device, monitor string) {
	duty, ok := readNumber(filepath.Join(monitor, "pwm1"))
	full, okFull := readNumber(filepath.Join(monitor, "pwm1_max"))
	if !okFull || full <= 0 {
		full = 255
	}
	if ok && duty >= 0 && duty <= full {
		percent := float64(duty) * 100 / float64(full)
		d.FanPercent = &percent
	}
	n, ok := readNumber(filepath.Join(monitor, "fan1_input"))
	if !ok || n < 0 || n > 20000 {
		return
	}
	rpm := int(n)
	d.GPU.FanRPM = &rpm
	if most, ok := readNumber(filepath.Join(monitor, "fan1_max")); ok && most >= n && most > 0 && d.FanPercent == nil {
		percent := float64(n) * 100 / float64(most)
		d.FanPercent = &percent
	}
}

// sensePower reads microwatts, or, for Intel's cards, a meter of microjoules.
func (s *Sensors) sensePower(d *Device, monitor string) {
	for _, file := range []string{"power1_average", "power1_input"} {
		if w, ok := readNumber(filepath.Join(monitor, file)); ok && w >= 0 && d.PowerW == nil {
			watts := float64(w) / 1e6
			d.PowerW = &watts
		}
	}
	for _, file := range []string{"energy1_input", "energy2_input"} { // the whole card, else the chip's package
		path := filepath.Join(monitor, file)
		if now, ok := readNumber(path); ok && d.PowerW == nil {
			d.PowerW = s.watts(path, now)
			break
		}
	}
	for _, file := range []string{"power1_cap", "power1_max"} { // amdgpu's, Intel's
		if w, ok := readNumber(filepath.Join(monitor, file)); ok && w > 0 && d.GPU.PowerLimitW == nil {
			watts := float64(w) / 1e6
			d.GPU.PowerLimitW = &watts
		}
	}
}

// cardFolder returns the card's folder in sysfs, or "" where there is none.
func (p Prober) cardFolder(d *Device) string {
	if d.GPU == nil || d.GPU.PCIAddress == "" {
		return ""
	}
	folder := p.path("sys", "bus", "pci", "devices", d.GPU.PCIAddress)
	if _, err := os.Stat(folder); err != nil {
		return ""
	}
	return folder
}

// nvidiaInformation returns a card's name and identity as NVIDIA's own driver gives
// them, which knows cards that are newer than our list.
func (p Prober) nvidiaInformation(address string) (name, uuid string) {
	text, err := os.ReadFile(p.path("proc", "driver", "nvidia", "gpus", address, "information"))
	if err != nil {
		return "", ""
	}
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(line, ":")
		switch value = strings.TrimSpace(value); strings.TrimSpace(key) {
		case "Model":
			name = value
		case "GPU UUID":
			if !strings.Contains(value, "?") { // until the card is first used
				uuid = value
			}
		}
	}
	return name, uuid
}

// hasOpenCL reports whether OpenCL's list of runtimes has one for a vendor's cards
// that mining programs work with, which Mesa's (rusticl, clover) is not.
func (p Prober) hasOpenCL(vendorID string) *bool {
	marks := map[string][]string{vendorAMD: {"amdocl"}, vendorNVIDIA: {"nvidia"}, vendorIntel: {"igdrcl", "intel"}}[vendorID]
	if marks == nil {
		return nil
	}
	found := false
	lists, _ := filepath.Glob(p.path("etc", "OpenCL", "vendors", "*.icd"))
	for _, list := range lists {
		library := filepath.Base(readLine(list))
		found = found || slices.ContainsFunc(marks, func(mark string) bool { return strings.Contains(library, mark) })
	}
	return &found
}

func readLine(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSpace(line)
}

func readNumber(path string) (int64, bool) {
	n, err := strconv.ParseInt(readLine(path), 10, 64)
	return n, err == nil
}
