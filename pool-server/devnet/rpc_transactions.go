package devnet

import (
	"context"
	"encoding/hex"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/mempool"
	"github.com/btcsuite/btcd/wire/v2"
)

// defaultMaxFeeRate protects from absurd fees, per 1000 virtual bytes, as in Core.
const defaultMaxFeeRate = coins(10_000_000)

func transactionMethods() map[string]method {
	return map[string]method{
		"createrawtransaction": {needs: 2, run: (*Chain).createRawTransaction},
		"decoderawtransaction": {needs: 1, run: (*Chain).decodeRawTransaction},
		"sendrawtransaction":   {needs: 1, run: (*Chain).sendRawTransaction},
		"getrawtransaction":    {needs: 1, run: (*Chain).getRawTransaction},
		"getrawmempool":        {run: (*Chain).getRawMempool},
		"getmempoolentry":      {needs: 1, run: (*Chain).getMempoolEntry},
		"getmempoolinfo":       {run: (*Chain).getMempoolInfo},
		"gettxout":             {needs: 2, run: (*Chain).getTxOut},
		"estimatesmartfee":     {needs: 1, run: estimateSmartFee},
		"scantxoutset":         {needs: 1, run: (*Chain).scanTxOutSet},
	}
}

func (c *Chain) decodeRawTransaction(_ context.Context, a arguments) (any, error) {
	tx, err := a.transaction(0)
	if err != nil {
		return nil, err
	}
	d, err := c.describeTransaction(tx)
	delete(d, "hex")
	return d, err
}

// transaction reads parameter i, a transaction in hex.
func (a arguments) transaction(i int) (*wire.MsgTx, error) {
	text, err := a.text(i)
	if err != nil {
		return nil, err
	}
	return decodeTransaction(text)
}

func (c *Chain) sendRawTransaction(_ context.Context, a arguments) (any, error) {
	tx, err := a.transaction(0)
	if err != nil {
		return nil, err
	}
	limit := defaultMaxFeeRate
	if err := a.optional(1, &limit); err != nil {
		return nil, err
	}
	if err := c.accept(btcutil.NewTx(tx), int64(limit)); err != nil {
		return nil, err
	}
	return tx.TxHash().String(), nil
}

// getRawTransaction finds every transaction of mempool and main chain, as Core does
// with -txindex.
func (c *Chain) getRawTransaction(_ context.Context, a arguments) (any, error) {
	hash, err := a.hash(0, "parameter 1")
	if err != nil {
		return nil, err
	}
	verbosity, err := a.verbosity(1, 0)
	if err != nil {
		return nil, err
	}
	tx, in, err := c.transaction(hash)
	if err != nil {
		return nil, c.fail(err)
	}
	if tx == nil {
		return nil, &RPCError{codeAddressOrKey,
			"No such mempool or blockchain transaction. Use gettransaction for wallet transactions."}
	}
	if verbosity <= 0 {
		return encodeTransaction(tx)
	}
	d, err := c.describeTransaction(tx)
	if err == nil && in != nil {
		d["blockhash"] = in.block.hash.String()
		d["confirmations"] = c.confirmations(in.block)
		d["time"] = in.block.header.Timestamp.Unix()
		d["blocktime"] = in.block.header.Timestamp.Unix()
	}
	return d, err
}

// getRawMempool lists the transactions, or describes them when asked to.
func (c *Chain) getRawMempool(_ context.Context, a arguments) (any, error) {
	verbosity, err := a.verbosity(0, 0)
	if err != nil {
		return nil, err
	}
	ids, entries := []string{}, map[string]any{}
	for _, d := range c.pool.TxDescs() {
		ids = append(ids, d.Tx.Hash().String())
		entries[d.Tx.Hash().String()] = c.describeEntry(d)
	}
	if verbosity > 0 {
		return entries, nil
	}
	return ids, nil
}

func (c *Chain) getMempoolEntry(_ context.Context, a arguments) (any, error) {
	hash, err := a.hash(0, "txid")
	if err != nil {
		return nil, err
	}
	for _, d := range c.pool.TxDescs() {
		if *d.Tx.Hash() == *hash {
			return c.describeEntry(d), nil
		}
	}
	return nil, &RPCError{codeAddressOrKey, "Transaction not in mempool"}
}

func (c *Chain) describeEntry(d *mempool.TxDesc) map[string]any {
	depends := []string{}
	for _, in := range d.Tx.MsgTx().TxIn {
		if c.pool.IsTransactionInPool(&in.PreviousOutPoint.Hash) {
			depends = append(depends, in.PreviousOutPoint.Hash.String())
		}
	}
	return map[string]any{
		"vsize":   mempool.GetTxVirtualSize(d.Tx),
		"weight":  blockchain.GetTransactionWeight(d.Tx),
		"time":    d.Added.Unix(),
		"height":  d.Height,
		"wtxid":   d.Tx.WitnessHash().String(),
		"fees":    map[string]any{"base": coins(d.Fee), "modified": coins(d.Fee)},
		"depends": depends,
	}
}

func (c *Chain) getMempoolInfo(context.Context, arguments) (any, error) {
	var bytes int64
	for _, d := range c.pool.TxDescs() {
		bytes += mempool.GetTxVirtualSize(d.Tx)
	}
	return map[string]any{
		"loaded": true, "size": c.pool.Count(), "bytes": bytes,
		"mempoolminfee": coins(minRelayFee), "minrelaytxfee": coins(minRelayFee),
	}, nil
}

// getTxOut answers null for an output that is spent or never was.
func (c *Chain) getTxOut(_ context.Context, a arguments) (any, error) {
	hash, err := a.hash(0, "txid")
	if err != nil {
		return nil, err
	}
	at, withMempool := wire.OutPoint{Hash: *hash}, true
	if err := a.optional(1, &at.Index); err != nil {
		return nil, err
	}
	if err := a.optional(2, &withMempool); err != nil {
		return nil, err
	}
	out, depth, coinbase, err := c.findOutput(at, withMempool)
	if err != nil || out == nil {
		return nil, err
	}
	return map[string]any{
		"bestblock": c.chain.BestSnapshot().Hash.String(), "confirmations": depth, "value": coins(out.Value),
		"scriptPubKey": c.describeScript(out.PkScript), "coinbase": coinbase,
	}, nil
}

// findOutput finds an unspent output; out is nil if there is none.
func (c *Chain) findOutput(at wire.OutPoint, withMempool bool) (out *wire.TxOut, depth int32, coinbase bool, err error) {
	if withMempool && c.pool.CheckSpend(at) != nil {
		return nil, 0, false, nil
	}
	entry, err := c.chain.FetchUtxoEntry(at)
	if err != nil {
		return nil, 0, false, c.fail(err)
	}
	if entry != nil && !entry.IsSpent() {
		depth = c.chain.BestSnapshot().Height - entry.BlockHeight() + 1
		return wire.NewTxOut(entry.Amount(), entry.PkScript()), depth, entry.IsCoinBase(), nil
	}
	if withMempool && c.pool.IsTransactionInPool(&at.Hash) {
		out, err = c.output(at)
	}
	return out, 0, false, err
}

// estimateSmartFee has no estimate, like Core on a young chain.
func estimateSmartFee(_ *Chain, _ context.Context, a arguments) (any, error) {
	var blocks int
	if err := a.optional(0, &blocks); err != nil {
		return nil, err
	}
	return map[string]any{"errors": []string{"Insufficient data or no feerate found"}, "blocks": blocks}, nil
}

// rawInput names an output: in createrawtransaction, lockunspent and
// signrawtransactionwithwallet.
type rawInput struct {
	TxID     string  `json:"txid"`
	Vout     *uint32 `json:"vout"`
	Sequence *uint32 `json:"sequence"`
	// of a previous output, for signrawtransactionwithwallet:
	Script string `json:"scriptPubKey"`
	Amount *coins `json:"amount"`
}

func (r rawInput) outpoint() (wire.OutPoint, error) {
	hash, err := parseHash(r.TxID, "txid")
	if err != nil {
		return wire.OutPoint{}, err
	}
	if r.Vout == nil {
		return wire.OutPoint{}, &RPCError{codeParameter, "Invalid parameter, missing vout key"}
	}
	return wire.OutPoint{Hash: *hash, Index: *r.Vout}, nil
}

func (r rawInput) output() (*wire.TxOut, error) {
	script, err := hex.DecodeString(r.Script)
	if err != nil || r.Amount == nil {
		return nil, &RPCError{codeType, "Missing amount or scriptPubKey"}
	}
	return wire.NewTxOut(int64(*r.Amount), script), nil
}
