package hwdetect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"

	"github.com/jaypipes/ghw"
)

// unknown is what ghw calls a vendor or product that its list does not name.
const unknown = "unknown"

// classDisplay is the PCI class of everything that draws, be it without a plug
// for a screen.
const classDisplay = "03"

// noCard is a note: somebody who looks for a card shall read that there is none, and
// not wonder whether anybody looked.
const noCard = "no graphics card found"

// addGraphics finds the graphics cards.
func (s *Sensors) addGraphics(ctx context.Context, m *Machine) error {
	switch {
	case m.OS == "darwin":
		return s.addMacGraphics(ctx, m)
	case m.OS == "windows":
		return s.addWindowsGraphics(m)
	}
	return s.addBusGraphics(m)
}

// addBusGraphics finds the cards that a driver shows (ghw's GPU) and, on Linux,
// those that have no driver, which only the PCI bus knows of (ghw's PCI): a card
// without a driver is what its owner most needs to be told about.
func (p Prober) addBusGraphics(m *Machine) error {
	options := p.ghwOptions()
	var faults []error
	found := map[string]*ghw.PCIDevice{}
	if m.OS == "linux" && runtime.GOOS == "linux" {
		bus, err := ghw.PCI(options...)
		if err != nil {
			faults = append(faults, fmt.Errorf("graphics cards on the PCI bus: %w", err))
		} else {
			for _, d := range bus.Devices {
				if d.Class != nil && d.Class.ID == classDisplay {
					found[d.Address] = d
				}
			}
		}
	}
	cards, err := ghw.GPU(options...)
	if err != nil {
		faults = append(faults, fmt.Errorf("graphics cards: %w", err))
	} else {
		for _, c := range cards.GraphicsCards {
			if _, known := found[c.Address]; !known || c.DeviceInfo != nil {
				found[c.Address] = c.DeviceInfo
			}
		}
	}
	for address, info := range found {
		m.Devices = append(m.Devices, p.describeCard(address, info))
	}
	return errors.Join(faults...)
}

func (p Prober) ghwOptions() []any {
	options := []any{
		ghw.WithPCIDB(pciNames(pciIDs)),
		ghw.WithLogger(slog.New(slog.DiscardHandler)),
		ghw.WithDisableTools(),
		ghw.WithDisableTopology(),
	}
	if p.Root != "" {
		options = append(options, ghw.WithChroot(p.Root))
	}
	return options
}

// byKind puts processors first, then graphics cards by address.
func byKind(a, b Device) int {
	return cmp.Or(strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.ID, b.ID))
}

func (p Prober) describeCard(address string, info *ghw.PCIDevice) Device {
	d := Device{ID: "gpu-" + address, Kind: GPUKind, GPU: &GPU{PCIAddress: address}}
	if info == nil {
		d.Name = "Graphics card at " + address
		return d
	}
	d.GPU.Driver = info.Driver
	var vendorName, product string
	if info.Vendor != nil {
		d.GPU.VendorID, vendorName = info.Vendor.ID, info.Vendor.Name
	}
	if info.Product != nil {
		d.GPU.DeviceID, product = info.Product.ID, shortProduct(info.Product.Name)
	}
	d.Vendor = shortVendor(d.GPU.VendorID, vendorName)
	d.Name = fullName(d, cmp.Or(p.amdName(*d.GPU), known(product), p.systemsName(*d.GPU)))
	p.describeFromSysfs(&d)
	return d
}

// fullName puts a card's vendor before its product, once. A card that no list knows
// has its numbers for a name.
func fullName(d Device, product string) string {
	switch {
	case product == "":
		return strings.TrimSpace(fmt.Sprintf("%s graphics card %s:%s", d.Vendor, d.GPU.VendorID, d.GPU.DeviceID))
	case d.Vendor == "" || strings.HasPrefix(product, d.Vendor):
		return product
	}
	return d.Vendor + " " + product
}

func known(product string) string {
	if product == unknown {
		return ""
	}
	return product
}
