package matrix_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/wallet/coin"
)

// A deal is on what terms a run's pool pays, and what that comes to, reckoned share by
// share. In all of them difficulties are whole numbers where sums matter, and the
// network's is 1.
type deal struct {
	ledger.Terms
	price float64 // PPS: of a share of difficulty 1, in units
}

// randomDeal is one of the schemes, now and then with somebody who gets a part.
func randomDeal(t testing.TB, rnd *rand.Rand) deal {
	t.Helper()
	schemes := []ledger.Scheme{ledger.PROP, ledger.PPLNS, ledger.SOLO, ledger.PPS}
	d := deal{Terms: ledger.Terms{Scheme: schemes[rnd.IntN(len(schemes))], FeePPM: feePPM, SoloFeePPM: feePPM}}
	switch d.Scheme {
	case ledger.PPLNS:
		d.Window = float64(100 + rnd.IntN(5000))
	case ledger.PPS:
		d.ReserveLimit = 1e12
		d.price = 1000 // of which 990 are left after the fee
	}
	if rnd.IntN(2) == 0 {
		d.Recipients = []ledger.Recipient{{Account: miner(t), PPM: 25_000}}
	}
	return d
}

// share is how the ledger is told of s.
func (d deal) share(s done, height int64) ledger.Share {
	terms := d.Terms
	share := ledger.Share{Pool: pool, Account: s.account, Worker: "rig", Difficulty: s.difficulty, Time: time.Now(), Height: height, Terms: &terms}
	switch d.Scheme {
	case ledger.SOLO:
		share.Solo = true
	case ledger.PPS:
		share.Price = d.price
		share.Time = share.Time.Add(-time.Hour) // what is bought is booked when its ten minutes are over
	}
	return share
}

// worth is what the pool pays for a share at once.
func (d deal) worth(s done) coin.Amount {
	return coin.Amount(s.difficulty*d.price) * (1_000_000 - feePPM) / 1_000_000
}

// weigh says what accounts did for a block that ends a round, of all shares so far.
func (d deal) weigh(round, all []done) (weights []ledger.AccountWeight) {
	sums := map[string]float64{}
	switch d.Scheme {
	case ledger.PROP:
		for _, s := range round {
			sums[s.account] += s.difficulty
		}
	case ledger.SOLO:
		sums[round[len(round)-1].account] = 1
	case ledger.PPS:
		sums[ledger.ReserveAccount] = 1
	case ledger.PPLNS:
		room := d.Window
		for _, s := range slices.Backward(all) {
			part := min(room, s.difficulty)
			if part > 0 {
				sums[s.account] += part
			}
			room -= part
		}
	}
	for account, sum := range sums {
		weights = append(weights, ledger.AccountWeight{Account: account, Difficulty: sum})
	}
	return weights
}
