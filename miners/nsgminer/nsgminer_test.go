package nsgminer_test

import (
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/nsgminer"
	"github.com/adit-mining/adit/miners/parsetest"
	"github.com/adit-mining/adit/miners/pow"
)

var _ miners.Poller = nsgminer.Driver{}

func TestCommandLine(t *testing.T) {
	p := miners.Plan{Algorithm: "neoscrypt", URL: "stratum+tcp://127.0.0.1:3333", User: "KEY.rig1", Password: "x", API: 4711, Threads: 2}
	want := "--neoscrypt -o stratum+tcp://127.0.0.1:3333 -u KEY.rig1 -p x --text-only --no-restart --api-listen --api-port 4711 -G -C -t 2"
	if got := strings.Join(nsgminer.Driver{}.Args(p), " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAlgorithmsAreInAditsSpelling(t *testing.T) {
	seen := map[pow.Algorithm]bool{}
	for _, a := range (nsgminer.Driver{}).Algorithms() {
		if pow.Canonical(string(a)) != a || seen[a] {
			t.Errorf("%s is not how Adit spells it, or it is there twice", a)
		}
		seen[a] = true
	}
}

func TestRecordings(t *testing.T) { parsetest.Run(t, nsgminer.Driver{}, "testdata") }
