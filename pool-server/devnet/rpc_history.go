package devnet

import (
	"context"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// getTransaction describes a transaction of the wallet's. Amounts are seen from the
// wallet: what leaves it is negative, and so is the fee.
func (c *Chain) getTransaction(_ context.Context, a arguments) (any, error) {
	hash, err := a.hash(0, "txid")
	if err != nil {
		return nil, err
	}
	known := c.wallet.txs[*hash]
	if known == nil {
		return nil, &RPCError{codeAddressOrKey, "Invalid or non-wallet transaction id"}
	}
	tx := known.tx
	raw, err := encodeTransaction(tx)
	if err != nil {
		return nil, err
	}
	depth := c.depth(*hash, tx)
	m := c.movement(tx)
	d := map[string]any{
		"amount": coins(m.net), "confirmations": depth, "txid": hash.String(), "hex": raw,
		"walletconflicts": []string{}, "time": known.seen.Unix(), "timereceived": known.seen.Unix(),
		"bip125-replaceable": "no", "details": c.details(tx, m, depth),
	}
	if m.fromUs {
		d["fee"] = coins(m.fee)
	}
	if blockchain.IsCoinBaseTx(tx) {
		d["generated"] = true
	}
	if p, mined := c.placed[*hash]; mined {
		d["blockhash"], d["blockheight"], d["blockindex"] = p.block.hash.String(), p.block.height, p.index
		d["blocktime"] = p.block.header.Timestamp.Unix()
	} else {
		d["trusted"] = depth == 0 && m.fromUs
	}
	return d, nil
}

// depth counts confirmations: 0 in the mempool or nowhere, negative when another
// transaction that spends an input of ours is that deep in the chain.
func (c *Chain) depth(hash chainhash.Hash, tx *wire.MsgTx) int64 {
	if p, mined := c.placed[hash]; mined {
		return c.confirmations(p.block)
	}
	for _, in := range tx.TxIn {
		if spent := c.wallet.outputs[in.PreviousOutPoint]; spent != nil && spent.spentBy != nil {
			return -(int64(c.chain.BestSnapshot().Height-spent.spentAt) + 1)
		}
	}
	return 0
}

// movement is what a transaction does to the wallet, in base units.
type movement struct {
	net    int64 // received less spent, without the fee
	fee    int64 // negative; only if fromUs
	fromUs bool
}

func (c *Chain) movement(tx *wire.MsgTx) movement {
	var debit, credit, out int64
	for _, in := range tx.TxIn {
		if spent := c.wallet.spends(in); spent != nil {
			debit += spent.Value
		}
	}
	for _, o := range tx.TxOut {
		out += o.Value
		if c.wallet.mine(o) {
			credit += o.Value
		}
	}
	m := movement{fromUs: debit > 0}
	if m.fromUs {
		m.fee = out - debit
	}
	m.net = credit - debit - m.fee
	return m
}

// details lists payments; change is left out.
func (c *Chain) details(tx *wire.MsgTx, m movement, depth int64) []map[string]any {
	list := []map[string]any{}
	for i, out := range tx.TxOut {
		if m.fromUs && c.wallet.isChange(out) {
			continue
		}
		entry := map[string]any{"vout": i}
		if address := c.addressOf(out.PkScript); address != "" {
			entry["address"] = address
		}
		if m.fromUs {
			sent := map[string]any{
				"category": "send", "amount": coins(-out.Value), "fee": coins(m.fee), "abandoned": false,
			}
			for k, v := range entry {
				sent[k] = v
			}
			list = append(list, sent)
		}
		if c.wallet.mine(out) {
			entry["category"], entry["amount"] = c.category(tx, depth), coins(out.Value)
			entry["label"] = ""
			list = append(list, entry)
		}
	}
	return list
}

func (c *Chain) category(tx *wire.MsgTx, depth int64) string {
	switch {
	case !blockchain.IsCoinBaseTx(tx):
		return "receive"
	case depth < 1:
		return "orphan"
	case depth <= int64(c.params.CoinbaseMaturity):
		return "immature"
	}
	return "generate"
}
