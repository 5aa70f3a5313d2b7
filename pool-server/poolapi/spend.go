package poolapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Paths of what a pool may offer to those who move the coins that it paid: below
// CoinsPath + coin id. A pool that offers nothing of it answers 404.
const (
	CoinsPath        = "/api/v1/coins/"
	UnspentPath      = "/unspent/"      // + mining key: GET Unspent
	FeePath          = "/fee"           // GET Fee
	TransactionsPath = "/transactions/" // + transaction id: GET Transaction; alone: POST SendRequest
)

// Unspent is where the coins of a mining key are: the document at UnspentPath. The
// key is 66 hex digits, or 40 for its hash, which leaves out the coins of the
// uncompressed public key.
type Unspent struct {
	Coin    string          `json:"coin"`
	Network string          `json:"network"`
	State   string          `json:"state"`          // "done", or "looking": ask again in a few seconds
	Height  int64           `json:"height"`         // of the chain's tip when it was looked through
	Time    time.Time       `json:"time,omitzero"`  // when that was
	Outputs []UnspentOutput `json:"outputs"`        // of blocks only, and not spent in the mempool either
	More    bool            `json:"more,omitempty"` // there are more than are listed
}

// The states of an Unspent.
const (
	UnspentDone    = "done"
	UnspentLooking = "looking"
)

// UnspentOutput is one coin of an Unspent.
type UnspentOutput struct {
	TxID     string `json:"txid"`
	Index    uint32 `json:"index"`
	Amount   string `json:"amount"` // whole coins
	Script   string `json:"script"` // scriptPubKey in hex
	Height   int64  `json:"height"`
	Coinbase bool   `json:"coinbase,omitempty"`
}

// Fee is what transactions pay, in whole coins for each 1000 virtual bytes.
type Fee struct {
	Estimate string `json:"estimate,omitempty"` // for one of the next blocks; absent: unknown
	Relay    string `json:"relay"`              // at least, to be passed on
}

// Transaction is a transaction of the chain or the mempool.
type Transaction struct {
	TxID          string `json:"txid"`
	Raw           string `json:"raw"` // hex
	Confirmations int64  `json:"confirmations"`
}

// SendRequest is a signed transaction to be passed on to the network. It holds no key.
type SendRequest struct {
	Raw string `json:"raw"` // hex
}

// SendAnswer says that a transaction was taken, or was there before. One that the
// network refuses is a StatusError with the status 422 and the network's words.
type SendAnswer struct {
	TxID string `json:"txid"`
}

// unspentPause is how long a client waits before it asks again, and unspentLimit how
// long for.
const (
	unspentPause = 2 * time.Second
	unspentLimit = 30 * time.Minute
)

// Unspent asks for the coins of a mining key, and waits while the pool looks for them.
func (c *Client) Unspent(ctx context.Context, coin, key string) (Unspent, error) {
	ctx, cancel := context.WithTimeout(ctx, unspentLimit)
	defer cancel()
	for {
		var u Unspent
		if err := c.patiently(ctx, CoinsPath+url.PathEscape(coin)+UnspentPath+url.PathEscape(key), &u); err != nil {
			return Unspent{}, err
		}
		if u.State != UnspentLooking {
			return u, nil
		}
		if err := pause(ctx, unspentPause); err != nil {
			return Unspent{}, err
		}
	}
}

// Fee asks what transactions pay.
func (c *Client) Fee(ctx context.Context, coin string) (Fee, error) {
	var f Fee
	err := c.patiently(ctx, CoinsPath+url.PathEscape(coin)+FeePath, &f)
	return f, err
}

// Transaction asks for a transaction. height is that of its block, or 0; many pools
// find a transaction of the chain only with it.
func (c *Client) Transaction(ctx context.Context, coin, txid string, height int64) (Transaction, error) {
	var t Transaction
	path := CoinsPath + url.PathEscape(coin) + TransactionsPath + url.PathEscape(txid)
	if height > 0 {
		path += "?height=" + strconv.FormatInt(height, 10)
	}
	err := c.patiently(ctx, path, &t)
	return t, err
}

// Send hands on a signed transaction, in hex.
func (c *Client) Send(ctx context.Context, coin, raw string) (SendAnswer, error) {
	body, err := json.Marshal(SendRequest{Raw: raw})
	if err != nil {
		return SendAnswer{}, fmt.Errorf("encode the transaction: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+CoinsPath+url.PathEscape(coin)+TransactionsPath, bytes.NewReader(body))
	if err != nil {
		return SendAnswer{}, fmt.Errorf("ask the pool: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	var answer SendAnswer
	err = c.do(req, &answer)
	return answer, err
}

// patiently is get, which asks again where the pool says that it was asked too often.
func (c *Client) patiently(ctx context.Context, path string, into any) error {
	const tries = 30
	for try := 1; ; try++ {
		err := c.get(ctx, path, into)
		if !isTooMany(err) || try == tries {
			return err
		}
		if err := pause(ctx, unspentPause); err != nil {
			return err
		}
	}
}

func isTooMany(err error) bool {
	s, ok := err.(*StatusError)
	return ok && s.Status == http.StatusTooManyRequests
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
