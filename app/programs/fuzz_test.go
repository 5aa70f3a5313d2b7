package programs_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/adit-mining/adit/app/programs"
	"github.com/adit-mining/adit/miners"
)

// mostPrinted is how much of a text is tried, in bytes: there are many drivers.
const mostPrinted = 300

// FuzzEveryDriver gives what programs print to the drivers of all of them: counts
// never go down, rates are numbers, and no parser falls over another program's lines.
func FuzzEveryDriver(f *testing.F) {
	recordings, err := filepath.Glob("../../miners/*/testdata/*.log")
	if err != nil || len(recordings) < 20 {
		f.Fatalf("%d recordings: %v", len(recordings), err)
	}
	for _, path := range recordings {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text[:min(len(text), mostPrinted)]))
	}
	drivers := programs.Drivers()
	f.Fuzz(func(t *testing.T, printed string) {
		printed = printed[:min(len(printed), mostPrinted)]
		for _, d := range drivers {
			p := d.NewParser()
			lines := miners.Lines{Each: func(line string) {
				for _, e := range p.Parse(line) {
					checkEvent(t, d, line, e)
				}
			}}
			lines.Write([]byte(printed))
			lines.Flush()
		}
	})
}

func checkEvent(t *testing.T, d miners.Driver, line string, e miners.Event) {
	t.Helper()
	switch e := e.(type) {
	case miners.Accepted:
		if e.N <= 0 {
			t.Errorf("%s: %q gives %d accepted", d.Name(), line, e.N)
		}
	case miners.Rejected:
		if e.N <= 0 {
			t.Errorf("%s: %q gives %d rejected", d.Name(), line, e.N)
		}
	case miners.Hashrate:
		if !(e.Hashrate >= 0) {
			t.Errorf("%s: %q gives a hashrate of %v", d.Name(), line, e.Hashrate)
		}
	case miners.Problem:
		if e.Code == "" {
			t.Errorf("%s: %q gives a problem without a code", d.Name(), line)
		}
	}
}
