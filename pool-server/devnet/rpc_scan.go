package devnet

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/btcsuite/btcd/wire/v2"
)

// scanTxOutSet finds the unspent outputs of the main chain with given scripts, by
// descriptors "raw(HEX)", as Core's does in its set of unspent outputs. A scan here is
// over before anybody could ask for its status or break it off.
func (c *Chain) scanTxOutSet(_ context.Context, a arguments) (any, error) {
	action, err := a.text(0)
	if err != nil {
		return nil, err
	}
	switch action {
	case "status":
		return nil, nil
	case "abort":
		return false, nil
	case "start":
	default:
		return nil, &RPCError{codeParameter, "Invalid action argument"}
	}
	wanted, err := a.scripts(1)
	if err != nil {
		return nil, err
	}
	found, total, err := c.scan(wanted)
	if err != nil {
		return nil, c.fail(err)
	}
	best := c.best()
	return map[string]any{
		"success": true, "height": best.height, "bestblock": best.hash.String(), "unspents": found, "total_amount": coins(total),
	}, nil
}

// scripts reads parameter i, a list of descriptors, each a text or {"desc": text}.
func (a arguments) scripts(i int) (map[string]bool, error) {
	var list []json.RawMessage
	if err := a.optional(i, &list); err != nil {
		return nil, err
	}
	wanted := map[string]bool{}
	for _, raw := range list {
		var object struct {
			Desc string `json:"desc"`
		}
		if json.Unmarshal(raw, &object.Desc) != nil {
			if err := json.Unmarshal(raw, &object); err != nil {
				return nil, &RPCError{codeType, "a descriptor is a text or an object with desc"}
			}
		}
		text, _, _ := strings.Cut(object.Desc, "#")
		inner, isRaw := strings.CutPrefix(text, "raw(")
		inner, closed := strings.CutSuffix(inner, ")")
		script, err := hex.DecodeString(inner)
		if !isRaw || !closed || err != nil {
			return nil, &RPCError{codeAddressOrKey, "only descriptors like raw(HEX) are known here"}
		}
		wanted[string(script)] = true
	}
	return wanted, nil
}

func (c *Chain) scan(wanted map[string]bool) (found []map[string]any, total int64, err error) {
	found = []map[string]any{}
	for height := int32(0); height <= c.best().height; height++ {
		hash, err := c.chain.BlockHashByHeight(height)
		if err != nil {
			return nil, 0, err
		}
		b, err := c.content(c.blocks[*hash])
		if err != nil {
			return nil, 0, err
		}
		for _, tx := range b.Transactions() {
			for i, out := range tx.MsgTx().TxOut {
				if !wanted[string(out.PkScript)] {
					continue
				}
				at := wire.OutPoint{Hash: *tx.Hash(), Index: uint32(i)}
				entry, err := c.chain.FetchUtxoEntry(at)
				if err != nil {
					return nil, 0, err
				}
				if entry == nil || entry.IsSpent() {
					continue
				}
				total += out.Value
				found = append(found, map[string]any{
					"txid": at.Hash.String(), "vout": i, "scriptPubKey": hex.EncodeToString(out.PkScript), "amount": coins(out.Value),
					"height": height, "coinbase": entry.IsCoinBase(),
				})
			}
		}
	}
	return found, total, nil
}
