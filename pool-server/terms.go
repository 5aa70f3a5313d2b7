package main

import (
	"math"

	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/work"
	"github.com/adit-mining/adit/wallet/coin"
)

// termsOf are the terms that a pool's configuration says, but for the network's
// difficulty, which changes.
func termsOf(c *config.Pool) *ledger.Terms {
	terms := &ledger.Terms{
		Scheme: ledger.Scheme(c.Payouts.Scheme), FeePPM: c.FeePPM(), SoloFeePPM: c.SoloFeePPM(),
		Window: c.Payouts.Window, ReserveLimit: coin.Amount(c.Payouts.ReserveLimit),
	}
	for i := range c.Recipients {
		if r := &c.Recipients[i]; r.In == config.InLedger {
			terms.Recipients = append(terms.Recipients, ledger.Recipient{Account: r.Account().String(), PPM: r.PPM()})
		}
	}
	return terms
}

// coinbaseRecipients are those whom each block pays directly.
func coinbaseRecipients(c *config.Pool) (all []work.Recipient) {
	for i := range c.Recipients {
		if r := &c.Recipients[i]; r.In == config.InCoinbase {
			all = append(all, work.Recipient{Script: r.Script(), PPM: r.PPM()})
		}
	}
	return all
}

// setPrice notes what shares are worth now: the pool's part of the block that is worked
// on, less what recipients get of it, by the network's difficulty. An empty job's reward
// lacks the fees that the next one will have; it sets a price only if there is none.
func (p *pool) setPrice(j *work.Job, provisional bool) {
	network := float64(j.Target.Difficulty(p.algorithm()))
	p.network.Store(math.Float64bits(network))
	if p.terms.Scheme != ledger.PPS || network <= 0 || provisional && p.price.Load() != 0 {
		return
	}
	whole := int64(ppmWhole)
	for _, r := range p.terms.Recipients {
		whole -= r.PPM
	}
	p.price.Store(math.Float64bits(float64(j.Reward) / network * float64(whole) / ppmWhole))
}

// ppmWhole is the whole of what is counted in parts per million.
const ppmWhole = 1_000_000

// termsNow are the pool's terms with the network's difficulty of now.
func (p *pool) termsNow() *ledger.Terms {
	terms := *p.terms
	terms.NetworkDifficulty = math.Float64frombits(p.network.Load())
	return &terms
}
