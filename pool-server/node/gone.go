package node

import (
	"context"
	"encoding/json"
)

// InputsGone reports whether a transaction, in hex, can never be mined, because
// another one that is in the chain has spent an output that it spends. While that is
// not sure it says no: an output that is merely unknown may come back.
func (c *Client) InputsGone(ctx context.Context, raw string) (bool, error) {
	tx, err := c.decode(ctx, raw)
	if err != nil {
		return false, err
	}
	status, err := c.TxStatus(ctx, tx.TxID)
	if err != nil || status.Confirmations != 0 {
		return status.Confirmations < 0, err
	}
	for _, in := range tx.Inputs {
		if in.TxID == "" {
			continue // spent inside Litecoin's extension block
		}
		var out json.RawMessage
		if err := c.Call(ctx, "gettxout", []any{in.TxID, in.Vout, false}, &out); err != nil {
			return false, err
		}
		if string(out) != "null" {
			continue
		}
		// It is not there: spent in the chain, if what made it is in the chain.
		made, err := c.TxStatus(ctx, in.TxID)
		if err != nil {
			return false, err
		}
		if made.Confirmations > 0 {
			return true, nil
		}
	}
	return false, nil
}
