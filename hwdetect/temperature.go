package hwdetect

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/shirou/gopsutil/v3/host"
)

// processorSensors are the names under which systems report the processor's
// temperature, the most trustworthy first: a package or die sensor, then a single
// core, then a zone of the mainboard's firmware, which may be stuck.
var processorSensors = []string{
	"coretemp_package", "k10temp_tdie", "zenpower_tdie", "k10temp_tctl", "zenpower_tctl",
	"x86_pkg_temp", "cpu_thermal", "cpu-thermal", "soc_thermal", "soc-thermal",
	"coretemp", "k10temp", "zenpower", "k8temp", "pacc mtr temp", "eacc mtr temp", "tc0p", "tc0d", "tc0c",
	"acpitz", "thermalzone", "tz00",
}

// processorDrivers are the hwmon drivers of the processors' own sensors.
var processorDrivers = []string{"coretemp", "k10temp", "zenpower", "k8temp", "cpu_thermal", "soc_thermal"}

// No processor runs outside these bounds; 0 and 127 are what a missing or broken
// sensor says.
const (
	coldestC = 1
	hottestC = 120
	// hottestCardC is above the limit of a card's hot spot, 110 and 115.
	hottestCardC = 130
)

func (s *Sensors) readTemperatures(ctx context.Context, m *Machine) error {
	stats, err := s.temperatures(ctx)
	warm, ok := ProcessorTemperature(stats)
	for i := range m.Devices {
		if m.Devices[i].Kind != CPUKind {
			continue
		}
		m.Devices[i].TemperatureC = nil
		if ok {
			m.Devices[i].TemperatureC = &warm
		}
	}
	switch {
	case ok:
		return nil // some sensors may have failed; the one that matters did not
	case len(stats) == 0 && m.isVirtual():
		return errors.New("no temperature sensor: this is a virtual machine, and its host keeps the sensors to itself")
	case len(stats) == 0 && m.OS == "windows":
		return errors.New("no temperature sensor: Windows shows the firmware's to administrators only, and many boards have none")
	case len(stats) == 0 && m.OS == "darwin":
		return errors.New("no temperature sensor: macOS shows temperatures to root only (powermetrics)")
	case len(stats) == 0 && err != nil:
		return fmt.Errorf("no temperature sensor: %w", err)
	case len(stats) == 0:
		return errors.New("no temperature sensor: the system shows none")
	}
	return fmt.Errorf("no temperature sensor of the processor among the system's %d", len(stats))
}

// temperatures asks the processor's own sensors where Detect found them, and else
// all that there are, which is dear where the system is asked by WMI.
func (s *Sensors) temperatures(ctx context.Context) ([]host.TemperatureStat, error) {
	if len(s.chips) > 0 {
		return readChips(s.chips), nil
	}
	ask := func() ([]host.TemperatureStat, error) { return host.SensorsTemperaturesWithContext(ctx) }
	switch {
	case s.system() == "linux":
		return ask()
	case s.Root != "":
		return nil, nil // gopsutil would ask this machine
	}
	return s.zones.get(ask)
}

// processorChips returns the hwmon folders of the processor's sensors. A board has a
// dozen other chips, some of them on a slow bus, which is no way to spend a
// miner's time every few seconds.
func (p Prober) processorChips() []string {
	chips := []string{} // not nil: looked for, and none found
	folders, _ := filepath.Glob(p.path("sys", "class", "hwmon", "hwmon*"))
	for _, folder := range folders {
		name := strings.ToLower(readLine(filepath.Join(folder, "name")))
		if slices.Contains(processorDrivers, name) {
			chips = append(chips, folder)
		}
	}
	return chips
}

func readChips(chips []string) []host.TemperatureStat {
	var stats []host.TemperatureStat
	for _, chip := range chips {
		name := readLine(filepath.Join(chip, "name"))
		inputs, _ := filepath.Glob(filepath.Join(chip, "temp*_input"))
		for _, input := range inputs {
			key := name
			if label := readLine(strings.TrimSuffix(input, "_input") + "_label"); label != "" {
				key += "_" + strings.ReplaceAll(strings.ToLower(label), " ", "_")
			}
			if milli, ok := readNumber(input); ok {
				stats = append(stats, host.TemperatureStat{SensorKey: key, Temperature: float64(milli) / 1000})
			}
		}
	}
	return stats
}

// ProcessorTemperature picks the processor's temperature, in degrees Celsius, out
// of all that the system's sensors say.
func ProcessorTemperature(stats []host.TemperatureStat) (celsius float64, ok bool) {
	for _, name := range processorSensors {
		hottest := 0.0
		for _, s := range stats {
			if !strings.HasPrefix(strings.ToLower(s.SensorKey), name) || limitReading(s.SensorKey) {
				continue
			}
			if s.Temperature >= coldestC && s.Temperature <= hottestC {
				hottest = max(hottest, s.Temperature)
			}
		}
		if hottest > 0 {
			return hottest, true
		}
	}
	return 0, false
}

// limitReading reports whether a sensor's key names a limit, not a reading.
func limitReading(key string) bool {
	return strings.HasSuffix(key, "_crit") || strings.HasSuffix(key, "_max") || strings.HasSuffix(key, "_alarm")
}

func (m Machine) isVirtual() bool {
	d := m.CPU()
	return d != nil && d.CPU != nil && d.CPU.Virtual
}
