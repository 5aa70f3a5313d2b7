package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/wallet/coin"
)

// Holdings is what the wallet has. No coin is in two of the sums.
type Holdings struct {
	Spendable coin.Amount // confirmed, mature and not locked: what BuildAndSign chooses from
	Locked    coin.Amount // locked, by a payment that is signed or by hand
	Change    coin.Amount // not confirmed yet, of the wallet's own transactions
	Pending   coin.Amount // not confirmed yet, from somebody else
	Immature  coin.Amount // rewards that cannot be spent yet
	Aside     coin.Amount // what BuildAndSign leaves alone: Litecoin's extension block, watched coins
}

// Total is everything.
func (h Holdings) Total() coin.Amount {
	return h.Spendable + h.Locked + h.Change + h.Pending + h.Immature + h.Aside
}

// holdingTries is how often the wallet is looked through anew because a block came.
const holdingTries = 5

var errMoving = errors.New("blocks come faster than the wallet can be looked through")

// Holdings looks through the wallet. It takes several calls; they are all of the same
// block.
func (c *Client) Holdings(ctx context.Context) (Holdings, error) {
	for range holdingTries {
		before, err := c.BestBlock(ctx)
		if err != nil {
			return Holdings{}, err
		}
		h, err := c.holdings(ctx)
		if err != nil {
			return Holdings{}, err
		}
		var after pow.Hash
		if after, err = c.BestBlock(ctx); err != nil {
			return Holdings{}, err
		}
		if before == after {
			return h, nil
		}
	}
	return Holdings{}, fmt.Errorf("wallet at %s: %w", c.name, errMoving)
}

func (c *Client) holdings(ctx context.Context) (h Holdings, err error) {
	entries, err := c.listUnspent(ctx, 0, anyDepth)
	if err != nil {
		return h, err
	}
	for _, e := range entries {
		amount, err := c.amount(e.Amount)
		if err != nil {
			return h, fmt.Errorf("listunspent at %s: coin %s: %w", c.name, e.TxID, err)
		}
		sum := h.sumFor(e)
		if *sum, err = sumAmounts(*sum, amount); err != nil {
			return h, fmt.Errorf("listunspent at %s: %w", c.name, err)
		}
	}
	if h.Locked, err = c.lockedAmount(ctx); err != nil {
		return h, err
	}
	h.Immature, err = c.immature(ctx)
	return h, err
}

// sumFor says what an unspent output counts as.
func (h *Holdings) sumFor(e unspentEntry) *coin.Amount {
	confirmed := e
	confirmed.Safe = nil // it says something of unconfirmed ones only
	switch {
	case !confirmed.usable():
		return &h.Aside
	case e.Confirmations > 0:
		return &h.Spendable
	case e.Safe != nil && *e.Safe:
		return &h.Change
	}
	return &h.Pending
}

// lockedAmount adds up the locked coins, which listunspent leaves out. Those that a
// transaction in the mempool has spent are gone.
func (c *Client) lockedAmount(ctx context.Context) (sum coin.Amount, err error) {
	locked, err := c.locked(ctx)
	if err != nil {
		return 0, err
	}
	for _, o := range locked {
		var out *struct {
			Value json.Number `json:"value"`
		}
		if err := c.Call(ctx, "gettxout", []any{o.TxID, o.Vout, true}, &out); err != nil {
			return 0, err
		}
		if out == nil {
			continue
		}
		amount, err := c.amount(out.Value)
		if err == nil {
			sum, err = sumAmounts(sum, amount)
		}
		if err != nil {
			return 0, fmt.Errorf("gettxout at %s: %w", c.name, err)
		}
	}
	return sum, nil
}

// immature asks for the rewards that cannot be spent yet: getbalances since Core 0.19,
// getwalletinfo before, and where neither tells, the sum of such entries.
func (c *Client) immature(ctx context.Context) (coin.Amount, error) {
	var balances struct {
		Mine struct {
			Immature json.Number `json:"immature"`
		} `json:"mine"`
		Immature json.Number `json:"immature_balance"`
	}
	err := c.ask(ctx, "immature", &balances,
		way{wallet: true, method: "getbalances"}, way{wallet: true, method: "getwalletinfo"})
	if err != nil && !foreign(err) {
		return 0, err
	}
	for _, n := range []json.Number{balances.Mine.Immature, balances.Immature} {
		if n != "" {
			return c.amount(n)
		}
	}
	entries, err := c.allEntries(ctx)
	if err != nil {
		return 0, err
	}
	var sum coin.Amount
	seen := make(map[string]bool)
	for _, e := range entries {
		if e.Category != "immature" || seen[e.place()] {
			continue
		}
		seen[e.place()] = true
		amount, err := c.amount(e.Amount)
		if err == nil {
			sum, err = sumAmounts(sum, amount)
		}
		if err != nil {
			return 0, fmt.Errorf("history of the wallet at %s: %w", c.name, err)
		}
	}
	return sum, nil
}
