package ccminer_test

import (
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/ccminer"
	"github.com/adit-mining/adit/miners/parsetest"
	"github.com/adit-mining/adit/miners/pow"
)

func TestRecordings(t *testing.T) { parsetest.Run(t, ccminer.Driver{}, "testdata") }

func TestCommandLine(t *testing.T) {
	p := miners.Plan{
		Algorithm: "lyra2rev2", URL: "stratum+tcp://127.0.0.1:3333", User: "KEY.rig1", Password: "x", API: 1234, MaxCelsius: 80, Intensity: 50,
		Devices: []miners.Device{{Vendor: miners.AMD, Index: 1}, {Vendor: miners.NVIDIA, Index: 0, All: 1}, {Vendor: miners.NVIDIA, Index: 2, All: 3}},
	}
	want := "-a lyra2v2 -o stratum+tcp://127.0.0.1:3333 -u KEY.rig1 -p x -R 5 --no-color -d 0,2 -b 127.0.0.1:1234 --max-temp=80 --resume-temp=65 -i 14"
	if got := strings.Join(ccminer.Driver{}.Args(p), " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, a := range (ccminer.Driver{}).Algorithms() {
		if pow.Canonical(string(a)) != a {
			t.Errorf("%s is not Adit's spelling", a)
		}
	}
}

func FuzzParse(f *testing.F) { parsetest.Fuzz(f, ccminer.Driver{}, "testdata") }
