// Package hwdetect finds out what a computer could mine with: its processor, its
// graphics cards, their temperatures, and why one of them cannot mine.
//
// It leaves to others what the findings are good for: which program runs where is
// the miners' and the model's matter. The libraries (ghw, gopsutil, cpuid) come
// first; NVIDIA's own library tells of its cards (package nvml, else nvidia-smi); what
// is left is read from sysfs on Linux, from the registry on Windows, and from
// system_profiler, pmset and ioreg on macOS. Nothing needs root.
//
// What nobody tells without a driver of our own is left unknown: the temperatures of
// AMD's and Intel's cards on Windows (AMD's ADLX is C++ only, and there is no other
// way), Windows' processor temperature on most boards (the firmware's zone, for
// administrators), macOS' temperatures and power (powermetrics is root's), and the
// hot spot of NVIDIA's cards, which their library does not tell.
//
// The package starts no goroutine; what has to stay open between two looks is in a
// Sensors. A probe that fails becomes a Note with its reason and never fails the
// others: somebody whose temperature sensor is missing can still mine. Nothing is
// written to stderr.
package hwdetect

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"

	"github.com/shirou/gopsutil/v3/common"
	"github.com/shirou/gopsutil/v3/mem"
)

// Prober looks at one machine. Its zero value looks at this one.
type Prober struct {
	// Root is the folder that a recorded machine's files are in; empty means this
	// machine. Where a live probe would start a tool, a recording has what the tool
	// printed, in the folder tools.
	Root string
	// OS is the recorded machine's system, as runtime.GOOS; empty means Linux.
	OS string
}

// Detect looks at this machine once. The only error is ctx's end.
func Detect(ctx context.Context) (Machine, error) {
	return Prober{}.Detect(ctx)
}

// Sense returns m with what changes (temperatures, fans, power, free memory) read
// anew. Who does so every few seconds opens a Sensors, which is far cheaper.
func Sense(ctx context.Context, m Machine) Machine {
	return Prober{}.Sense(ctx, m)
}

// Detect looks at p's machine once. The only error is ctx's end.
func (p Prober) Detect(ctx context.Context) (Machine, error) {
	s := p.Open()
	defer s.Close()
	return s.Detect(ctx)
}

// Sense returns m with what changes read anew, once.
func (p Prober) Sense(ctx context.Context, m Machine) Machine {
	s := p.Open()
	defer s.Close()
	return s.Sense(ctx, m)
}

// system is the machine's operating system, as runtime.GOOS.
func (p Prober) system() string {
	switch {
	case p.Root == "":
		return runtime.GOOS
	case p.OS == "":
		return "linux"
	}
	return p.OS
}

// probe runs one probe and turns its failure into a note. A panic is a failure
// too: the libraries parse what firmware and drivers of any quality tell them,
// and a graphics card that confuses one must not end the app.
func (p Prober) probe(ctx context.Context, m *Machine, name string, read func(context.Context, *Machine) error) {
	defer func() {
		if r := recover(); r != nil {
			m.Notes = append(m.Notes, Note{name, fmt.Sprintf("the probe gave up: %v", r)})
		}
	}()
	if err := read(p.context(ctx), m); err != nil {
		m.Notes = append(m.Notes, Note{name, err.Error()})
	}
}

// context points gopsutil at p's root.
func (p Prober) context(ctx context.Context) context.Context {
	if p.Root == "" {
		return ctx
	}
	return context.WithValue(ctx, common.EnvKey, common.EnvMap{
		common.HostProcEnvKey: p.path("proc"),
		common.HostSysEnvKey:  p.path("sys"),
	})
}

// path returns where p's machine keeps a file that is at /elements on a live one.
func (p Prober) path(elements ...string) string {
	root := p.Root
	if root == "" {
		root = "/"
	}
	return filepath.Join(append([]string{root}, elements...)...)
}

func (p Prober) readMemory(ctx context.Context, m *Machine) error {
	v, err := mem.VirtualMemoryWithContext(ctx)
	if err != nil {
		return fmt.Errorf("main memory: %w", err)
	}
	m.Memory = Memory{Total: v.Total, Available: v.Available}
	return nil
}

func withoutNotes(notes []Note, probes ...string) []Note {
	kept := []Note{}
next:
	for _, n := range notes {
		for _, probe := range probes {
			if n.Probe == probe {
				continue next
			}
		}
		kept = append(kept, n)
	}
	return kept
}
