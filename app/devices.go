package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"

	"github.com/adit-mining/adit/hwdetect"
)

// devices lists what this computer could mine with.
func devices(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("adit devices", flag.ContinueOnError)
	asJSON := flags.Bool("json", false, "print one JSON object")
	flags.String("data", "", "`folder` for key and settings; not needed here")
	if done, err := parse(flags, args, stderr); done || err != nil {
		return err
	}
	m, err := hwdetect.Detect(ctx)
	if err != nil {
		return err
	}
	if *asJSON {
		encoder := json.NewEncoder(stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(deviceList{Version: deviceListVersion, Machine: m})
	}
	return printDevices(stdout, m)
}

// deviceListVersion is raised when a key of hwdetect.Machine goes or changes its
// meaning; new keys may come without.
const deviceListVersion = 1

// deviceList is what adit devices --json prints: one object, hwdetect.Machine's keys
// with the version of their meaning in front.
type deviceList struct {
	Version int `json:"version"`
	hwdetect.Machine
}

func printDevices(w io.Writer, m hwdetect.Machine) error {
	p := &printer{to: w}
	for _, d := range m.Devices {
		p.say("%s", d.Name)
		if d.CPU != nil {
			p.say("  %d cores, %d threads", d.CPU.Cores, d.CPU.Threads)
		}
		if d.GPU != nil && d.GPU.Driver != "" {
			p.say("  driver %s %s", d.GPU.Driver, d.GPU.DriverVersion)
		}
		if d.TemperatureC != nil {
			p.say("  %.0f °C", *d.TemperatureC)
		}
		if d.Mineable {
			p.say("  can mine")
		} else {
			p.say("  cannot mine: %s %s", d.Reason, d.Advice)
		}
	}
	p.say("Memory: %.1f GiB", float64(m.Memory.Total)/(1<<30))
	for _, n := range m.Notes {
		p.say("Note: %s", n.Reason)
	}
	return p.err
}

// printer writes lines and keeps the first error.
type printer struct {
	to  io.Writer
	err error
}

func (p *printer) say(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.to, format+"\n", args...)
	}
}
