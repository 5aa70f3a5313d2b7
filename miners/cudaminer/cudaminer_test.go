package cudaminer_test

import (
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/cudaminer"
	"github.com/adit-mining/adit/miners/parsetest"
	"github.com/adit-mining/adit/miners/pow"
)

func TestRecordings(t *testing.T) { parsetest.Run(t, cudaminer.Driver{}, "testdata") }

func TestCommandLine(t *testing.T) {
	p := miners.Plan{
		Algorithm: "scrypt", URL: "stratum+tcp://127.0.0.1:3333", User: "KEY.rig1", Password: "x", API: 1234, MaxCelsius: 80, Intensity: 50,
		Devices: []miners.Device{{Vendor: miners.AMD, Index: 1}, {Vendor: miners.NVIDIA, Index: 0, All: 1}, {Vendor: miners.NVIDIA, Index: 2, All: 3}},
	}
	want := "-a scrypt -o stratum+tcp://127.0.0.1:3333 -u KEY.rig1 -p x -R 5 -D -d 0,2 -i 1,1"
	if got := strings.Join(cudaminer.Driver{}.Args(p), " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, a := range (cudaminer.Driver{}).Algorithms() {
		if pow.Canonical(string(a)) != a {
			t.Errorf("%s is not Adit's spelling", a)
		}
	}
}

func FuzzParse(f *testing.F) { parsetest.Fuzz(f, cudaminer.Driver{}, "testdata") }
