package node

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

type decodedTx struct {
	TxID     string `json:"txid"`
	LockTime int64  `json:"locktime"`
	Inputs   []struct {
		TxID     string  `json:"txid"`
		Vout     int64   `json:"vout"`
		Sequence *uint32 `json:"sequence"`
	} `json:"vin"`
	Outputs []decodedOutput `json:"vout"`
}

type decodedOutput struct {
	Value  json.Number `json:"value"`
	Script struct {
		Hex       string   `json:"hex"`
		Address   string   `json:"address"`   // since Core 22
		Addresses []string `json:"addresses"` // before
	} `json:"scriptPubKey"`
}

// address is the one that the output pays to; empty if there is none, or several.
func (o decodedOutput) address() string {
	if o.Script.Address == "" && len(o.Script.Addresses) == 1 {
		return o.Script.Addresses[0]
	}
	return o.Script.Address
}

func (c *Client) decode(ctx context.Context, raw string) (tx decodedTx, err error) {
	err = c.Call(ctx, "decoderawtransaction", []any{raw}, &tx)
	return tx, err
}

// Broadcast sends a signed transaction, in hex, to the network. The same bytes
// may be sent any number of times: the network takes them for one payment.
// ErrKnown means that it is in the chain, the mempool or the wallet already,
// ErrConflict that its inputs are gone, because something else spent them or the
// transaction that made them was dropped: somebody has to look before anything is
// paid again. After ErrUnanswered it may have been sent.
func (c *Client) Broadcast(ctx context.Context, raw string) error {
	err := c.send(ctx, raw)
	switch codeOf(err) {
	case codeAlreadyInChain:
		return fmt.Errorf("%w: %w", ErrKnown, err)
	case codeVerify, codeVerifyRejected:
		return c.whyRefused(ctx, raw, err)
	}
	return err
}

// send hands a transaction to the daemon whatever fee it pays: limits on that are the
// payer's, and a daemon's own is in coins, which says nothing about their worth.
func (c *Client) send(ctx context.Context, raw string) error {
	return c.ask(ctx, "send", nil,
		way{method: "sendrawtransaction", params: []any{raw, 0}},    // a highest rate since Core 0.19; 0: none
		way{method: "sendrawtransaction", params: []any{raw, true}}, // before: whether high fees will do
		way{method: "sendrawtransaction", params: []any{raw}},
	)
}

// whyRefused finds out what "inputs missing" or a mempool's refusal means: a
// transaction that was mined and whose outputs were spent is refused like one
// whose inputs somebody else spent.
func (c *Client) whyRefused(ctx context.Context, raw string, refusal error) error {
	tx, err := c.decode(ctx, raw)
	if err != nil {
		return fmt.Errorf("%w; looking it up: %w", refusal, err)
	}
	status, err := c.TxStatus(ctx, tx.TxID)
	if err != nil {
		return fmt.Errorf("%w; looking it up: %w", refusal, err)
	}
	switch {
	case status.Known && status.Confirmations > 0:
		return fmt.Errorf("%w: %w", ErrKnown, refusal)
	case status.Known && status.Confirmations < 0:
		return fmt.Errorf("%w: %w", ErrConflict, refusal)
	case c.inMempool(ctx, tx.TxID):
		return fmt.Errorf("%w: %w", ErrKnown, refusal) // daemons before 0.19, and btcd
	}
	for _, in := range tx.Inputs {
		if in.TxID == "" {
			continue // spent inside Litecoin's extension block
		}
		spent, err := c.isSpent(ctx, in.TxID, in.Vout)
		if err != nil {
			return fmt.Errorf("%w; looking its inputs up: %w", refusal, err)
		}
		if spent {
			return fmt.Errorf("%w: %w", ErrConflict, refusal)
		}
	}
	return refusal
}

// inMempool reports whether the daemon is about to mine a transaction, as far as it
// tells. btcd has no getmempoolentry.
func (c *Client) inMempool(ctx context.Context, txid string) bool {
	err := c.Call(ctx, "getmempoolentry", []any{txid}, nil)
	if !foreign(err) {
		return err == nil
	}
	var all []string
	return c.Call(ctx, "getrawmempool", nil, &all) == nil && slices.Contains(all, txid)
}

// isSpent reports whether an output is spent, in the chain or in the mempool, or
// does not exist.
func (c *Client) isSpent(ctx context.Context, txid string, vout int64) (bool, error) {
	var out json.RawMessage
	if err := c.Call(ctx, "gettxout", []any{txid, vout, true}, &out); err != nil {
		return false, err
	}
	return string(out) == "null", nil
}

// outpoint names an output as lockunspent and listlockunspent do.
type outpoint struct {
	TxID string `json:"txid"`
	Vout int64  `json:"vout"`
}

// Release gives the coins that a transaction, in hex, would have spent back to
// the wallet. To be called when a payout is given up before it was sent; never
// for one that may be under way. Coins that are not locked are no error.
func (c *Client) Release(ctx context.Context, raw string) error {
	inputs, err := c.inputs(ctx, raw)
	if err != nil {
		return err
	}
	return c.unlock(ctx, func(o outpoint) bool { return inputs[o] })
}

// ReleaseExcept unlocks all coins of the wallet but those that the given
// transactions, in hex, spend; these it locks, should the daemon have forgotten.
// To be called at start, with every payout that is signed and not confirmed:
// locks of a crash while signing do not pile up, and nothing else spends what a
// payout needs. It also undoes locks that somebody made by hand.
func (c *Client) ReleaseExcept(ctx context.Context, keep []string) error {
	wanted := make(map[outpoint]bool)
	var each [][]outpoint // by transaction
	for _, raw := range keep {
		inputs, err := c.inputs(ctx, raw)
		if err != nil {
			return err
		}
		each = append(each, slices.Collect(maps.Keys(inputs)))
		maps.Copy(wanted, inputs)
	}
	if err := c.unlock(ctx, func(o outpoint) bool { return !wanted[o] }); err != nil {
		return err
	}
	locked, err := c.locked(ctx)
	if err != nil {
		return err
	}
	isLocked := make(map[outpoint]bool, len(locked))
	for _, o := range locked {
		isLocked[o] = true
	}
	for _, inputs := range each {
		inputs = slices.DeleteFunc(inputs, func(o outpoint) bool { return isLocked[o] })
		if err := c.relock(ctx, inputs); err != nil {
			return err
		}
	}
	return nil
}

// relock locks the inputs of a transaction. One that is spent already, because the
// payout was mined, cannot be locked, and need not be: then each is tried alone.
func (c *Client) relock(ctx context.Context, inputs []outpoint) error {
	if len(inputs) == 0 {
		return nil
	}
	err := c.walletCall(ctx, "lockunspent", []any{false, inputs}, nil)
	if codeOf(err) != codeInvalidParam {
		return err
	}
	for _, o := range inputs {
		err := c.walletCall(ctx, "lockunspent", []any{false, []outpoint{o}}, nil)
		if err != nil && codeOf(err) != codeInvalidParam {
			return err
		}
	}
	return nil
}

func (c *Client) inputs(ctx context.Context, raw string) (map[outpoint]bool, error) {
	tx, err := c.decode(ctx, raw)
	if err != nil {
		return nil, err
	}
	inputs := make(map[outpoint]bool, len(tx.Inputs))
	for _, in := range tx.Inputs {
		if in.TxID == "" {
			continue // spent inside Litecoin's extension block: cannot be locked
		}
		inputs[outpoint{in.TxID, in.Vout}] = true
	}
	return inputs, nil
}

func (c *Client) locked(ctx context.Context) (all []outpoint, err error) {
	err = c.walletCall(ctx, "listlockunspent", nil, &all)
	return all, err
}

// unlock unlocks the locked coins that which picks.
func (c *Client) unlock(ctx context.Context, which func(outpoint) bool) error {
	locked, err := c.locked(ctx)
	if err != nil {
		return err
	}
	var picked []outpoint
	for _, o := range locked {
		if which(o) {
			picked = append(picked, o)
		}
	}
	if len(picked) == 0 {
		return nil
	}
	return c.walletCall(ctx, "lockunspent", []any{true, picked}, nil)
}
