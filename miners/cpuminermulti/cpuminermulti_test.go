package cpuminermulti_test

import (
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/cpuminermulti"
	"github.com/adit-mining/adit/miners/parsetest"
	"github.com/adit-mining/adit/miners/pow"
)

var _ miners.Poller = cpuminermulti.Driver{}

func TestCommandLine(t *testing.T) {
	p := miners.Plan{Algorithm: "lyra2rev3", URL: "stratum+tcp://127.0.0.1:3333", User: "KEY.rig1", Password: "x", API: 4711, Threads: 2, MaxCelsius: 80}
	want := "-a lyra2v3 -o stratum+tcp://127.0.0.1:3333 -u KEY.rig1 -p x -R 5 --no-color -b 127.0.0.1:4711 -t 2 --max-temp=80"
	if got := strings.Join(cpuminermulti.Driver{}.Args(p), " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAlgorithmsAreInAditsSpelling(t *testing.T) {
	seen := map[pow.Algorithm]bool{}
	for _, a := range (cpuminermulti.Driver{}).Algorithms() {
		if pow.Canonical(string(a)) != a || seen[a] {
			t.Errorf("%s is not how Adit spells it, or it is there twice", a)
		}
		seen[a] = true
	}
}

func TestRecordings(t *testing.T) { parsetest.Run(t, cpuminermulti.Driver{}, "testdata") }
