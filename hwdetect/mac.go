package hwdetect

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// macProfile is what system_profiler -json prints, as far as we read it.
type macProfile struct {
	Displays []macCard     `json:"SPDisplaysDataType"`
	Hardware []macHardware `json:"SPHardwareDataType"`
}

type macCard struct {
	Name     string `json:"_name"`
	Model    string `json:"sppci_model"`
	Vendor   string `json:"spdisplays_vendor"` // "sppci_vendor_Apple", "Intel", "NVIDIA (0x10de)"
	DeviceID string `json:"spdisplays_device-id"`
	VRAM     string `json:"spdisplays_vram"`        // "8 GB"
	Shared   string `json:"spdisplays_vram_shared"` // "1536 MB", of built-in graphics
}

type macHardware struct {
	Chip       string          `json:"chip_type"` // Apple's
	Processor  string          `json:"cpu_type"`  // Intel's
	Processors json.RawMessage `json:"number_processors"`
	Memory     string          `json:"physical_memory"`
}

// addMacGraphics asks system_profiler for the graphics, and for the processor where
// nobody else told its name.
func (s *Sensors) addMacGraphics(ctx context.Context, m *Machine) error {
	out, _, err := s.tool(ctx, "system_profiler", "-json", "SPDisplaysDataType", "SPHardwareDataType")
	if err != nil {
		return fmt.Errorf("graphics: %w", err)
	}
	var profile macProfile
	if err := json.Unmarshal([]byte(out), &profile); err != nil {
		return fmt.Errorf("graphics: what system_profiler printed: %w", err)
	}
	for i, card := range profile.Displays {
		m.Devices = append(m.Devices, card.device(i))
	}
	if cpu := m.CPU(); cpu != nil && len(profile.Hardware) > 0 {
		profile.Hardware[0].describe(cpu, s.Root != "")
	}
	return nil
}

// device describes the card at a place of system_profiler's list, which has no PCI
// addresses.
func (c macCard) device(place int) Device {
	g := &GPU{VendorID: macVendor(c.Vendor), DeviceID: strings.TrimPrefix(c.DeviceID, "0x"), Memory: size(cmp.Or(c.VRAM, c.Shared))}
	d := Device{ID: "gpu-" + strconv.Itoa(place), Kind: GPUKind, GPU: g, Vendor: shortVendor(g.VendorID, unknown)}
	d.Name = fullName(d, cmp.Or(c.Model, c.Name))
	g.Integrated = c.Shared != "" || integrated(*g)
	return d
}

func macVendor(name string) string {
	for mark, id := range map[string]string{"apple": vendorApple, "amd": vendorAMD, "1002": vendorAMD, "intel": vendorIntel, "nvidia": vendorNVIDIA} {
		if strings.Contains(strings.ToLower(name), mark) {
			return id
		}
	}
	return ""
}

// describe fills in what is not known of the processor. In a recording that is all.
func (h macHardware) describe(cpu *Device, recorded bool) {
	if name := cmp.Or(h.Chip, h.Processor); name != "" && (recorded || strings.HasPrefix(cpu.Name, "Processor (")) {
		cpu.Name = tidyName(name)
	}
	if !recorded {
		return
	}
	// "proc 8:4:4" is all cores and those of each kind; Intel's have a number.
	text := strings.TrimPrefix(strings.Trim(string(h.Processors), `"`), "proc ")
	text, _, _ = strings.Cut(text, ":")
	if n, err := strconv.Atoi(text); err == nil && n > 0 && n < 1024 {
		cpu.CPU.Cores, cpu.CPU.Threads = n, n
	}
}

// senseMac reads what changes and needs no root: whether heat slows the processor,
// and how busy the graphics are.
func (s *Sensors) senseMac(ctx context.Context, m *Machine) {
	if cpu := m.CPU(); cpu != nil {
		cpu.CPU.SpeedPercent, _ = s.speed.get(func() (*int, error) {
			out, _, err := s.tool(ctx, "pmset", "-g", "therm")
			return speedLimit(out), err
		})
	}
	busy, _ := s.busy.get(func() ([]int, error) {
		out, _, err := s.tool(ctx, "ioreg", "-r", "-d", "1", "-w", "0", "-c", "IOAccelerator")
		return utilisations(out), err
	})
	n := 0
	for i := range m.Devices {
		if d := &m.Devices[i]; isCard(*d) && n < len(busy) {
			d.GPU.BusyPercent = &busy[n]
			n++
		}
	}
}

// speedLimit reads "CPU_Speed_Limit = 100" of pmset -g therm. A Mac that was never
// hot says in words that nothing was recorded, which is all of the speed.
func speedLimit(out string) *int {
	for line := range strings.Lines(out) {
		name, value, found := strings.Cut(line, "=")
		if !found || !strings.HasSuffix(strings.TrimSpace(name), "CPU_Speed_Limit") {
			continue
		}
		if n, err := strconv.Atoi(strings.TrimSpace(value)); err == nil && n >= 0 && n <= 100 {
			return &n
		}
	}
	if strings.Contains(out, "No thermal warning level has been recorded") {
		all := 100
		return &all
	}
	return nil
}

// utilisations reads "Device Utilization %"=16 of each card in what ioreg prints.
func utilisations(out string) []int {
	const mark = `"Device Utilization %"=`
	var all []int
	for _, after := range strings.Split(out, mark)[1:] {
		digits := after[:len(after)-len(strings.TrimLeft(after, "0123456789"))]
		if n, err := strconv.Atoi(digits); err == nil && n <= 100 {
			all = append(all, n)
		}
	}
	return all
}

// size reads "8 GB" or "1536 MB", 0 if it is none.
func size(text string) uint64 {
	number, unit, _ := strings.Cut(strings.TrimSpace(text), " ")
	n, err := strconv.ParseUint(number, 10, 32)
	switch {
	case err != nil:
		return 0
	case unit == "GB":
		return n << 30
	case unit == "MB":
		return n << 20
	}
	return 0
}
