package market_test

import (
	"math"
	"testing"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/market"
	"github.com/adit-mining/adit/wallet/coin"
)

func TestPerDayIsReckonedFromTheTarget(t *testing.T) {
	// A target of 2^256/2^n-1 takes 2^n hashes.
	ofBits := func(n int) (target pow.Target) {
		for i := n; i < 256; i++ {
			target[i/8] |= 0x80 >> (i % 8)
		}
		return target
	}
	bits := func(compact uint32) pow.Target {
		target, err := pow.TargetFromBits(compact)
		if err != nil {
			t.Fatal(err)
		}
		return target
	}
	for name, tt := range map[string]struct {
		coin   string
		target pow.Target
		reward coin.Amount
		fee    float64
		want   float64
	}{
		"a block a hash":         {"litecoin", ofBits(0), 1_0000_0000, 0, 86400},
		"a block in 2^20 hashes": {"litecoin", ofBits(20), 6_2500_0000, 0, 86400 * 6.25 / (1 << 20)},
		"less the fee":           {"litecoin", ofBits(20), 6_2500_0000, 2, 86400 * 6.25 * 0.98 / (1 << 20)},
		"all is the fee":         {"litecoin", ofBits(20), 6_2500_0000, 100, 0},
		"nothing to earn":        {"litecoin", ofBits(20), 0, 1, 0},
		// 2^256/(0xffff*2^208+1) hashes, whatever the algorithm's unit of difficulty is.
		"bitcoin's easiest block":          {"bitcoin", bits(0x1d00ffff), 50_0000_0000, 0, 86400 * 50 / 4295032833.0},
		"the same target, mined by scrypt": {"litecoin", bits(0x1d00ffff), 50_0000_0000, 0, 86400 * 50 / 4295032833.0},
		"a target that nothing meets":      {"litecoin", pow.Target{}, 50_0000_0000, 0, 86400 * 50 / math.Pow(2, 256)},
	} {
		c, err := coin.Lookup(tt.coin)
		if err != nil {
			t.Fatal(err)
		}
		got := market.Work{Coin: c, Target: tt.target, Reward: tt.reward, FeePercent: tt.fee}.PerDay()
		if math.Abs(got-tt.want) > 1e-9*tt.want {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}
