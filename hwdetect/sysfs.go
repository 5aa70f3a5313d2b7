package hwdetect

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// The files below are documented in the kernel's
// Documentation/gpu/amdgpu/thermal.rst and Documentation/hwmon/sysfs-interface.

// describeFromSysfs adds what does not change: a card's memory and the version of
// its driver. Other systems than Linux have no such files, and nothing is added.
func (p Prober) describeFromSysfs(d *Device) {
	card := p.cardFolder(d)
	if card == "" {
		return
	}
	if bytes, ok := readNumber(filepath.Join(card, "mem_info_vram_total")); ok && bytes > 0 {
		d.GPU.Memory = uint64(bytes)
	}
	if d.GPU.Driver != "" {
		d.GPU.DriverVersion = readLine(p.path("sys", "module", d.GPU.Driver, "version"))
	}
	if name := p.nvidiaName(d.GPU.PCIAddress); name != "" {
		d.Name = name
	}
}

// senseCard returns d with what changes read anew.
func (p Prober) senseCard(d Device) Device {
	card := p.cardFolder(&d)
	if card == "" {
		return d
	}
	gpu := *d.GPU // d's owner may be reading the old one
	d.GPU, d.TemperatureC, d.FanPercent, d.PowerW = &gpu, nil, nil, nil
	if busy, ok := readNumber(filepath.Join(card, "gpu_busy_percent")); ok && busy >= 0 && busy <= 100 {
		percent := int(busy)
		gpu.BusyPercent = &percent
	}
	monitors, _ := filepath.Glob(filepath.Join(card, "hwmon", "hwmon*"))
	for _, monitor := range monitors {
		senseMonitor(&d, monitor)
	}
	return d
}

// senseMonitor reads one hwmon folder: millidegrees, microwatts, a duty cycle.
func senseMonitor(d *Device, monitor string) {
	if t, ok := readNumber(filepath.Join(monitor, "temp1_input")); ok {
		if celsius := float64(t) / 1000; celsius >= coldestC && celsius <= hottestC {
			d.TemperatureC = &celsius
		}
	}
	for _, file := range []string{"power1_average", "power1_input"} {
		if w, ok := readNumber(filepath.Join(monitor, file)); ok && w >= 0 && d.PowerW == nil {
			watts := float64(w) / 1e6
			d.PowerW = &watts
		}
	}
	duty, ok := readNumber(filepath.Join(monitor, "pwm1"))
	full, okFull := readNumber(filepath.Join(monitor, "pwm1_max"))
	if !okFull || full <= 0 {
		full = 255
	}
	if ok && duty >= 0 && duty <= full {
		percent := float64(duty) * 100 / float64(full)
		d.FanPercent = &percent
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

// nvidiaName returns a card's name as NVIDIA's own driver gives it, which knows
// cards that are newer than our list.
func (p Prober) nvidiaName(address string) string {
	text, err := os.ReadFile(p.path("proc", "driver", "nvidia", "gpus", address, "information"))
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "Model" {
			return strings.TrimSpace(value)
		}
	}
	return ""
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
