package parsetest

import (
	"testing"

	"github.com/adit-mining/adit/miners"
)

// Lines gives lines to a parser of d, twice, and checks that what comes out can be.
func Lines(t *testing.T, d miners.Driver, lines ...string) {
	t.Helper()
	p := d.NewParser()
	for range 2 {
		for _, line := range lines {
			for _, e := range p.Parse(line) {
				possible(t, line, e)
			}
		}
	}
}

func possible(t *testing.T, line string, e miners.Event) {
	t.Helper()
	switch e := e.(type) {
	case miners.Accepted:
		if e.N <= 0 {
			t.Errorf("%q gives %d accepted", line, e.N)
		}
	case miners.Rejected:
		if e.N <= 0 {
			t.Errorf("%q gives %d rejected", line, e.N)
		}
	case miners.Hashrate:
		if !(e.Hashrate >= 0) || e.Device < miners.Whole {
			t.Errorf("%q gives a hashrate of %v for device %d", line, e.Hashrate, e.Device)
		}
	case miners.Difficulty:
		if !(e.Difficulty > 0) {
			t.Errorf("%q gives a difficulty of %v", line, e.Difficulty)
		}
	case miners.DeviceReport:
		if e.Index < 0 || e.TemperatureC != nil && !(*e.TemperatureC > 0) {
			t.Errorf("%q gives %+v", line, e)
		}
	case miners.Problem:
		if e.Code == "" {
			t.Errorf("%q gives trouble of no kind", line)
		}
	}
}

// Status checks that s can be.
func Status(t *testing.T, s miners.Status) {
	t.Helper()
	if s.Hashrate != nil && !(*s.Hashrate >= 0) || s.Uptime < 0 {
		t.Errorf("impossible: %+v", s)
	}
	for _, d := range s.Devices {
		if d.Index < 0 || d.Hashrate != nil && !(*d.Hashrate >= 0) || d.TemperatureC != nil && !(*d.TemperatureC > 0) {
			t.Errorf("impossible: %+v", d)
		}
	}
}
