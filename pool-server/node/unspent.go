package node

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/adit-mining/adit/wallet/coin"
)

// Unspent is an output of the chain that nobody has spent, in the chain or in the
// mempool.
type Unspent struct {
	TxID     string
	Index    uint32
	Amount   coin.Amount
	Script   []byte
	Height   int64
	Coinbase bool
}

// ErrNoScan says that a daemon cannot look through its unspent outputs.
var ErrNoScan = errors.New("daemon has no scantxoutset")

// ScanUnspent looks through all unspent outputs of the chain for those with one of
// the scripts, at most as many as most says. That takes a daemon seconds to minutes
// and one of its threads, but neither a wallet nor an index; a daemon does one scan
// at a time. When ctx or the time is over the daemon is told to break off.
func (c *Client) ScanUnspent(ctx context.Context, timeout time.Duration, scripts [][]byte, most int) (found []Unspent, height int64, err error) {
	var descriptors []string
	for _, s := range scripts {
		descriptors = append(descriptors, "raw("+hex.EncodeToString(s)+")")
	}
	var scan struct {
		Success  *bool `json:"success"`
		Height   int64 `json:"height"`
		Unspents []struct {
			TxID   string      `json:"txid"`
			Vout   uint32      `json:"vout"`
			Script string      `json:"scriptPubKey"`
			Amount json.Number `json:"amount"`
			Height int64       `json:"height"`
		} `json:"unspents"`
	}
	err = c.call(ctx, c.root, timeout, "scantxoutset", []any{"start", descriptors}, &scan)
	switch {
	case codeOf(err) == codeMethodNotFound:
		return nil, 0, fmt.Errorf("%w: %w", ErrNoScan, err)
	case codeOf(err) != 0:
		return nil, 0, err
	case err != nil: // it goes on by itself, and no other can start
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		return nil, 0, errors.Join(err, c.Call(stop, "scantxoutset", []any{"abort"}, nil))
	case scan.Success != nil && !*scan.Success:
		return nil, 0, fmt.Errorf("scantxoutset at %s: broken off", c.name)
	}
	for _, u := range scan.Unspents {
		if len(found) == most {
			break
		}
		var out *struct {
			Coinbase bool `json:"coinbase"`
		}
		if err := c.Call(ctx, "gettxout", []any{u.TxID, u.Vout, true}, &out); err != nil {
			return nil, 0, err
		}
		if out == nil {
			continue // spent in the mempool
		}
		amount, err := c.amount(u.Amount)
		if err != nil {
			return nil, 0, fmt.Errorf("scantxoutset at %s: %w", c.name, err)
		}
		script, err := hex.DecodeString(u.Script)
		if err != nil {
			return nil, 0, fmt.Errorf("scantxoutset at %s: script: %w", c.name, err)
		}
		found = append(found, Unspent{u.TxID, u.Vout, amount, script, u.Height, out.Coinbase})
	}
	return found, scan.Height, nil
}

// RawTransaction returns a transaction in hex and its confirmations; raw is empty if
// the daemon cannot find it. Without an index it finds those of the mempool and,
// where height is not 0, those of the block at that height.
func (c *Client) RawTransaction(ctx context.Context, txid string, height int64) (raw string, confirmations int64, err error) {
	var tx struct {
		Hex           string `json:"hex"`
		Confirmations int64  `json:"confirmations"`
	}
	err = c.Call(ctx, "getrawtransaction", []any{txid, 1}, &tx)
	if codeOf(err) == codeNotFound && height > 0 {
		var hash string
		if err = c.Call(ctx, "getblockhash", []any{height}, &hash); err == nil {
			err = c.Call(ctx, "getrawtransaction", []any{txid, 1, hash}, &tx)
		}
	}
	if codeOf(err) == codeNotFound || codeOf(err) == codeInvalidParam || codeOf(err) == codeMisc {
		return "", 0, nil
	}
	return tx.Hex, tx.Confirmations, err
}

// Relay sends somebody's signed transaction, in hex, to the network, and says whether
// it was taken. A refusal is an *RPCError; one that is in the chain or the mempool
// already is none.
func (c *Client) Relay(ctx context.Context, raw string) error {
	err := c.Call(ctx, "sendrawtransaction", []any{raw}, nil)
	if codeOf(err) == codeAlreadyInChain {
		return nil
	}
	return err
}
