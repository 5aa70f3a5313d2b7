// Package hwdetect finds out what a computer could mine with: its processor, its
// graphics cards, their temperatures, and why one of them cannot mine.
//
// It leaves to others what the findings are good for: which program runs where is
// the miners' and the model's matter. The libraries (ghw, gopsutil, cpuid) come
// first; what they do not tell on Linux is read from sysfs.
//
// The package starts no goroutine and keeps no state. A probe that fails becomes
// a Note with its reason and never fails the others: somebody whose temperature
// sensor is missing can still mine. Nothing is written to stderr.
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
	// Root is the folder that a recorded machine's /proc and /sys are in; empty
	// means this machine. A recording is Linux's.
	Root string
}

// Detect looks at this machine. The only error is ctx's end.
func Detect(ctx context.Context) (Machine, error) {
	return Prober{}.Detect(ctx)
}

// Sense returns m with what changes (temperatures, fans, power, free memory) read
// anew. It is cheap enough for every few seconds.
func Sense(ctx context.Context, m Machine) Machine {
	return Prober{}.Sense(ctx, m)
}

// Detect looks at p's machine. The only error is ctx's end.
func (p Prober) Detect(ctx context.Context) (Machine, error) {
	m := Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, Notes: []Note{}}
	if p.Root != "" {
		m.OS = "linux"
	}
	p.probe(ctx, &m, "cpu", p.addProcessor)
	p.probe(ctx, &m, "gpu", p.addGraphics)
	if err := ctx.Err(); err != nil {
		return Machine{}, fmt.Errorf("look at this computer's hardware: %w", err)
	}
	m = p.Sense(ctx, m)
	for i, d := range m.Devices {
		m.Devices[i] = judge(d)
	}
	return m, nil
}

// Sense returns m with what changes read anew.
func (p Prober) Sense(ctx context.Context, m Machine) Machine {
	m.Devices = append([]Device(nil), m.Devices...) // m's owner may be reading it
	m.Notes = withoutNotes(m.Notes, "memory", "temperature")
	p.probe(ctx, &m, "memory", p.readMemory)
	p.probe(ctx, &m, "temperature", p.readTemperatures)
	for i, d := range m.Devices {
		if d.Kind == GPUKind {
			m.Devices[i] = p.senseCard(d)
			if m.Devices[i].TemperatureC == nil && d.GPU != nil && d.GPU.Driver != "" && !pretends(*d.GPU) {
				m.Notes = append(m.Notes, Note{"temperature", "no temperature sensor: the driver of " + d.Name + " shows none to the system"})
			}
		}
	}
	return m
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
