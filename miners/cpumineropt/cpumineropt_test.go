package cpumineropt_test

import (
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/cpumineropt"
	"github.com/adit-mining/adit/miners/parsetest"
	"github.com/adit-mining/adit/miners/pow"
)

var _ miners.Poller = cpumineropt.Driver{}

func TestCommandLine(t *testing.T) {
	p := miners.Plan{Algorithm: "myr-groestl", URL: "stratum+ssl://127.0.0.1:3333", User: "KEY.rig1", Password: "x", API: 4711, Threads: 2, MaxCelsius: 80}
	want := "-a myr-gr -o stratum+ssl://127.0.0.1:3333 -u KEY.rig1 -p x --retry-pause=10 --no-color -b 127.0.0.1:4711 -t 2 --max-temp=80"
	if got := strings.Join(cpumineropt.Driver{}.Args(p), " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAlgorithmsAreInAditsSpelling(t *testing.T) {
	seen := map[pow.Algorithm]bool{}
	for _, a := range (cpumineropt.Driver{}).Algorithms() {
		if pow.Canonical(string(a)) != a || seen[a] {
			t.Errorf("%s is not how Adit spells it, or it is there twice", a)
		}
		seen[a] = true
	}
}

func TestRecordings(t *testing.T) { parsetest.Run(t, cpumineropt.Driver{}, "testdata") }

func FuzzParse(f *testing.F) {
	for _, line := range []string{
		"[2026-05-04 03:02:03] 17 Accepted 15 S0 R2 B0, 1.234 sec (34ms)",
		"                      Accepted              5            5       71.4%",
		"                      TTF @ 64.64 kh/s: Block 69y013d, Share 1s",
		"Accepted 4/4 (100%), 1.05 MH, 512.37 kH/s", "Accepted, diff 1.12, 21.106 secs, A/R/B: 1/0/0.",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		p := cpumineropt.Driver{}.NewParser()
		for range 2 {
			for _, e := range p.Parse(line) {
				if a, ok := e.(miners.Accepted); ok && a.N <= 0 {
					t.Errorf("%q gives %d accepted", line, a.N)
				}
				if r, ok := e.(miners.Rejected); ok && r.N <= 0 {
					t.Errorf("%q gives %d rejected", line, r.N)
				}
			}
		}
	})
}
