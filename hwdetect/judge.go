package hwdetect

import (
	"slices"
	"strconv"
	"strings"
)

// Vendors by PCI id.
const (
	vendorAMD    = "1002"
	vendorNVIDIA = "10de"
	vendorIntel  = "8086"
	vendorApple  = "106b"
)

// virtualVendors make adapters that exist only inside virtual machines: QEMU,
// VMware, VirtualBox, virtio, Hyper-V, QXL, and Cirrus, whose chip QEMU copies.
var virtualVendors = []string{"1234", "15ad", "80ee", "1af4", "1414", "1b36", "1013"}

// serverVendors make the small display chips of servers: ASPEED, Matrox.
var serverVendors = []string{"1a03", "102b"}

// lentDrivers hold a card for a virtual machine.
var lentDrivers = []string{"vfio-pci", "pci-stub", "xen-pciback"}

// leastMemory is what programs of today ask for at least, for cards with a memory of
// their own. One of 2 GiB shows up to a tenth less, for the driver keeps some. A card
// that does not tell its memory is not judged by it; what a single algorithm needs
// is the catalogue's matter.
const leastMemory = 1800 << 20

// The oldest drivers that run programs made with CUDA 11, which today's are: NVIDIA,
// CUDA compatibility, table 1. The programs for CUDA 12 are refused by the catalogue.
const (
	leastDriverLinux   = "450.80.02"
	leastDriverWindows = "452.39"
)

// leastCapability is that of Kepler cards; CUDA 11 knows none older.
const leastCapability = 3

// judge fills in whether a device can mine, else why not and what to do. system is
// the machine's, as runtime.GOOS.
func judge(d Device, system string) Device {
	d.Cause, d.CauseArgs = NoCause, nil
	if d.Kind == GPUKind && d.GPU != nil {
		d.Cause, d.CauseArgs = judgeCard(*d.GPU, system)
	}
	d.Mineable = d.Cause == NoCause
	d.Reason, d.Advice = d.Cause.say(d.CauseArgs)
	return d
}

// judgeCard asks first what no driver changes, then for the driver, then for the card
// that a driver shows.
func judgeCard(g GPU, system string) (Cause, map[string]string) {
	switch {
	case slices.Contains(virtualVendors, g.VendorID):
		return VirtualAdapter, nil
	case slices.Contains(serverVendors, g.VendorID):
		return ServerDisplay, nil
	case system == "darwin":
		return NoPrograms, nil
	case slices.Contains(lentDrivers, g.Driver):
		return LentToVM, nil
	case g.Driver == "radeon":
		return CardTooOld, nil
	case g.fault == NoPermission:
		return NoPermission, map[string]string{"group": "render"}
	case g.fault == NoDriver, g.fault == BasicDriver, g.fault == Nouveau:
		return g.fault, map[string]string{"driver": driverOf(g.VendorID)}
	case g.fault != NoCause:
		return g.fault, nil
	}
	return judgeWorking(g, system)
}

// judgeWorking judges a card whose driver runs.
func judgeWorking(g GPU, system string) (Cause, map[string]string) {
	switch {
	case g.Integrated:
		return IntegratedGraphics, nil
	case g.Slice:
		return Partitioned, nil
	case tooOld(g.CUDACapability):
		return CardTooOld, nil
	case g.VendorID == vendorNVIDIA && olderThan(g.DriverVersion, leastDriver(system)):
		return DriverTooOld, map[string]string{"have": g.DriverVersion, "need": leastDriver(system)}
	case g.Memory > 0 && g.Memory < leastMemory:
		return TooLittleMemory, map[string]string{"have_mib": mebibytes(g.Memory), "need_mib": mebibytes(leastMemory)}
	case g.VendorID != vendorNVIDIA && g.OpenCL != nil && !*g.OpenCL:
		return NoOpenCL, map[string]string{"package": runtimeOf(g.VendorID)}
	}
	return NoCause, nil
}

// pretends reports whether a card is no graphics card that anybody bought.
func pretends(g GPU) bool {
	return slices.Contains(virtualVendors, g.VendorID) || slices.Contains(serverVendors, g.VendorID)
}

func leastDriver(system string) string {
	if system == "windows" {
		return leastDriverWindows
	}
	return leastDriverLinux
}

func tooOld(capability string) bool {
	major, _, found := strings.Cut(capability, ".")
	n, err := strconv.Atoi(major)
	return found && err == nil && n < leastCapability
}

// olderThan compares versions number by number. What is no version is not older than
// anything: nobody is sent to install a driver by a guess.
func olderThan(have, need string) bool {
	wanted := strings.Split(need, ".")
	for i, part := range strings.Split(have, ".") {
		h, err := strconv.Atoi(part)
		if err != nil || i >= len(wanted) {
			return false
		}
		if w, err := strconv.Atoi(wanted[i]); err != nil || h != w {
			return err == nil && h < w
		}
	}
	return false
}

func mebibytes(n uint64) string { return strconv.FormatUint(n>>20, 10) }

func driverOf(vendorID string) string {
	switch vendorID {
	case vendorNVIDIA:
		return "NVIDIA's own driver"
	case vendorAMD:
		return "AMD's driver (amdgpu)"
	case vendorIntel:
		return "Intel's driver"
	}
	return "the maker's driver"
}

// runtimeOf names the packages that bring OpenCL for a vendor's cards on Linux.
func runtimeOf(vendorID string) string {
	switch vendorID {
	case vendorAMD:
		return "AMD's OpenCL (package rocm-opencl-runtime, or: amdgpu-install --usecase=opencl)"
	case vendorIntel:
		return "Intel's OpenCL (package intel-opencl-icd)"
	}
	return "the maker's OpenCL"
}
