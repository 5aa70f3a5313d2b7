package miners_test

import (
	"slices"
	"testing"

	"github.com/adit-mining/adit/miners"
)

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
