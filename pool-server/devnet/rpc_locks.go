package devnet

import (
	"context"
	"fmt"

	"github.com/btcsuite/btcd/wire/v2"
)

// lockUnspent locks outputs (false) or unlocks them (true); without a list it unlocks
// all. Locks end with the spend or the process, as in Core. A faulty list changes
// nothing.
func (c *Chain) lockUnspent(_ context.Context, a arguments) (any, error) {
	var unlock bool
	var list []rawInput
	if err := a.optional(0, &unlock); err != nil {
		return nil, err
	}
	if err := a.optional(1, &list); err != nil {
		return nil, err
	}
	if !a.has(1) {
		if unlock {
			clear(c.wallet.locked)
		}
		return true, nil
	}
	var outs []wire.OutPoint
	for _, i := range list {
		at, err := i.outpoint()
		if err != nil {
			return nil, err
		}
		if err := c.checkLock(at, unlock); err != nil {
			return nil, err
		}
		outs = append(outs, at)
	}
	for _, at := range outs {
		if unlock {
			delete(c.wallet.locked, at)
			continue
		}
		c.wallet.locked[at] = true
	}
	return true, nil
}

func (c *Chain) checkLock(at wire.OutPoint, unlock bool) error {
	invalid := func(why string) error { return &RPCError{codeParameter, "Invalid parameter, " + why} }
	tx := c.wallet.txs[at.Hash]
	switch {
	case tx == nil:
		return invalid("unknown transaction")
	case int(at.Index) >= len(tx.tx.TxOut):
		return invalid("vout index out of bounds")
	case unlock && !c.wallet.locked[at]:
		return invalid("expected locked output")
	case unlock:
		return nil
	}
	out, _, _, err := c.findOutput(at, true)
	switch {
	case err != nil:
		return err
	case out == nil:
		return invalid("expected unspent output")
	case c.wallet.locked[at]:
		return invalid(fmt.Sprintf("output already locked: %v", at))
	}
	return nil
}

func (c *Chain) listLockUnspent(context.Context, arguments) (any, error) {
	list := []map[string]any{}
	for at := range c.wallet.locked {
		list = append(list, map[string]any{"txid": at.Hash.String(), "vout": at.Index})
	}
	return list, nil
}
