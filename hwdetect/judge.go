package hwdetect

import "slices"

// Vendors by PCI id.
const (
	vendorAMD    = "1002"
	vendorNVIDIA = "10de"
	vendorIntel  = "8086"
)

// virtualVendors make adapters that exist only inside virtual machines: QEMU,
// VMware, VirtualBox, virtio, Hyper-V, QXL, and Cirrus, whose chip QEMU copies.
var virtualVendors = []string{"1234", "15ad", "80ee", "1af4", "1414", "1b36", "1013"}

// serverVendors make the small display chips of servers: ASPEED, Matrox.
var serverVendors = []string{"1a03", "102b"}

// leastMemory is what the programs of today ask for at least, in bytes; a card
// that does not tell its memory is not judged by it.
const leastMemory = 2 << 30

const nothingToDo = "There is nothing to do: the processor mines instead."

// judge fills in whether a device can mine, else why not and what to do.
func judge(d Device) Device {
	d.Mineable, d.Reason, d.Advice = true, "", ""
	if d.Kind == GPUKind && d.GPU != nil {
		d.Reason, d.Advice = judgeCard(*d.GPU)
		d.Mineable = d.Reason == ""
	}
	return d
}

func judgeCard(g GPU) (reason, advice string) {
	switch {
	case slices.Contains(virtualVendors, g.VendorID):
		return "This is a virtual machine's display adapter; no chip is behind it.", nothingToDo
	case slices.Contains(serverVendors, g.VendorID):
		return "This chip only draws a server's console.", nothingToDo
	case g.Driver == "vfio-pci" || g.Driver == "pci-stub" || g.Driver == "xen-pciback":
		return "The card is lent to a virtual machine.", "Give it back to this system, or run Adit inside that machine."
	case g.Driver == "":
		return "No driver is installed for this card.", "Install " + driverOf(g.VendorID) + ", then start the computer again."
	case g.Driver == "nouveau":
		return "The nouveau driver cannot run mining programs.", "Install NVIDIA's own driver, then start the computer again."
	case g.Driver == "radeon":
		return "The card is too old for mining programs of today.", nothingToDo
	case g.VendorID == vendorIntel && g.Memory == 0:
		return "Built-in graphics share the processor's memory and power; mining on them would earn next to nothing.", nothingToDo
	case g.Memory > 0 && g.Memory < leastMemory:
		return "The card has too little memory for mining programs.", nothingToDo
	}
	return "", ""
}

// pretends reports whether a card is no graphics card that anybody bought.
func pretends(g GPU) bool {
	return slices.Contains(virtualVendors, g.VendorID) || slices.Contains(serverVendors, g.VendorID)
}

func driverOf(vendorID string) string {
	switch vendorID {
	case vendorNVIDIA:
		return "NVIDIA's driver"
	case vendorAMD:
		return "AMD's driver (amdgpu)"
	case vendorIntel:
		return "Intel's driver"
	}
	return "the maker's driver"
}
