package cgminer_test

import (
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/cgminer"
	"github.com/adit-mining/adit/miners/parsetest"
	"github.com/adit-mining/adit/miners/pow"
)

var _ miners.Poller = cgminer.Driver{}

func TestCommandLine(t *testing.T) {
	p := miners.Plan{Algorithm: pow.SHA256d, URL: "stratum+tcp://127.0.0.1:3333", User: "KEY.rig1", Password: "x", API: 4711, MaxCelsius: 80}
	want := "-o stratum+tcp://127.0.0.1:3333 -u KEY.rig1 -p x --text-only --api-listen --api-host 127.0.0.1 --api-port 4711 --temp-cutoff 80"
	if got := strings.Join(cgminer.Driver{}.Args(p), " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAlgorithmsAreInAditsSpelling(t *testing.T) {
	seen := map[pow.Algorithm]bool{}
	for _, a := range (cgminer.Driver{}).Algorithms() {
		if pow.Canonical(string(a)) != a || seen[a] {
			t.Errorf("%s is not how Adit spells it, or it is there twice", a)
		}
		seen[a] = true
	}
}

func TestRecordings(t *testing.T) { parsetest.Run(t, cgminer.Driver{}, "testdata") }
