package node

import (
	"context"
	"fmt"
)

// InputsGone reports whether a transaction, in hex, that is not in the chain can never
// be: whether a block has spent one of the coins that it spends. A coin that is not in
// the chain at all is not gone, for its own transaction may come yet.
func (c *Client) InputsGone(ctx context.Context, raw string) (bool, error) {
	inputs, err := c.inputs(ctx, raw)
	if err != nil {
		return false, err
	}
	for o := range inputs {
		var out *struct{}
		if err := c.Call(ctx, "gettxout", []any{o.TxID, o.Vout, false}, &out); err != nil {
			return false, fmt.Errorf("look for the coin %s:%d: %w", o.TxID, o.Vout, err)
		}
		if out != nil {
			continue
		}
		made, err := c.TxStatus(ctx, o.TxID)
		if err != nil {
			return false, fmt.Errorf("look for the coin %s:%d: %w", o.TxID, o.Vout, err)
		}
		if made.Confirmations > 0 {
			return true, nil
		}
	}
	return false, nil
}
