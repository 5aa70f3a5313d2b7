package devnet

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/btcsuite/btcd/chainhash/v2"
)

// listTransactions lists the outputs of the wallet's transactions, the newest last:
// count of them, after as many as skip from the newest on.
func (c *Chain) listTransactions(_ context.Context, a arguments) (any, error) {
	count, skip := 10, 0
	if err := a.optional(1, &count); err != nil {
		return nil, err
	}
	if err := a.optional(2, &skip); err != nil {
		return nil, err
	}
	if count < 0 || skip < 0 {
		return nil, &RPCError{codeParameter, "Negative count or from"}
	}
	all := c.history(-1)
	end := max(0, len(all)-skip)
	return all[max(0, end-count):end], nil
}

// listSinceBlock lists those that are not in the chain up to a block.
func (c *Chain) listSinceBlock(_ context.Context, a arguments) (any, error) {
	height := int32(-1)
	if a.has(0) {
		hash, err := a.hash(0, "blockhash")
		if err != nil {
			return nil, err
		}
		since := c.blocks[*hash]
		if since == nil {
			return nil, &RPCError{codeAddressOrKey, "Block not found"}
		}
		for ; c.confirmations(since) < 0; since = since.parent { // where its branch left the chain
		}
		height = since.height
	}
	all := c.history(height)
	return map[string]any{"transactions": all, "removed": []any{}, "lastblock": c.best().hash.String()}, nil
}

// history lists the outputs of the wallet's transactions that are not in blocks up to
// height, in the order in which the wallet learnt of them.
func (c *Chain) history(height int32) []map[string]any {
	var hashes []chainhash.Hash
	for hash := range c.wallet.txs {
		if p, mined := c.placed[hash]; !mined || p.block.height > height {
			hashes = append(hashes, hash)
		}
	}
	slices.SortFunc(hashes, func(a, b chainhash.Hash) int {
		return cmp.Or(c.wallet.txs[a].seen.Compare(c.wallet.txs[b].seen), bytes.Compare(a[:], b[:]))
	})
	all := []map[string]any{}
	for _, hash := range hashes {
		known := c.wallet.txs[hash]
		depth := c.depth(hash, known.tx)
		for _, entry := range c.details(known.tx, c.movement(known.tx), depth) {
			entry["txid"], entry["confirmations"] = hash.String(), depth
			entry["time"], entry["timereceived"] = known.seen.Unix(), known.seen.Unix()
			if p, mined := c.placed[hash]; mined {
				entry["blockhash"], entry["blockheight"] = p.block.hash.String(), p.block.height
			}
			all = append(all, entry)
		}
	}
	return all
}
