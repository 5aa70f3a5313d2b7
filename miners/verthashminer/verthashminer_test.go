package verthashminer_test

import (
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/parsetest"
	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/miners/verthashminer"
)

func TestRecordings(t *testing.T) { parsetest.Run(t, verthashminer.Driver{}, "testdata") }

func TestCommandLine(t *testing.T) {
	p := miners.Plan{
		Algorithm: "verthash", URL: "stratum+tcp://127.0.0.1:3333", User: "KEY.rig1", Password: "x", API: 1234, MaxCelsius: 80, Intensity: 50,
		Devices: []miners.Device{{Vendor: miners.AMD, Index: 1}, {Vendor: miners.NVIDIA, Index: 0, All: 1}, {Vendor: miners.NVIDIA, Index: 2, All: 3}},
	}
	want := "-o stratum+tcp://127.0.0.1:3333 -u KEY.rig1 -p x -R 5 --verbose --verthash-data verthash.dat --cu-devices 0:t80:o50,2:t80:o50 --cl-devices 1:t80:o50"
	if got := strings.Join(verthashminer.Driver{}.Args(p), " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, a := range (verthashminer.Driver{}).Algorithms() {
		if pow.Canonical(string(a)) != a {
			t.Errorf("%s is not Adit's spelling", a)
		}
	}
}

func FuzzParse(f *testing.F) { parsetest.Fuzz(f, verthashminer.Driver{}, "testdata") }
