package hwdetect

import (
	"context"
	"encoding/csv"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/adit-mining/adit/hwdetect/nvml"
)

// smiFields are what nvidia-smi is asked for. A program that does not know one of them
// answers nothing at all; then it is asked for those that all know.
var (
	smiFields    = append(slices.Clone(smiOldFields), "compute_cap", "temperature.memory", "mig.mode.current")
	smiOldFields = []string{"pci.bus_id", "name", "uuid", "driver_version", "memory.total", "memory.used", "temperature.gpu",
		"fan.speed", "power.draw", "enforced.power.limit", "utilization.gpu"}
)

// askSMI asks nvidia-smi, not more often than it is worth.
func (s *Sensors) askSMI(ctx context.Context) (nvidiaAnswer, error) {
	return s.smi.get(func() (nvidiaAnswer, error) {
		var a nvidiaAnswer
		var err error
		for _, fields := range [][]string{smiFields, smiOldFields} {
			out, complaints, errRun := s.tool(ctx, "nvidia-smi", "--query-gpu="+strings.Join(fields, ","), "--format=csv")
			if out == "" && complaints == "" {
				return a, fmt.Errorf("%w: no answer of nvidia-smi: %w", nvml.ErrAbsent, errRun)
			}
			if a, err = parseSMI(out + "\n" + complaints); len(a.cards) > 0 {
				break
			}
		}
		return a, err
	})
}

// parseSMI reads what nvidia-smi prints for --format=csv: a line of names with units,
// a line per card. A value may be "[N/A]", "[Not Supported]", "[Unknown Error]",
// "ERR!", "[GPU is lost]" or whatever else comes to a driver's mind. What went wrong
// with the driver as a whole, or with one card, is a sentence of its own.
func parseSMI(out string) (nvidiaAnswer, error) {
	a := nvidiaAnswer{readings: map[string]nvml.Reading{}}
	var names []string
	for line := range strings.Lines(out) {
		line = strings.TrimSpace(line)
		switch {
		case strings.Contains(line, "couldn't communicate with the NVIDIA driver"):
			return a, nvml.ErrNoDriver
		case strings.Contains(line, "Driver/library version mismatch"):
			return a, nvml.ErrMismatch
		case strings.HasPrefix(line, "Unable to determine the device handle for"):
			a.cards = append(a.cards, nvml.Card{Err: nvml.ErrLost, PCI: addressIn(line)})
		case names == nil && strings.Contains(line, "pci.bus_id"):
			names = columns(line)
		case names != nil:
			a.add(row(names, line))
		}
	}
	if len(a.cards) == 0 {
		return a, fmt.Errorf("%w: nvidia-smi lists no card", nvml.ErrAbsent)
	}
	return a, nil
}

// add adds a card by its row.
func (a *nvidiaAnswer) add(v map[string]string) {
	c := nvml.Card{PCI: busAddress(v["pci.bus_id"]), VendorID: vendorNVIDIA, Name: text(v["name"]), UUID: text(v["uuid"]),
		Capability: text(v["compute_cap"]), MIG: v["mig.mode.current"] == "Enabled"}
	if c.PCI == "" {
		return
	}
	if slices.Contains(slices.Collect(maps.Values(v)), "[GPU is lost]") {
		c.Err = nvml.ErrLost
	}
	if a.driver == "" {
		a.driver = text(v["driver_version"])
	}
	var r nvml.Reading
	if mib := number(v["memory.total"], 1, 1<<24); mib != nil {
		c.Memory = uint64(*mib) << 20
	}
	if mib := number(v["memory.used"], 0, 1<<24); mib != nil {
		used := uint64(*mib) << 20
		r.MemoryUsed = &used
	}
	if busy := number(v["utilization.gpu"], 0, 100); busy != nil {
		percent := int(*busy)
		r.BusyPercent = &percent
	}
	r.TemperatureC, r.MemoryC = number(v["temperature.gpu"], coldestC, hottestCardC), number(v["temperature.memory"], coldestC, hottestCardC)
	r.FanPercent = number(v["fan.speed"], 0, 100)
	r.PowerW, r.LimitW = number(v["power.draw"], 0, 5000), number(v["enforced.power.limit"], 1, 5000)
	a.cards, a.readings[c.PCI] = append(a.cards, c), r
}

// columns returns the names in a head line, without their units.
func columns(line string) []string {
	names := fieldsOf(line)
	for i, name := range names {
		names[i], _, _ = strings.Cut(name, " [")
	}
	return names
}

func row(names []string, line string) map[string]string {
	v := map[string]string{}
	for i, value := range fieldsOf(line) {
		if i < len(names) {
			v[names[i]] = value
		}
	}
	return v
}

func fieldsOf(line string) []string {
	r := csv.NewReader(strings.NewReader(line))
	r.TrimLeadingSpace, r.LazyQuotes = true, true
	fields, err := r.Read()
	if err != nil {
		return nil
	}
	return fields
}

// busAddress turns "00000000:0A:00.0" into how Linux writes it, "0000:0a:00.0". What is
// no address is "".
func busAddress(s string) string {
	domain, rest, _ := strings.Cut(s, ":")
	d, err := strconv.ParseUint(domain, 16, 32)
	if err != nil || d > 0xffff {
		return ""
	}
	var bus, device, function uint8
	if n, err := fmt.Sscanf(rest, "%02x:%02x.%1x", &bus, &device, &function); n != 3 || err != nil {
		return ""
	}
	return fmt.Sprintf("%04x:%02x:%02x.%x", d, bus, device, function)
}

// addressIn finds an address among a sentence's words, of which one may be
// "GPU0000:25:00.0:".
func addressIn(sentence string) string {
	for _, word := range strings.Fields(sentence) {
		if address := busAddress(strings.TrimPrefix(strings.TrimRight(word, ":.,"), "GPU")); address != "" {
			return address
		}
	}
	return ""
}

// text returns a value that is one.
func text(value string) string {
	if strings.HasPrefix(value, "[") || value == "N/A" || value == "ERR!" {
		return ""
	}
	return value
}

// number reads "45 %", "219.75 W" or "10240 MiB", nil if it is none or cannot be.
func number(value string, least, most float64) *float64 {
	digits, _, _ := strings.Cut(value, " ")
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil || !(n >= least && n <= most) {
		return nil
	}
	return &n
}
