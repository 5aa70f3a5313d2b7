package parsetest

import (
	"slices"
	"strings"
	"testing"

	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/pow"
)

// Lines are lines of a program's output and what each means.
type Lines []struct {
	Text string
	Want []miners.Event
}

// Check gives each line to a parser of d of its own, behind each of prefixes, which
// are what the program may put before it; without prefixes as it is.
func (lines Lines) Check(t *testing.T, d miners.Driver, prefixes ...string) {
	t.Helper()
	if len(prefixes) == 0 {
		prefixes = []string{""}
	}
	for _, line := range lines {
		for _, prefix := range prefixes {
			if got := d.NewParser().Parse(prefix + line.Text); !slices.Equal(got, line.Want) {
				t.Errorf("%q\n got %#v\nwant %#v", prefix+line.Text, got, line.Want)
			}
		}
	}
}

// Whole is the rate of all devices together, as an event.
func Whole(r pow.Hashrate) miners.Event { return miners.Hashrate{Hashrate: r, Device: miners.Whole} }

// Commands are plans and the arguments that a driver makes of each, with spaces between.
type Commands []struct {
	Plan miners.Plan
	Want string
}

// Check checks the arguments that d makes, and that it names algorithms as Adit does.
func (commands Commands) Check(t *testing.T, d miners.Driver) {
	t.Helper()
	for _, c := range commands {
		if got := strings.Join(d.Args(c.Plan), " "); got != c.Want {
			t.Errorf("plan %+v\n got %s\nwant %s", c.Plan, got, c.Want)
		}
	}
	for _, a := range d.Algorithms() {
		if pow.Canonical(string(a)) != a {
			t.Errorf("%s is not Adit's spelling", a)
		}
	}
}

// Cards are two cards of one maker, in a computer that has another card before each.
func Cards(v miners.GPUVendor) []miners.Device {
	return []miners.Device{
		{Vendor: v, Index: 0, All: 1, PCI: "0000:03:00.0"},
		{Vendor: v, Index: 2, All: 3, PCI: "0000:0a:00.0"},
	}
}
