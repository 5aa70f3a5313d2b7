package hwdetect

import (
	_ "embed"
	"os"
	"path/filepath"
	"strings"

	"github.com/jaypipes/pcidb"
)

// pciIDs are the names of graphics processors, so that a card has one on systems
// that bring no list of their own, where ghw would refuse to work at all. What it
// was extracted from is said in the file.
//
//go:embed pci.ids
var pciIDs string

// pciNames parses a list in the format of pci.ids: vendors and classes at the
// margin, devices and subclasses under one tab. Deeper lines do not occur in ours.
func pciNames(list string) *pcidb.PCIDB {
	db := &pcidb.PCIDB{
		Classes:  map[string]*pcidb.Class{},
		Vendors:  map[string]*pcidb.Vendor{},
		Products: map[string]*pcidb.Product{},
	}
	var vendor *pcidb.Vendor
	var class *pcidb.Class
	for line := range strings.Lines(list) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "\t\t") {
			continue
		}
		nested := strings.HasPrefix(line, "\t")
		id, name, ok := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(line, "\t"), "C "), "  ")
		switch {
		case !ok:
		case nested && class != nil:
			class.Subclasses = append(class.Subclasses, &pcidb.Subclass{ID: id, Name: name})
		case nested && vendor != nil:
			product := &pcidb.Product{VendorID: vendor.ID, ID: id, Name: name}
			vendor.Products = append(vendor.Products, product)
			db.Products[vendor.ID+id] = product
		case strings.HasPrefix(line, "C "):
			vendor, class = nil, &pcidb.Class{ID: id, Name: name}
			db.Classes[id] = class
		default:
			class, vendor = nil, &pcidb.Vendor{ID: id, Name: name}
			db.Vendors[id] = vendor
		}
	}
	return db
}

// systemsName looks a card up in the system's own list, which may be newer than ours.
func (p Prober) systemsName(g GPU) string {
	for _, list := range []string{"usr/share/misc/pci.ids", "usr/share/hwdata/pci.ids"} {
		text, err := os.ReadFile(p.path(list))
		if err != nil {
			continue
		}
		if product := pciNames(string(text)).Products[g.VendorID+g.DeviceID]; product != nil {
			return shortProduct(product.Name)
		}
	}
	return ""
}

// amdName returns what libdrm's list calls a card of AMD's: where one chip is sold
// as several cards, it tells them apart by the chip's revision.
func (p Prober) amdName(g GPU) string {
	if g.VendorID != vendorAMD {
		return ""
	}
	text, err := os.ReadFile(p.path("usr/share/libdrm/amdgpu.ids"))
	if err != nil {
		return ""
	}
	revision := strings.TrimPrefix(readLine(filepath.Join(p.path("sys/bus/pci/devices"), g.PCIAddress, "revision")), "0x")
	for line := range strings.Lines(string(text)) {
		row := strings.SplitN(line, ",", 3) // device, revision, name
		if len(row) == 3 && strings.EqualFold(row[0], g.DeviceID) && strings.EqualFold(strings.TrimSpace(row[1]), revision) {
			return strings.TrimSpace(row[2])
		}
	}
	return ""
}

// shortVendor returns the name people know a vendor by.
func shortVendor(id, name string) string {
	switch id {
	case vendorAMD:
		return "AMD"
	case vendorNVIDIA:
		return "NVIDIA"
	case vendorIntel:
		return "Intel"
	case vendorApple:
		return "Apple"
	}
	if name == unknown {
		return ""
	}
	return name
}

// shortProduct returns the name on the box: "Navi 31 [Radeon RX 7900 XT]" is a
// "Radeon RX 7900 XT".
func shortProduct(name string) string {
	open, end := strings.LastIndex(name, "["), strings.LastIndex(name, "]")
	if open < 0 || end < open {
		return name
	}
	return name[open+1 : end]
}
