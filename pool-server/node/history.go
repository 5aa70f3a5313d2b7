package node

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/adit-mining/adit/wallet/coin"
)

// Send is a transaction by which the wallet sent coins away, whoever made it.
type Send struct {
	TxID string
	// Confirmations is 0 if it is not in the chain, and negative if another one that
	// spends the same coins is, so deep.
	Confirmations int64
	Block         string   // its hash; empty if it is in none
	Abandoned     bool     // the wallet was told to forget it
	Outputs       []Output // what left the wallet, by address; none if it only moved coins within
	Fee           coin.Amount
	Time          time.Time // when the wallet learnt of it
}

// entry is an element of listtransactions and listsinceblock: an output of a
// transaction, as the wallet sees it.
type entry struct {
	TxID          string      `json:"txid"`
	Vout          int64       `json:"vout"`
	MWEB          string      `json:"mweb_out"` // instead of vout, in Litecoin's extension block
	Category      string      `json:"category"`
	Address       string      `json:"address"`
	Amount        json.Number `json:"amount"`
	Fee           json.Number `json:"fee"`
	Confirmations int64       `json:"confirmations"`
	BlockHash     string      `json:"blockhash"`
	Abandoned     bool        `json:"abandoned"`
	Time          int64       `json:"time"`
}

// place tells outputs apart.
func (e entry) place() string { return fmt.Sprintf("%s:%d:%s", e.TxID, e.Vout, e.MWEB) }

// Sends returns the transactions by which the wallet sent coins away: those that are
// not in the chain before the block since, or all if it is empty. The oldest comes
// first. If the wallet does not know the block, ask for all.
func (c *Client) Sends(ctx context.Context, since string) ([]Send, error) {
	var entries []entry
	var err error
	if since == "" {
		entries, err = c.allEntries(ctx)
	} else {
		entries, err = c.entriesSince(ctx, since)
	}
	if err != nil {
		return nil, err
	}
	return c.sends(entries)
}

// entriesSince includes what a reorganisation has removed since.
func (c *Client) entriesSince(ctx context.Context, block string) ([]entry, error) {
	var answer struct {
		Transactions []entry `json:"transactions"`
		Removed      []entry `json:"removed"`
	}
	err := c.walletCall(ctx, "listsinceblock", []any{block}, &answer)
	return append(answer.Transactions, answer.Removed...), err
}

// historyPage is how many entries are asked for at once.
const historyPage = 1000

// allEntries reads the whole history in pages. They count from the newest entry
// back, so one that comes meanwhile makes others come twice, and none is missed.
func (c *Client) allEntries(ctx context.Context) (all []entry, err error) {
	known := make(map[string]bool)
	for {
		var page []entry
		if err := c.walletCall(ctx, "listtransactions", []any{"*", historyPage, len(all)}, &page); err != nil {
			return nil, err
		}
		before := len(known)
		for _, e := range page {
			known[e.Category+e.place()] = true
		}
		all = append(all, page...)
		if len(page) < historyPage || len(known) == before {
			return all, nil
		}
	}
}

// sends puts entries together to transactions.
func (c *Client) sends(entries []entry) ([]Send, error) {
	// What came back to the wallet is listed twice, as sent and as received. btcwallet
	// lists a reward that was spent so, too, by the reward's own id.
	kept, rewards := make(map[string]bool), make(map[string]bool)
	for _, e := range entries {
		switch e.Category {
		case "receive":
			kept[e.place()] = true
		case "generate", "immature", "orphan":
			rewards[e.TxID] = true
		}
	}
	byID := make(map[string]*Send)
	paid := make(map[string]map[string]coin.Amount) // by transaction and address
	seen := make(map[string]bool)
	for _, e := range entries {
		if e.Category != "send" || rewards[e.TxID] || seen[e.place()] {
			continue
		}
		seen[e.place()] = true
		s, known := byID[e.TxID]
		if !known {
			s = &Send{TxID: e.TxID, Confirmations: e.Confirmations, Block: e.BlockHash, Abandoned: e.Abandoned, Time: time.Unix(e.Time, 0)}
			byID[e.TxID], paid[e.TxID] = s, make(map[string]coin.Amount)
		}
		amount, fee, err := c.sentAmount(e)
		if err != nil {
			return nil, fmt.Errorf("history of the wallet at %s: transaction %s: %w", c.name, e.TxID, err)
		}
		s.Fee = max(s.Fee, fee)
		if kept[e.place()] {
			continue
		}
		if paid[e.TxID][e.Address], err = sumAmounts(paid[e.TxID][e.Address], amount); err != nil {
			return nil, fmt.Errorf("history of the wallet at %s: transaction %s: %w", c.name, e.TxID, err)
		}
	}
	var all []Send
	for id, s := range byID {
		for _, address := range slices.Sorted(maps.Keys(paid[id])) {
			s.Outputs = append(s.Outputs, Output{address, paid[id][address]})
		}
		if len(s.Outputs) > 0 || s.Fee > 0 {
			all = append(all, *s)
		}
	}
	slices.SortFunc(all, func(a, b Send) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.TxID, b.TxID)) })
	return all, nil
}

// sentAmount reads an entry's amount and fee, which are negative there.
func (c *Client) sentAmount(e entry) (amount, fee coin.Amount, err error) {
	if amount, err = c.amount(json.Number(strings.TrimPrefix(string(e.Amount), "-"))); err != nil {
		return 0, 0, err
	}
	if e.Fee != "" {
		fee, err = c.amount(json.Number(strings.TrimPrefix(string(e.Fee), "-")))
	}
	return amount, fee, err
}
