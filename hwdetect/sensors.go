package hwdetect

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/shirou/gopsutil/v3/host"

	"github.com/adit-mining/adit/hwdetect/nvml"
)

// Sensors looks at one machine again and again. It keeps what is dear to open, such as
// NVIDIA's library, and the meter readings that power is told from. It may be used
// by several goroutines; one looks at a time.
//
// NVIDIA's library knows no context: a driver that hangs makes a look hang with it.
// And while it is open, some laptops keep their second card awake.
type Sensors struct {
	Prober

	mu       sync.Mutex // guards what follows
	nvidia   *nvml.Library
	noNVIDIA bool     // it cannot be opened; only Detect tries again
	chips    []string // hwmon folders of the processor
	meters   map[string]meter

	zones remembered[[]host.TemperatureStat]
	smi   remembered[nvidiaAnswer]
	speed remembered[*int]
	busy  remembered[[]int]
}

// Open returns p's sensors. Nothing is looked at yet.
func (p Prober) Open() *Sensors {
	return &Sensors{Prober: p, meters: map[string]meter{}}
}

// Close gives back what s has open. It does not wait for a look that hangs in a
// driver: the process is about to end, or the driver already has.
func (s *Sensors) Close() {
	if !s.mu.TryLock() {
		return
	}
	defer s.mu.Unlock()
	if s.nvidia != nil {
		s.nvidia.Close()
		s.nvidia = nil
	}
}

// Detect looks at the whole machine. The only error is ctx's end.
func (s *Sensors) Detect(ctx context.Context) (Machine, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := Machine{OS: s.system(), Arch: arch(s.Prober), Notes: []Note{}}
	s.chips = s.processorChips()
	s.probe(ctx, &m, "cpu", s.addProcessor)
	s.probe(ctx, &m, "gpu", s.addGraphics)
	s.probe(ctx, &m, "gpu", s.addNVIDIA)
	s.probe(ctx, &m, "rights", s.readRights)
	if err := ctx.Err(); err != nil {
		return Machine{}, fmt.Errorf("look at this computer's hardware: %w", err)
	}
	if !slices.ContainsFunc(m.Devices, isCard) && !slices.ContainsFunc(m.Notes, func(n Note) bool { return n.Probe == "gpu" }) {
		m.Notes = append(m.Notes, Note{"gpu", noCard})
	}
	slices.SortStableFunc(m.Devices, byKind)
	for i, d := range m.Devices {
		m.Devices[i] = judge(d, m.OS)
	}
	return s.sense(ctx, m), nil
}

// Sense returns m with what changes read anew.
func (s *Sensors) Sense(ctx context.Context, m Machine) Machine {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.chips == nil {
		s.chips = s.processorChips() // m is another Sensors' find
	}
	return s.sense(ctx, m)
}

func (s *Sensors) sense(ctx context.Context, m Machine) Machine {
	m = copyOf(m)
	m.Notes = withoutNotes(m.Notes, "memory", "temperature", "power")
	s.probe(ctx, &m, "memory", s.readMemory)
	s.probe(ctx, &m, "temperature", s.readTemperatures)
	s.probe(ctx, &m, "power", s.readPower)
	s.probe(ctx, &m, "gpu", s.senseCards)
	for _, d := range m.Devices {
		if isCard(d) && d.TemperatureC == nil && d.GPU.Driver != "" && !d.GPU.Asleep && !pretends(*d.GPU) {
			m.Notes = append(m.Notes, Note{"temperature", "no temperature sensor: the driver of " + d.Name + " shows none to the system"})
		}
	}
	return m
}

// senseCards reads what changes about every card, but for those that sleep.
func (s *Sensors) senseCards(ctx context.Context, m *Machine) error {
	for i := range m.Devices {
		d := &m.Devices[i]
		if !isCard(*d) {
			continue
		}
		d.TemperatureC, d.FanPercent, d.PowerW = nil, nil, nil
		g := d.GPU
		g.MemoryUsed, g.BusyPercent, g.HotspotC, g.MemoryC, g.FanRPM, g.PowerLimitW = nil, nil, nil, nil, nil, nil
		if g.Asleep = s.asleep(g.PCIAddress); !g.Asleep {
			s.senseSysfs(d)
			s.senseNVIDIA(ctx, d)
		}
	}
	if m.OS == "darwin" {
		s.senseMac(ctx, m)
	}
	return nil
}

// copyOf returns a machine that shares nothing with m that Sense changes: m's owner may
// be reading it.
func copyOf(m Machine) Machine {
	m.Devices = slices.Clone(m.Devices)
	for i, d := range m.Devices {
		if d.GPU != nil {
			g := *d.GPU
			m.Devices[i].GPU = &g
		}
		if d.CPU != nil {
			c := *d.CPU
			m.Devices[i].CPU = &c
		}
		m.Devices[i].CauseArgs = maps.Clone(d.CauseArgs)
	}
	return m
}

func isCard(d Device) bool { return d.Kind == GPUKind && d.GPU != nil }

// A probe that starts a program or asks WMI is asked again after dearEvery, and one
// that failed after hopelessFor.
const (
	dearEvery   = 10 * time.Second
	hopelessFor = 10 * time.Minute
)

// remembered is the last answer of a dear probe.
type remembered[T any] struct {
	asked time.Time
	value T
	err   error
}

func (r *remembered[T]) get(ask func() (T, error)) (T, error) {
	wait := dearEvery
	if r.err != nil {
		wait = hopelessFor
	}
	if r.asked.IsZero() || time.Since(r.asked) >= wait {
		r.value, r.err = ask()
		r.asked = time.Now()
	}
	return r.value, r.err
}
