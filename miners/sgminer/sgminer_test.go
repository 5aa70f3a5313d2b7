package sgminer_test

import (
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/parsetest"
	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/miners/sgminer"
)

var _ miners.Poller = sgminer.Driver{}

func TestCommandLine(t *testing.T) {
	p := miners.Plan{Algorithm: "x11", URL: "stratum+tcp://127.0.0.1:3333", User: "KEY.rig1", Password: "x", API: 4711, MaxCelsius: 80,
		Devices: []miners.Device{{Vendor: miners.AMD, Index: 0, All: 1}, {Vendor: miners.AMD, Index: 2, All: 3}}, Intensity: 50}
	want := "-k darkcoin-mod -o stratum+tcp://127.0.0.1:3333 -u KEY.rig1 -p x --text-only --no-restart --gpu-reorder --api-listen --api-port 4711 -d 0,2 --temp-cutoff 80 -I d"
	if got := strings.Join(sgminer.Driver{}.Args(p), " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAlgorithmsAreInAditsSpelling(t *testing.T) {
	seen := map[pow.Algorithm]bool{}
	for _, a := range (sgminer.Driver{}).Algorithms() {
		if pow.Canonical(string(a)) != a || seen[a] {
			t.Errorf("%s is not how Adit spells it, or it is there twice", a)
		}
		seen[a] = true
	}
}

func TestRecordings(t *testing.T) { parsetest.Run(t, sgminer.Driver{}, "testdata") }
