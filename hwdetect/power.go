package hwdetect

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// meter is the last reading of an energy meter.
type meter struct {
	at          time.Time
	microjoules int64
}

// watts returns the power since the meter in a file was last read, nil at the first
// time and after it began anew.
func (s *Sensors) watts(file string, now int64) *float64 {
	last, at := s.meters[file], time.Now()
	s.meters[file] = meter{at, now}
	passed := at.Sub(last.at)
	if last.at.IsZero() || passed <= 0 || now < last.microjoules {
		return nil
	}
	w := float64(now-last.microjoules) / float64(passed.Microseconds())
	return &w
}

// readPower reads the processors' energy meters (RAPL), of Intel's and AMD's alike:
// https://docs.kernel.org/power/powercap/powercap.html
func (s *Sensors) readPower(_ context.Context, m *Machine) error {
	cpu := m.CPU()
	if cpu == nil || m.OS != "linux" {
		return nil
	}
	cpu.PowerW = nil
	zones, _ := filepath.Glob(s.path("sys", "class", "powercap", "intel-rapl:*"))
	for _, zone := range zones {
		if !strings.HasPrefix(readLine(filepath.Join(zone, "name")), "package") {
			continue // a part of a package, counted with it
		}
		file := filepath.Join(zone, "energy_uj")
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrPermission) {
			return errors.New("the processor's power: Linux shows it to root only")
		}
		now, errNumber := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		if err != nil || errNumber != nil {
			continue
		}
		if w := s.watts(file, now); w != nil {
			sum := *w
			if cpu.PowerW != nil {
				sum += *cpu.PowerW
			}
			cpu.PowerW = &sum
		}
	}
	return nil
}
