package miners_test

import (
	"slices"
	"testing"

	"github.com/adit-mining/adit/miners"
)

func TestAPlanForOneVendorsCards(t *testing.T) {
	all := miners.Plan{User: "KEY", Devices: []miners.Device{{Vendor: miners.AMD, All: 1}, {Vendor: miners.NVIDIA, All: 3}}}
	if got := all.Of(miners.NVIDIA); !slices.Equal(got.Devices, all.Devices[1:]) || got.User != "KEY" {
		t.Errorf("NVIDIA's part is %+v", got)
	}
	if got := all.Of(miners.Intel); len(got.Devices) != 0 || len(all.Devices) != 2 {
		t.Errorf("Intel's part is %+v, and all is %+v", got, all)
	}
}
