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
	Devices []Device `json:"devices"` // processors first, then graphics cards by PCI address
	Notes   []Note   `json:"notes"`   // what could not be read, never nil
}

// Memory is the computer's main memory, in bytes.
type Memory struct {
	Total     uint64 `json:"total_bytes"`
	Available uint64 `json:"available_bytes"` // what a program could get now
}

// Note says that something could not be read, and why.
type Note struct {
	Probe  string `json:"probe"` // cpu, memory, temperature or gpu
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
	// Where it is false, Reason says why not and Advice one thing to do about it.
	Mineable bool   `json:"mineable"`
	Reason   string `json:"reason,omitempty"`
	Advice   string `json:"advice,omitempty"`
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
}

// GPU is where a graphics card sits and what drives it. An empty or zero field
// is unknown.
type GPU struct {
	PCIAddress    string `json:"pci_address"`
	VendorID      string `json:"vendor_id"` // four hex digits
	DeviceID      string `json:"device_id"`
	Driver        string `json:"driver"` // kernel driver on Linux, version on Windows
	DriverVersion string `json:"driver_version,omitempty"`
	Memory        uint64 `json:"memory_bytes"`
	BusyPercent   *int   `json:"busy_percent"`
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
