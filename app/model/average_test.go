package model_test

import (
	"testing"
	"time"

	"github.com/adit-mining/adit/app/model"
	"github.com/adit-mining/adit/miners"
	"github.com/adit-mining/adit/miners/pow"
)

func TestAverageCountsOnlyTheTimeThatWasMined(t *testing.T) {
	rate := func(h pow.Hashrate) model.MinerSaid {
		return model.MinerSaid{Unit: "cpu0", Event: miners.Hashrate{Hashrate: h, Device: miners.Whole}}
	}
	ready := live(first(), opened, seen, answered, model.Start{}, started, letIn)
	for _, test := range []struct {
		name   string
		events []any
		want   pow.Hashrate
	}{
		{"nothing measured", []any{later(10)}, 0},
		{"too short to tell", []any{rate(700)}, 700},
		{"by time", []any{rate(1000), later(30), rate(4000), later(10)}, 1750},
		{"a minute without the pool", []any{rate(1000), later(30), cut, later(60), letIn, rate(1000), later(30)}, 1000},
		{"a night asleep", []any{rate(1000), later(20), model.Tick{Now: noon.Add(8 * time.Hour)}, rate(3000), later(10)}, 1500},
		{"stopped at the end", []any{rate(1000), later(30), model.Stop{}, model.MinerGone{Unit: "cpu0"}, later(9)}, 1000},
	} {
		if got := live(ready, test.events...).Totals().Average; got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}
