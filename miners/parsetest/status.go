package parsetest

import (
	"testing"

	"github.com/adit-mining/adit/miners"
)

// Status checks that what a driver read from a program's answer can be.
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
