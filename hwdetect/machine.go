package hwdetect

// Kind is what a device is.
type Kind string

// The kinds of device that could mine.
const (
	CPUKind Kind = "cpu"
	GPUKind Kind = "gpu"
)

// Machine is a computer as the probes saw it. It is a value: Sense and callers
// who judge devices return a changed copy.
//
// Its JSON is what adit devices --json prints, with a version beside it. Programs
// read it: no key of this file's types is renamed, removed, or given another meaning
// without another version. A value that nobody could tell is null, or, where null
// makes no sense, 0 or "". Lists are never null.
type Machine struct {
	OS      string   `json:"os"`   // as runtime.GOOS
	Arch    string   `json:"arch"` // as runtime.GOARCH
	Memory  Memory   `json:"memory"`
	Rights  Rights   `json:"rights"`
	Devices []Device `json:"devices"` // processors first, then graphics cards by PCI address
	Notes   []Note   `json:"notes"`   // what could not be read, never nil
}

// Memory is the computer's main memory, in bytes.
type Memory struct {
	Total     uint64 `json:"total_bytes"`
	Available uint64 `json:"available_bytes"` // what a program could get now
}

// Rights is what the system lets mining programs do that makes them faster. A nil
// field is unknown, or does not exist on this system.
type Rights struct {
	// Root says whether this program runs as root, or as an elevated administrator.
	Root *bool `json:"root"`
	// WriteMSR says whether a mining program that Adit starts could tune the
	// processor's prefetchers, which RandomX gains from. It needs root and Linux's msr
	// module.
	WriteMSR *bool `json:"write_msr"`
	// LockPages is Windows' right to lock pages in memory, without which it gives no
	// huge pages.
	LockPages *bool      `json:"lock_pages"`
	HugePages *HugePages `json:"huge_pages"` // Linux
}

// HugePages are the pages of 2 MiB and of 1 GiB that Linux has set aside.
type HugePages struct {
	Total2M int  `json:"total_2m"`
	Free2M  int  `json:"free_2m"`
	Total1G int  `json:"total_1g"`
	Free1G  int  `json:"free_1g"`
	RandomX bool `json:"enough_for_randomx"` // what is free holds RandomX' data set
}

// Note says that something could not be read, and why.
type Note struct {
	Probe  string `json:"probe"` // cpu, memory, temperature, power, rights or gpu
	Reason string `json:"reason"`
}

// Device is one processor or graphics card.
type Device struct {
	ID     string `json:"id"` // stable on one machine: "cpu0", "gpu-0000:0a:00.0"
	Kind   Kind   `json:"kind"`
	Name   string `json:"name"`
	Vendor string `json:"vendor"`

	CPU *CPU `json:"cpu,omitempty"` // of a processor
	GPU *GPU `json:"gpu,omitempty"` // of a graphics card

	TemperatureC *float64 `json:"temperature_c"` // nil: not readable
	FanPercent   *float64 `json:"fan_percent"`
	PowerW       *float64 `json:"power_w"`

	// Mineable says whether mining programs could use the device as it is now.
	// Where it is false, Reason says why not and Advice one thing to do about it, in
	// English; Cause is the same for translation, with what its sentences name.
	Mineable  bool              `json:"mineable"`
	Reason    string            `json:"reason,omitempty"`
	Advice    string            `json:"advice,omitempty"`
	Cause     Cause             `json:"cause,omitempty"`
	CauseArgs map[string]string `json:"cause_args,omitempty"`
}

// CPU is what sets one processor apart from another. A size of 0 is unknown.
type CPU struct {
	Cores    int      `json:"cores"`   // physical
	Threads  int      `json:"threads"` // that the system schedules
	L1Data   int      `json:"l1_data_bytes"`
	L2       int      `json:"l2_bytes"`
	L3       int      `json:"l3_bytes"`
	Features []string `json:"features"` // instruction sets that pick a miner's build: AESNI, AVX2, ...
	Virtual  bool     `json:"virtual"`  // runs under a hypervisor
	Sockets  int      `json:"sockets"`
	// SpeedPercent is what heat leaves of the processor's speed, where the system says
	// (macOS); 100 is all.
	SpeedPercent *int `json:"speed_percent"`
}

// GPU is where a graphics card sits, what drives it and what it says of itself. An
// empty or zero field, and nil, is unknown.
type GPU struct {
	PCIAddress    string `json:"pci_address"`
	VendorID      string `json:"vendor_id"` // four hex digits
	DeviceID      string `json:"device_id"`
	Driver        string `json:"driver"` // kernel driver on Linux, version on Windows
	DriverVersion string `json:"driver_version,omitempty"`
	UUID          string `json:"uuid"`
	Integrated    bool   `json:"integrated"` // part of the processor, shares its memory
	Slice         bool   `json:"slice"`      // not a whole card: cut by MIG, or a virtual machine's part (vGPU)
	// Asleep says that the system has switched the card off to save power. Its
	// sensors are left alone then: reading them would wake it.
	Asleep bool `json:"asleep"`

	CUDACapability string `json:"cuda_capability"` // "8.6"; of NVIDIA's cards
	CUDAVersion    string `json:"cuda_version"`    // the newest that the driver speaks
	OpenCL         *bool  `json:"opencl"`          // a runtime for the vendor's cards is installed

	Memory      uint64   `json:"memory_bytes"`
	MemoryUsed  *uint64  `json:"memory_used_bytes"`
	BusyPercent *int     `json:"busy_percent"`
	HotspotC    *float64 `json:"hotspot_c"`
	MemoryC     *float64 `json:"memory_c"`
	FanRPM      *int     `json:"fan_rpm"`
	PowerLimitW *float64 `json:"power_limit_w"`

	// fault is why the driver, or the system, keeps the card from working.
	fault Cause
}

// CPU returns the machine's first processor, or nil.
func (m Machine) CPU() *Device {
	for i := range m.Devices {
		if m.Devices[i].Kind == CPUKind {
			return &m.Devices[i]
		}
	}
	return nil
}

// Threads returns how many threads the machine's processor runs at once, at
// least 1.
func (m Machine) Threads() int {
	if d := m.CPU(); d != nil && d.CPU != nil && d.CPU.Threads > 0 {
		return d.CPU.Threads
	}
	return 1
}
