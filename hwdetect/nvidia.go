package hwdetect

import (
	"context"
	"errors"

	"github.com/adit-mining/adit/hwdetect/nvml"
)

// nvidiaAnswer is what NVIDIA's driver says, be it by its library or by nvidia-smi.
type nvidiaAnswer struct {
	driver, cuda string
	cards        []nvml.Card
	readings     map[string]nvml.Reading // by PCI address
}

// addNVIDIA adds what NVIDIA's driver knows of its cards to those that the bus shows.
// Cards that the bus does not show are added: in Windows' Linux (WSL) and in
// containers the driver is the only one to know them.
func (s *Sensors) addNVIDIA(ctx context.Context, m *Machine) error {
	if m.OS == "darwin" { // the last driver for it was of 2019
		return nil
	}
	a, err := s.askNVIDIA(ctx, *m)
	if errors.Is(err, nvml.ErrAbsent) {
		return nil // judge says what is missing where there is a card
	}
	for _, c := range a.cards {
		addNVIDIACard(m, c, a)
	}
	for i := range m.Devices {
		if d := &m.Devices[i]; isCard(*d) && d.GPU.VendorID == vendorNVIDIA {
			d.GPU.fault = nvidiaFault(*d.GPU, a, err)
		}
	}
	return err
}

// askNVIDIA asks the library, which is opened if it is not yet, or else nvidia-smi.
// The program is only started where there is a card for it.
func (s *Sensors) askNVIDIA(ctx context.Context, m Machine) (nvidiaAnswer, error) {
	err := s.openNVIDIA()
	switch {
	case err == nil:
		a := nvidiaAnswer{cards: s.nvidia.Cards()}
		a.driver, a.cuda = s.nvidia.Driver()
		return a, nil
	case errors.Is(err, nvml.ErrAbsent) && (s.Root != "" || m.hasCardOf(vendorNVIDIA)):
		return s.askSMI(ctx)
	}
	return nvidiaAnswer{}, err
}

// openNVIDIA opens the library unless it is open. A recording has none.
func (s *Sensors) openNVIDIA() (err error) {
	if s.Root != "" {
		return nvml.ErrAbsent
	}
	if s.nvidia == nil {
		s.nvidia, err = nvml.Open()
		s.noNVIDIA = err != nil
	}
	return err
}

func addNVIDIACard(m *Machine, c nvml.Card, a nvidiaAnswer) {
	if c.Err != nil {
		return // nvidiaFault finds it
	}
	d := m.cardAt(c.PCI)
	if d == nil {
		m.Devices = append(m.Devices, Device{ID: "gpu-" + c.PCI, Kind: GPUKind, Vendor: "NVIDIA", Name: "NVIDIA graphics card",
			GPU: &GPU{PCIAddress: c.PCI, VendorID: vendorNVIDIA, DeviceID: c.DeviceID}})
		d = &m.Devices[len(m.Devices)-1]
	}
	if c.Name != "" {
		d.Name = fullName(*d, c.Name)
	}
	g := d.GPU
	g.fault, g.DriverVersion, g.CUDAVersion = NoCause, a.driver, a.cuda
	g.UUID, g.Memory, g.CUDACapability, g.Slice = c.UUID, c.Memory, c.Capability, c.MIG || c.VGPU
	if g.Driver == "" {
		g.Driver = "nvidia"
		if m.OS == "windows" {
			g.Driver = a.driver
		}
	}
}

// nvidiaFault is what keeps an NVIDIA card from working, after its driver was asked.
func nvidiaFault(g GPU, a nvidiaAnswer, err error) Cause {
	switch {
	case g.fault != NoCause && g.fault != NoDriver:
		return g.fault
	case errors.Is(err, nvml.ErrMismatch):
		return DriverMismatch
	case errors.Is(err, nvml.ErrNoDriver):
		return DriverSilent
	case g.fault == NoDriver:
		return NoDriver
	}
	listed, lost := false, false
	for _, c := range a.cards {
		lost = lost || errors.Is(c.Err, nvml.ErrLost)
		listed = listed || c.PCI == g.PCIAddress && c.Err == nil
	}
	if !listed && lost {
		return CardLost
	}
	return NoCause
}

// senseNVIDIA reads what changes about one of NVIDIA's cards.
func (s *Sensors) senseNVIDIA(ctx context.Context, d *Device) {
	if d.GPU.VendorID != vendorNVIDIA || d.GPU.fault != NoCause {
		return
	}
	r, err := s.readNVIDIA(ctx, d.GPU.PCIAddress)
	if errors.Is(err, nvml.ErrLost) {
		d.GPU.fault = CardLost
		*d = judge(*d, s.system())
	}
	if err != nil {
		return
	}
	d.TemperatureC, d.FanPercent, d.PowerW = r.TemperatureC, r.FanPercent, r.PowerW
	d.GPU.MemoryC, d.GPU.PowerLimitW, d.GPU.BusyPercent, d.GPU.MemoryUsed = r.MemoryC, r.LimitW, r.BusyPercent, r.MemoryUsed
}

func (s *Sensors) readNVIDIA(ctx context.Context, address string) (nvml.Reading, error) {
	if s.nvidia == nil && !s.noNVIDIA { // m is another Sensors' find
		_ = s.openNVIDIA()
	}
	if s.nvidia != nil {
		return s.nvidia.Read(address)
	}
	a, err := s.askSMI(ctx)
	if err != nil {
		return nvml.Reading{}, err
	}
	for _, c := range a.cards {
		if c.PCI == address && c.Err != nil {
			return nvml.Reading{}, c.Err
		}
	}
	return a.readings[address], nil
}

func (m Machine) hasCardOf(vendorID string) bool {
	for _, d := range m.Devices {
		if isCard(d) && d.GPU.VendorID == vendorID {
			return true
		}
	}
	return false
}

func (m Machine) cardAt(address string) *Device {
	for i := range m.Devices {
		if d := &m.Devices[i]; isCard(*d) && d.GPU.PCIAddress == address {
			return d
		}
	}
	return nil
}
