package coin_test

import (
	"testing"

	"github.com/adit-mining/adit/wallet/coin"
	"github.com/adit-mining/adit/wallet/coin/cointest"
)

func TestSteadyIsSaidOnlyOfChainsThatAre(t *testing.T) {
	bitcoin := cointest.Network(t, "bitcoin", "main").Steady
	for height, want := range map[int64]bool{1: true, 2015: true, 2016: false, 2017: true, 209_999: true, 210_000: false, 840_000: false} {
		if got := bitcoin.Holds(height); got != want {
			t.Errorf("bitcoin's block %d: %v, want %v", height, got, want)
		}
	}
	var unknown *coin.Steady
	if unknown.Holds(1) {
		t.Error("a chain of which nothing is known is steady")
	}
	// The others change their target with each block, have an extension block, or have
	// not been looked at.
	steady := map[string]bool{"Bitcoin main": true, "Bitcoin regtest": true, "Litecoin regtest": true}
	for _, c := range coin.All() {
		for _, n := range c.Networks() {
			if got := n.Steady != nil; got != steady[n.String()] {
				t.Errorf("%s: steady is %v", n, got)
			}
		}
	}
}
