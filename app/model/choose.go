package model

import (
	"strings"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/poolapi"
	"github.com/adit-mining/adit/wallet/coin"
)

// choose picks the port to mine on: of the coin that the user asked for, else of
// the first one in the pool's order that a program for one of the algorithms can
// do. Coins that Adit knows go first, because for those it can show the address
// that is paid. The zero Target means that there is none.
func choose(info poolapi.PoolInfo, wish string, can []pow.Algorithm, key coin.PubKeyHash) Target {
	var fit []Target
	for _, c := range info.Coins {
		if t, ok := fits(c, can, key); ok {
			fit = append(fit, t)
		}
	}
	if len(fit) == 0 {
		return Target{}
	}
	best := fit[0]
	for _, t := range fit {
		if best.Address == "" && t.Address != "" {
			best = t
		}
	}
	for _, t := range fit {
		if wish != "" && (strings.EqualFold(t.Coin.ID, wish) || strings.EqualFold(t.Coin.Symbol, wish)) {
			best = t
			break
		}
	}
	best.Choice = len(fit) - 1
	return best
}

// fits looks for a port of c that one of the algorithms can do.
func fits(c poolapi.CoinInfo, can []pow.Algorithm, key coin.PubKeyHash) (Target, bool) {
	algorithm, err := pow.ParseAlgorithm(c.Algorithm)
	if err != nil || !contains(can, algorithm) {
		return Target{}, false
	}
	for _, port := range c.Ports {
		if !strings.HasPrefix(port.URL, "stratum+tcp://") {
			continue
		}
		t := Target{Coin: c, Port: port, Algorithm: algorithm}
		if known, err := coin.Lookup(c.ID); err == nil {
			if network, err := known.Network(c.Network); err == nil {
				t.Address = network.PayoutAddress(key).String()
			}
		}
		if !port.VarDiff {
			t.Difficulty = pow.Difficulty(port.Difficulty)
		}
		return t, true
	}
	return Target{}, false
}

func contains(all []pow.Algorithm, one pow.Algorithm) bool {
	for _, a := range all {
		if a == one {
			return true
		}
	}
	return false
}
