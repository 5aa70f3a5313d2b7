package work_test

import (
	"testing"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/work"
	"github.com/adit-mining/adit/wallet/coin"
)

func TestRecipientsPartsAddUpToTheReward(t *testing.T) {
	for _, tt := range []struct {
		value coin.Amount
		ppm   []int64
		own   coin.Amount
	}{
		{50_00000000, nil, 50_00000000},
		{50_00000000, []int64{12_500, 1}, 50_00000000 - 62500000 - 5000},
		{99, []int64{10_000}, 99},                // less than a unit is nothing
		{1000, []int64{1_000_000}, 0},            // all of it
		{1<<62 + 7, []int64{500_000}, 1<<61 + 4}, // no product overflows
	} {
		tmpl := template(t, "btcd.json", map[string]any{"coinbasevalue": int64(tt.value)})
		p := params(pow.SHA256d)
		for i, ppm := range tt.ppm {
			p.Recipients = append(p.Recipients, work.Recipient{Script: []byte{0x51, byte(i)}, PPM: ppm})
		}
		j, err := work.NewJob("1", tmpl, p)
		if err != nil {
			t.Errorf("%d with %v: %v", tt.value, tt.ppm, err)
			continue
		}
		if j.Reward != tt.own {
			t.Errorf("%d with %v: the pool gets %d, want %d", tt.value, tt.ppm, j.Reward, tt.own)
		}
	}
	p := params(pow.SHA256d)
	p.Recipients = []work.Recipient{{Script: []byte{0x51}, PPM: 700_000}, {Script: []byte{0x52}, PPM: 400_000}}
	if _, err := work.NewJob("1", template(t, "btcd.json", nil), p); err == nil {
		t.Error("parts of more than the whole are taken")
	}
}
