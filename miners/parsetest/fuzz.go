package parsetest

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners"
)

// Fuzz gives nonsense that begins as the recordings in dir to a parser of d. Whatever
// a program prints, counts go up, and rates and sensors are numbers that can be.
func Fuzz(f *testing.F, d miners.Driver, dir string) {
	recordings, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil || len(recordings) == 0 {
		f.Fatalf("no recordings in %s: %v", dir, err)
	}
	for _, recording := range recordings {
		output, err := os.ReadFile(recording)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(output))
		for line := range strings.Lines(string(output)) {
			f.Add(line)
		}
	}
	f.Fuzz(func(t *testing.T, output string) {
		p := d.NewParser()
		lines := &miners.Lines{Each: func(line string) {
			for _, e := range p.Parse(line) {
				sane(t, line, e)
			}
		}}
		lines.Write([]byte(output))
		lines.Flush()
		if w, ok := p.(miners.Witness); ok {
			w.Said()
		}
	})
}

// sane checks what line gave.
func sane(t *testing.T, line string, e miners.Event) {
	number := func(v float64) bool { return v >= 0 && !math.IsInf(v, 0) }
	var ok bool
	switch e := e.(type) {
	case miners.Accepted:
		ok = e.N > 0
	case miners.Rejected:
		ok = e.N > 0
	case miners.Hashrate:
		ok = number(float64(e.Hashrate)) && e.Device >= miners.Whole
	case miners.Difficulty:
		ok = e.Difficulty > 0 && number(float64(e.Difficulty))
	case miners.Job:
		ok = e.Height >= 0
	case miners.DeviceReport:
		ok = e.Index >= 0
		for _, v := range []*float64{e.TemperatureC, e.FanPercent, e.PowerW} {
			ok = ok && (v == nil || number(*v))
		}
	case miners.Problem:
		ok = e.Code != ""
	case miners.Disconnected:
		ok = e.Code == miners.CodeDisconnected || e.Code == miners.CodeTimeout
	default:
		ok = e != nil
	}
	if !ok {
		t.Errorf("%q gives %#v", line, e)
	}
}
