package miners_test

import (
	"slices"
	"testing"

	"github.com/adit-mining/adit/miners"
)

func TestCountTellsEachShareOnce(t *testing.T) {
	var c miners.Count
	if c.Said().Counts {
		t.Error("it says that it knows before anything was said")
	}
	var got []miners.Event
	for _, events := range [][]miners.Event{
		c.Total(0, 0),
		c.Accept(),
		c.Total(1, 0), // the same share
		c.Accept(),
		c.Total(1, 0), // printed before the last line, written after it
		c.Reject("stale"),
		c.Total(5, 2), // lines were lost
		c.Total(-1, 9),
		c.Total(1<<50, 9),
	} {
		got = append(got, events...)
	}
	c.Restart()
	got = append(got, c.Total(3, 0)...)
	want := []miners.Event{
		miners.Accepted{N: 1}, miners.Accepted{N: 1}, miners.Rejected{N: 1, Reason: "stale"},
		miners.Accepted{N: 3}, miners.Rejected{N: 1}, miners.Accepted{N: 3},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
	if !c.Said().Counts {
		t.Error("it does not say that it knows")
	}
}

func TestPlanForCommandLines(t *testing.T) {
	p := miners.Plan{Devices: []miners.Device{{Vendor: miners.AMD, Index: 0, All: 1}, {Vendor: miners.NVIDIA, Index: 2, All: 3}}, Intensity: 50}
	if got := p.Of(miners.NVIDIA).Numbers(miners.ByVendor); !slices.Equal(got, []string{"2"}) {
		t.Errorf("cards of NVIDIA: %v", got)
	}
	if got := p.Numbers(miners.AmongAll); !slices.Equal(got, []string{"1", "3"}) {
		t.Errorf("all cards: %v", got)
	}
	if got, ok := p.Share(8, 22); got != 15 || !ok {
		t.Errorf("half between 8 and 22 is %d, %v", got, ok)
	}
	for url, want := range map[string]bool{"stratum+tcp://127.0.0.1:1": false, "stratum+ssl://127.0.0.1:1": true, "stratum+tls://127.0.0.1:1": true, "127.0.0.1:1": false} {
		address, encrypted := miners.Plan{URL: url}.Pool()
		if address != "127.0.0.1:1" || encrypted != want {
			t.Errorf("%s: %q, encrypted %v", url, address, encrypted)
		}
	}
}
