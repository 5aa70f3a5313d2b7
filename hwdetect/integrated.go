package hwdetect

import "strconv"

// ids is a range of PCI device ids, both ends included.
type ids struct{ first, last uint16 }

// amdIntegrated are the graphics inside AMD's processors since 2011, by the PCI ID
// database and the kernel's list (drivers/gpu/drm/amd/amdgpu/amdgpu_drv.c).
var amdIntegrated = []ids{
	{0x1304, 0x131d}, {0x9640, 0x964f}, {0x9802, 0x980a}, {0x9830, 0x985f}, {0x9874, 0x9877}, {0x98e4, 0x98e4}, {0x9900, 0x99a4},
	{0x15d8, 0x15d8}, {0x15dd, 0x15dd}, {0x15e7, 0x15e7}, {0x1636, 0x1636}, {0x1638, 0x1638}, {0x164c, 0x164f}, {0x1681, 0x1681},
	{0x163f, 0x163f}, {0x1506, 0x1506}, {0x15bf, 0x15bf}, {0x15c8, 0x15c8}, {0x1900, 0x1902}, {0x150e, 0x150e}, {0x1586, 0x1586},
	{0x1114, 0x1114}, {0x13c0, 0x13c0}, {0x13fe, 0x13fe},
}

// intelCards are Intel's graphics that are not inside a processor: DG1, Arc A and
// Flex, Ponte Vecchio, Arc B.
var intelCards = []ids{{0x4905, 0x4909}, {0x4f80, 0x4f88}, {0x5690, 0x56c2}, {0x0b69, 0x0be5}, {0xe202, 0xe223}}

// integrated reports whether a card is part of the processor.
func integrated(g GPU) bool {
	id, err := strconv.ParseUint(g.DeviceID, 16, 16)
	switch {
	case g.VendorID == vendorApple:
		return true
	case err != nil:
		return g.VendorID == vendorIntel && g.Memory == 0
	case g.VendorID == vendorAMD:
		return among(uint16(id), amdIntegrated)
	case g.VendorID == vendorIntel:
		return !among(uint16(id), intelCards)
	}
	return false
}

func among(id uint16, ranges []ids) bool {
	for _, r := range ranges {
		if r.first <= id && id <= r.last {
			return true
		}
	}
	return false
}
