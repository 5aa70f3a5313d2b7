package node

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/adit-mining/adit/wallet/coin"
)

// A walletCoin is an unspent output that the wallet can spend.
type walletCoin struct {
	at      outpoint
	amount  coin.Amount
	address string
	script  []byte
	spend   footprint
	ours    bool // a reward, or change of our own: it lies at the pool's address
}

// unspentEntry is an element of listunspent. What old daemons leave out is nil.
type unspentEntry struct {
	TxID          string      `json:"txid"`
	Vout          *int64      `json:"vout"` // absent from coins of Litecoin's extension block
	Address       string      `json:"address"`
	Script        string      `json:"scriptPubKey"` // likewise
	Redeem        string      `json:"redeemScript"`
	Amount        json.Number `json:"amount"`
	Confirmations int64       `json:"confirmations"`
	Spendable     *bool       `json:"spendable"` // false: watched only
	Solvable      *bool       `json:"solvable"`
	Safe          *bool       `json:"safe"`
	Generated     bool        `json:"generated"`
	Descriptor    string      `json:"desc"`
}

// usable reports whether a payment may spend the coin.
func (e unspentEntry) usable() bool {
	no := func(b *bool) bool { return b != nil && !*b }
	return e.Vout != nil && len(e.TxID) == 64 && e.Script != "" && !no(e.Spendable) && !no(e.Solvable) && !no(e.Safe)
}

// listUnspent asks the wallet for its unspent outputs with so many confirmations.
// Immature rewards and locked coins are not among them.
func (c *Client) listUnspent(ctx context.Context, least, most int) (all []unspentEntry, err error) {
	err = c.walletCall(ctx, "listunspent", []any{least, most}, &all)
	return all, err
}

const anyDepth = 9_999_999

// coins lists what a payment may spend: confirmed coins of the chain itself that the
// wallet has the key of and has not locked. Those at one of the addresses are ours.
func (c *Client) coins(ctx context.Context, addresses ...string) ([]walletCoin, error) {
	entries, err := c.listUnspent(ctx, 1, anyDepth)
	if err != nil {
		return nil, err
	}
	var all []walletCoin
	for _, e := range entries {
		if !e.usable() || e.Confirmations < 1 {
			continue
		}
		w, err := c.walletCoin(e)
		if err != nil {
			return nil, fmt.Errorf("listunspent at %s: coin %s:%d: %w", c.name, e.TxID, *e.Vout, err)
		}
		w.ours = e.Generated || e.Address != "" && slices.Contains(addresses, e.Address)
		all = append(all, w)
	}
	return all, nil
}

func (c *Client) walletCoin(e unspentEntry) (walletCoin, error) {
	amount, err := c.amount(e.Amount)
	if err == nil && amount <= 0 {
		err = fmt.Errorf("amount %v is not positive", amount)
	}
	if err != nil {
		return walletCoin{}, err
	}
	script, err := hex.DecodeString(e.Script)
	if err != nil {
		return walletCoin{}, fmt.Errorf("script: %w", err)
	}
	redeem, err := hex.DecodeString(e.Redeem)
	if err != nil {
		return walletCoin{}, fmt.Errorf("redeem script: %w", err)
	}
	return walletCoin{
		at: outpoint{e.TxID, *e.Vout}, amount: amount, address: e.Address,
		script: script, spend: spendWeight(script, redeem, e.Descriptor),
	}, nil
}

// largestFirst orders coins so that few of them do; the rest of the order only makes
// it the same each time.
func largestFirst(a, b walletCoin) int {
	return cmp.Or(cmp.Compare(b.amount, a.amount), cmp.Compare(a.at.TxID, b.at.TxID), cmp.Compare(a.at.Vout, b.at.Vout))
}

// oursFirst is largestFirst with what the pool mined and its change before all else,
// so that what strangers send to the wallet is touched last.
func oursFirst(a, b walletCoin) int {
	rank := func(w walletCoin) int {
		if w.ours {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), largestFirst(a, b))
}

// sortedBy returns coins in another order.
func sortedBy(coins []walletCoin, order func(a, b walletCoin) int) []walletCoin {
	sorted := slices.Clone(coins)
	slices.SortFunc(sorted, order)
	return sorted
}

// sumOf adds up coins. More than there can be is refused by walletCoin's amounts
// already, but for a daemon that makes them up.
func sumOf(coins []walletCoin) (sum coin.Amount, err error) {
	for _, w := range coins {
		if sum, err = sumAmounts(sum, w.amount); err != nil {
			return 0, err
		}
	}
	return sum, nil
}
