// Package nvml asks NVIDIA's management library about its cards. The library
// belongs to the driver; it is loaded while the program runs, without cgo, so that
// one build works on machines with and without it.
//
// Drivers of ten years differ in what they export. Every function is looked up by
// its name, and one that is missing, or fails, is a value that is not known: never
// an end of the process, which binding at link time would be.
//
// A Library may be used by several goroutines, as NVIDIA promises for its own.
package nvml

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"unsafe"
)

// What keeps the library from answering. Its owner can do something about each.
var (
	ErrAbsent    = errors.New("NVIDIA's management library is not installed")
	ErrNoDriver  = errors.New("NVIDIA's driver is not loaded")
	ErrMismatch  = errors.New("NVIDIA's driver was updated and the old one still runs")
	ErrLost      = errors.New("the card has fallen off the bus")
	ErrForbidden = errors.New("no permission to ask NVIDIA's driver")
)

// Library is NVIDIA's library, loaded and initialised.
type Library struct {
	dll     library
	cards   []Card
	handles map[string]uintptr // by PCI address
	address map[string]uintptr // functions by name, 0 for a missing one
}

// Card is what does not change about a card. Zero fields are unknown.
type Card struct {
	PCI        string // as Linux writes it, "0000:0a:00.0"
	VendorID   string // four hex digits each
	DeviceID   string
	Name       string
	UUID       string
	Memory     uint64 // bytes
	Capability string // of its CUDA cores, "8.6"
	MIG        bool   // it is cut into instances
	VGPU       bool   // it is a slice of a server's card, inside a virtual machine
	Err        error  // why the card does not answer, as ErrLost
}

// Reading is what changes. A nil field is unknown.
type Reading struct {
	TemperatureC, MemoryC *float64
	FanPercent            *float64
	PowerW, LimitW        *float64
	BusyPercent           *int
	MemoryUsed            *uint64
}

// Open loads the library and lists the cards.
func Open() (*Library, error) {
	dll, err := load()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAbsent, err)
	}
	l := &Library{dll: dll, handles: map[string]uintptr{}, address: map[string]uintptr{}}
	for _, name := range functions {
		l.address[name] = dll.find(name)
	}
	if err := l.first("nvmlInit_v2", "nvmlInit"); err != nil {
		dll.unload()
		return nil, fmt.Errorf("start NVIDIA's management library: %w", err)
	}
	if err := l.list(); err != nil {
		l.Close()
		return nil, fmt.Errorf("list NVIDIA's cards: %w", err)
	}
	return l, nil
}

// Close gives the library back. Nothing may be asked of l afterwards.
func (l *Library) Close() {
	_ = l.call("nvmlShutdown")
	l.dll.unload()
}

// Cards returns the cards by PCI address, as they were when l was opened.
func (l *Library) Cards() []Card { return l.cards }

// Driver returns the version of the driver and the newest CUDA that it speaks, ""
// where it does not tell.
func (l *Library) Driver() (version, cuda string) {
	version, _ = l.text("nvmlSystemGetDriverVersion", 0)
	var n int32
	if l.first("nvmlSystemGetCudaDriverVersion_v2", "nvmlSystemGetCudaDriverVersion", uintptr(unsafe.Pointer(&n))) == nil && n > 0 {
		cuda = fmt.Sprintf("%d.%d", n/1000, n%1000/10)
	}
	return version, cuda
}

// Read returns what the card at a PCI address says now. The error is ErrLost, or
// that there is no such card; a single value that is missing is no error.
func (l *Library) Read(pci string) (Reading, error) {
	device, ok := l.handles[pci]
	if !ok {
		return Reading{}, fmt.Errorf("NVIDIA's library knows no card at %s", pci)
	}
	var r Reading
	const core = 0 // the only sensor that nvmlDeviceGetTemperature knows
	var n uint32
	err := l.call("nvmlDeviceGetTemperature", device, core, uintptr(unsafe.Pointer(&n)))
	if errors.Is(err, ErrLost) {
		return Reading{}, err
	}
	if err == nil {
		r.TemperatureC = within(float64(n), 1, 150)
	}
	r.MemoryC = l.memoryTemperature(device)
	if n, ok := l.number("nvmlDeviceGetFanSpeed", device); ok {
		r.FanPercent = within(float64(n), 0, 100)
	}
	if n, ok := l.number("nvmlDeviceGetPowerUsage", device); ok {
		r.PowerW = within(float64(n)/1000, 0, 5000)
	}
	if n, ok := l.number("nvmlDeviceGetEnforcedPowerLimit", device); ok {
		r.LimitW = within(float64(n)/1000, 1, 5000)
	}
	var busy struct{ core, memory uint32 }
	if l.call("nvmlDeviceGetUtilizationRates", device, uintptr(unsafe.Pointer(&busy))) == nil && busy.core <= 100 {
		percent := int(busy.core)
		r.BusyPercent = &percent
	}
	if m, ok := l.memory(device); ok && m.used <= m.total {
		r.MemoryUsed = &m.used
	}
	return r, nil
}

func (l *Library) list() error {
	var count uint32
	if err := l.first("nvmlDeviceGetCount_v2", "nvmlDeviceGetCount", uintptr(unsafe.Pointer(&count))); err != nil {
		return err
	}
	for i := range min(count, 256) {
		var device uintptr
		err := l.first("nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex", uintptr(i), uintptr(unsafe.Pointer(&device)))
		if err != nil {
			l.cards = append(l.cards, Card{Err: err})
			continue
		}
		c := l.describe(device)
		l.cards = append(l.cards, c)
		l.handles[c.PCI] = device
	}
	return nil
}

func (l *Library) describe(device uintptr) Card {
	var c Card
	var p pciInfo
	if l.first("nvmlDeviceGetPciInfo_v3", "nvmlDeviceGetPciInfo_v2", device, uintptr(unsafe.Pointer(&p))) == nil {
		c.PCI = fmt.Sprintf("%04x:%02x:%02x.0", p.domain, p.bus, p.device)
		c.VendorID, c.DeviceID = fmt.Sprintf("%04x", p.pciDeviceID&0xffff), fmt.Sprintf("%04x", p.pciDeviceID>>16)
	}
	c.Name, _ = l.text("nvmlDeviceGetName", device)
	c.UUID, _ = l.text("nvmlDeviceGetUUID", device)
	if m, ok := l.memory(device); ok {
		c.Memory = m.total
	}
	var major, minor int32
	if l.call("nvmlDeviceGetCudaComputeCapability", device, uintptr(unsafe.Pointer(&major)), uintptr(unsafe.Pointer(&minor))) == nil {
		c.Capability = fmt.Sprintf("%d.%d", major, minor)
	}
	var now, afterRestart uint32
	if l.call("nvmlDeviceGetMigMode", device, uintptr(unsafe.Pointer(&now)), uintptr(unsafe.Pointer(&afterRestart))) == nil {
		c.MIG = now == 1
	}
	const guestOfVGPU = 2
	if mode, ok := l.number("nvmlDeviceGetVirtualizationMode", device); ok {
		c.VGPU = mode == guestOfVGPU
	}
	return c
}

// first calls the newer of a function's two names, or the older where the driver
// has no newer one. For its arguments see call.
//
//go:uintptrescapes
func (l *Library) first(newer, older string, args ...uintptr) error {
	if l.address[newer] != 0 {
		return l.call(newer, args...)
	}
	return l.call(older, args...)
}

// call calls a function by its name. Its arguments are numbers and pointers that
// were converted in the call's own line, which keeps what they point at in place.
//
//go:uintptrescapes
func (l *Library) call(name string, args ...uintptr) error {
	at := l.address[name]
	if at == 0 {
		return fmt.Errorf("the driver has no %s", name)
	}
	return meaning(name, int32(invoke(at, args...)))
}

func (l *Library) number(name string, device uintptr) (uint32, bool) {
	var n uint32
	err := l.call(name, device, uintptr(unsafe.Pointer(&n)))
	return n, err == nil
}

// text calls a function that fills a buffer, whose address and size come last: one
// of a card's, or with device 0 one of the system's.
func (l *Library) text(name string, device uintptr) (string, bool) {
	var buffer [96]byte
	var err error
	if device == 0 {
		err = l.call(name, uintptr(unsafe.Pointer(&buffer)), uintptr(len(buffer)))
	} else {
		err = l.call(name, device, uintptr(unsafe.Pointer(&buffer)), uintptr(len(buffer)))
	}
	if err != nil {
		return "", false
	}
	text, _, _ := strings.Cut(string(buffer[:]), "\x00")
	return strings.TrimSpace(strings.ToValidUTF8(text, "")), true
}

func (l *Library) memory(device uintptr) (memoryInfo, bool) {
	var m memoryInfo
	err := l.call("nvmlDeviceGetMemoryInfo", device, uintptr(unsafe.Pointer(&m)))
	return m, err == nil
}

func (l *Library) memoryTemperature(device uintptr) *float64 {
	const memoryTemp, unsigned = 82, 1 // NVML_FI_DEV_MEMORY_TEMP, NVML_VALUE_TYPE_UNSIGNED_INT
	v := fieldValue{field: memoryTemp}
	err := l.call("nvmlDeviceGetFieldValues", device, 1, uintptr(unsafe.Pointer(&v)))
	if err != nil || v.result != 0 || v.kind != unsigned {
		return nil
	}
	return within(float64(uint32(v.value)), 1, 150)
}

// within returns n, or nil where it is outside of what a card can say in earnest.
func within(n, least, most float64) *float64 {
	if math.IsNaN(n) || n < least || n > most {
		return nil
	}
	return &n
}

// meaning turns nvmlReturn_t into an error.
func meaning(name string, code int32) error {
	switch code {
	case 0:
		return nil
	case 4:
		return ErrForbidden
	case 9:
		return ErrNoDriver
	case 15:
		return ErrLost
	case 18:
		return ErrMismatch
	}
	return fmt.Errorf("%s answers with error %d", name, code)
}
