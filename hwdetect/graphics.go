package hwdetect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"

	"github.com/jaypipes/ghw"
)

// unknown is what ghw calls a vendor or product that its list does not name.
const unknown = "unknown"

// classDisplay is the PCI class of everything that draws, be it without a plug
// for a screen.
const classDisplay = "03"

// errNoCard becomes a note; somebody who looks for a card shall read that there is
// none, and not wonder whether anybody looked.
var errNoCard = errors.New("no graphics card found")

// addGraphics finds the cards that a driver shows (ghw's GPU) and, on Linux,
// those that have no driver, which only the PCI bus knows of (ghw's PCI): a card
// without a driver is what its owner most needs to be told about.
func (p Prober) addGraphics(_ context.Context, m *Machine) error {
	options := []any{
		ghw.WithPCIDB(pciNames(pciIDs)),
		ghw.WithLogger(slog.New(slog.DiscardHandler)),
		ghw.WithDisableTools(),
		ghw.WithDisableTopology(),
	}
	if p.Root != "" {
		options = append(options, ghw.WithChroot(p.Root))
	}
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
	slices.SortStableFunc(m.Devices, byKind)
	if len(found) == 0 && len(faults) == 0 {
		return errNoCard
	}
	return errors.Join(faults...)
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
	switch {
	case product == "" || product == unknown:
		d.Name = strings.TrimSpace(fmt.Sprintf("%s graphics card %s:%s", d.Vendor, d.GPU.VendorID, d.GPU.DeviceID))
	case d.Vendor == "" || strings.HasPrefix(product, d.Vendor):
		d.Name = product
	default:
		d.Name = d.Vendor + " " + product
	}
	p.describeFromSysfs(&d)
	return d
}
