package hwdetect

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// windowsCard is a row of Win32_VideoController, with what the registry adds: the
// device's key below Enum, and its driver's below Class.
type windowsCard struct {
	PNP      string `json:"pnp"`  // PCI\VEN_10DE&DEV_2684&SUBSYS_...\4&1A2B...
	Name     string `json:"name"` // as the driver calls it
	Version  string `json:"version"`
	Location string `json:"location"` // "@...;PCI bus %1, device %2, function %3;(1,0,0)"
	Provider string `json:"provider"` // who made the driver
	Memory   uint64 `json:"memory"`   // WMI's own field ends at 4 GiB
	Flags    uint64 `json:"config_flags"`
}

// addWindowsGraphics finds the cards by WMI and asks the registry about each.
func (s *Sensors) addWindowsGraphics(m *Machine) error {
	rows, err := s.windowsCards()
	for i, row := range rows {
		if strings.HasPrefix(row.PNP, `PCI\`) { // else it is a remote screen's, or another that is none
			m.Devices = append(m.Devices, row.device(i))
		}
	}
	if err != nil {
		return fmt.Errorf("graphics cards: %w", err)
	}
	return nil
}

// recordedWindowsCards reads a recording's rows.
func (p Prober) recordedWindowsCards() ([]windowsCard, error) {
	text, err := os.ReadFile(p.path("tools", "video-controllers.json"))
	if err != nil {
		return nil, err
	}
	var rows []windowsCard
	return rows, json.Unmarshal(text, &rows)
}

// device describes a card at its place among the rows.
func (w windowsCard) device(place int) Device {
	g := &GPU{PCIAddress: locationAddress(w.Location), VendorID: pnpPart(w.PNP, "VEN_"), DeviceID: pnpPart(w.PNP, "DEV_"),
		Driver: w.Version, DriverVersion: w.Version, Memory: w.Memory}
	d := Device{ID: "gpu-" + cmp.Or(g.PCIAddress, strconv.Itoa(place)), Kind: GPUKind, GPU: g}
	names := pciNames(pciIDs)
	vendorName := unknown
	if v := names.Vendors[g.VendorID]; v != nil {
		vendorName = v.Name
	}
	d.Vendor = shortVendor(g.VendorID, vendorName)
	basic := w.Provider == "Microsoft" && !pretends(*g)
	name := w.Name
	if p := names.Products[g.VendorID+g.DeviceID]; p != nil && (basic || name == "") {
		name = shortProduct(p.Name) // not "Microsoft Basic Display Adapter"
	}
	d.Name = fullName(d, strings.NewReplacer("(R)", "", "(TM)", "").Replace(name))
	if g.VendorID == vendorNVIDIA {
		g.DriverVersion = nvidiaVersion(w.Version)
	}
	g.Integrated = integrated(*g)
	g.fault = w.fault(basic)
	return d
}

// fault says what keeps the card from working.
func (w windowsCard) fault(basic bool) Cause {
	const disabled = 1 // CONFIGFLAG_DISABLED of regstr.h
	switch {
	case w.Flags&disabled != 0:
		return Disabled
	case basic:
		return BasicDriver
	case w.Version == "":
		return NoDriver
	}
	return NoCause
}

// pnpPart returns the four hex digits after a mark of a PNP id, in lower case.
func pnpPart(pnp, mark string) string {
	_, after, found := strings.Cut(strings.ToUpper(pnp), mark)
	if !found || len(after) < 4 {
		return ""
	}
	if _, err := strconv.ParseUint(after[:4], 16, 16); err != nil {
		return ""
	}
	return strings.ToLower(after[:4])
}

// locationAddress reads the numbers at the end of a LocationInformation, decimal,
// "(1,0,0)": bus, device, function. Windows puts the domain, where there are several,
// into the bus.
func locationAddress(location string) string {
	open := strings.LastIndex(location, "(")
	if open < 0 {
		return ""
	}
	var bus, device, function int
	if _, err := fmt.Sscanf(location[open:], "(%d,%d,%d)", &bus, &device, &function); err != nil {
		return ""
	}
	if bus < 0 || bus > 0xffffff || device < 0 || device > 31 || function < 0 || function > 7 {
		return ""
	}
	return fmt.Sprintf("%04x:%02x:%02x.%x", bus>>8, bus&0xff, device, function)
}

// nvidiaVersion turns the version that Windows gives NVIDIA's driver, 31.0.15.3623,
// into the one that NVIDIA gives it: the last five digits, 536.23.
func nvidiaVersion(version string) string {
	digits := strings.ReplaceAll(version, ".", "")
	if strings.Count(version, ".") != 3 || len(digits) < 5 {
		return version
	}
	last := digits[len(digits)-5:]
	return last[:3] + "." + last[3:]
}
