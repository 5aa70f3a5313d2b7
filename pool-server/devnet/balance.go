package devnet

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// spendable is an unspent output of ours together with what decides on its use.
type spendable struct {
	at            wire.OutPoint
	out           *wire.TxOut
	confirmations int64 // 0 in the mempool
	mature        bool  // false for a young reward
	trusted       bool  // confirmed, or made by ourselves
	locked        bool
}

// available reports whether the wallet would pay with it.
func (s spendable) available() bool { return s.mature && s.trusted && !s.locked }

// spendables lists all unspent outputs of ours, of the chain and of the mempool, that
// no transaction of the mempool spends: oldest first.
func (c *Chain) spendables() []spendable {
	best := c.chain.BestSnapshot().Height
	var list []spendable
	for at, o := range c.wallet.unspent {
		if c.pool.CheckSpend(at) != nil {
			continue
		}
		depth := int64(best-o.height) + 1
		list = append(list, spendable{
			at: at, out: o.out, confirmations: depth, trusted: true, locked: c.wallet.locked[at],
			// One more than consensus asks for, as Core's wallet does: so that the
			// spend stays valid when the tip is replaced.
			mature: !o.coinbase || depth > int64(c.params.CoinbaseMaturity),
		})
	}
	for _, d := range c.pool.TxDescs() {
		list = append(list, c.unconfirmed(d.Tx)...)
	}
	slices.SortFunc(list, func(a, b spendable) int {
		return cmp.Or(cmp.Compare(b.confirmations, a.confirmations),
			bytes.Compare(a.at.Hash[:], b.at.Hash[:]), cmp.Compare(a.at.Index, b.at.Index))
	})
	return list
}

// unconfirmed lists the unspent outputs of ours of a transaction in the mempool.
func (c *Chain) unconfirmed(tx *btcutil.Tx) []spendable {
	trusted := true
	for _, in := range tx.MsgTx().TxIn {
		trusted = trusted && c.wallet.spends(in) != nil
	}
	var list []spendable
	for i, out := range tx.MsgTx().TxOut {
		at := wire.OutPoint{Hash: *tx.Hash(), Index: uint32(i)}
		if c.wallet.mine(out) && c.pool.CheckSpend(at) == nil {
			list = append(list, spendable{
				at: at, out: out, mature: true, trusted: trusted, locked: c.wallet.locked[at],
			})
		}
	}
	return list
}

// balances are the wallet's sums in base units.
type balances struct{ trusted, pending, immature int64 }

func (c *Chain) balances() balances {
	var b balances
	for _, s := range c.spendables() {
		switch {
		case !s.mature:
			b.immature += s.out.Value
		case s.trusted: // locked ones too
			b.trusted += s.out.Value
		default:
			b.pending += s.out.Value
		}
	}
	return b
}
