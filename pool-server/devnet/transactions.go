package devnet

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/mempool"
	"github.com/btcsuite/btcd/wire/v2"
)

// accept takes a transaction into the mempool, as sendrawtransaction does: one that
// is there already is fine, one that is mined is refused with -27 as long as an
// output of it is unspent. maxFeeRate is in base units per 1000 virtual bytes, 0
// for no limit. What was accepted is on disk.
func (c *Chain) accept(tx *btcutil.Tx, maxFeeRate int64) error {
	if c.pool.IsTransactionInPool(tx.Hash()) {
		return nil
	}
	for i := range tx.MsgTx().TxOut {
		entry, err := c.chain.FetchUtxoEntry(wire.OutPoint{Hash: *tx.Hash(), Index: uint32(i)})
		if err != nil {
			return c.fail(err)
		}
		if entry != nil && !entry.IsSpent() {
			return &RPCError{codeAlreadyInChain, "Transaction already in block chain"}
		}
	}
	result, err := c.pool.CheckMempoolAcceptance(tx)
	if err != nil {
		return c.objection(tx, err)
	}
	if len(result.MissingParents) > 0 {
		return &RPCError{codeVerifyError, "bad-txns-inputs-missingorspent"}
	}
	if maxFeeRate > 0 && int64(result.TxFee) > (maxFeeRate*result.TxSize+999)/1000 {
		return &RPCError{codeVerifyError, "Fee exceeds maximum configured by user (e.g. -maxtxfee, maxfeerate)"}
	}
	if _, err := c.pool.ProcessTransaction(tx, false, true, 0); err != nil {
		return c.objection(tx, err)
	}
	var raw bytes.Buffer
	if err := tx.MsgTx().Serialize(&raw); err != nil {
		return c.fail(err)
	}
	if _, err := c.journal.append(transactionRecord, raw.Bytes()); err != nil {
		return c.fail(err)
	}
	c.wallet.notice(tx.MsgTx())
	c.announce()
	return nil
}

// objection puts the mempool's refusal into Core's words and codes.
func (c *Chain) objection(tx *btcutil.Tx, err error) error {
	var rule blockchain.RuleError
	var policy mempool.TxRuleError
	var outer mempool.RuleError
	if !errors.As(err, &outer) {
		return c.fail(err)
	}
	if errors.As(outer.Err, &rule) {
		if rule.ErrorCode == blockchain.ErrMissingTxOut {
			return &RPCError{codeVerifyError, ruleReason(rule)}
		}
		return &RPCError{codeVerifyRejected, ruleReason(rule) + ", " + rule.Description}
	}
	if !errors.As(outer.Err, &policy) {
		return &RPCError{codeVerifyRejected, err.Error()}
	}
	return &RPCError{codeVerifyRejected, c.policyReason(tx, policy.RejectCode) + ", " + policy.Description}
}

func (c *Chain) policyReason(tx *btcutil.Tx, code wire.RejectCode) string {
	switch code {
	case wire.RejectDuplicate: // accept has excluded the same transaction
		return "txn-mempool-conflict"
	case wire.RejectInsufficientFee:
		if c.conflicts(tx) {
			return "insufficient fee"
		}
		return "min relay fee not met"
	case wire.RejectDust:
		return "dust"
	case wire.RejectNonstandard:
		return "non-standard"
	}
	return "bad-txns"
}

// conflicts reports whether the mempool spends one of the inputs of tx.
func (c *Chain) conflicts(tx *btcutil.Tx) bool {
	for _, in := range tx.MsgTx().TxIn {
		if c.pool.CheckSpend(in.PreviousOutPoint) != nil {
			return true
		}
	}
	return false
}

// refill makes the mempool anew after blocks left the main chain: from what it had,
// what they contained, and what the wallet knows, as far as it is still valid.
func (c *Chain) refill(returned []*btcutil.Tx) {
	waiting := returned
	for _, d := range c.pool.TxDescs() {
		waiting = append(waiting, d.Tx)
	}
	for _, tx := range c.wallet.txs {
		waiting = append(waiting, btcutil.NewTx(tx.tx))
	}
	for _, d := range c.pool.TxDescs() {
		c.pool.RemoveTransaction(d.Tx, true)
	}
	for progress := true; progress; {
		progress = false
		var left []*btcutil.Tx
		for _, tx := range waiting {
			if _, mined := c.placed[*tx.Hash()]; mined || blockchain.IsCoinBase(tx) {
				continue
			}
			missing, _, err := c.pool.MaybeAcceptTransaction(tx, false, false)
			if err == nil && len(missing) == 0 {
				progress = true
				continue
			}
			left = append(left, tx)
		}
		waiting = left
	}
}

// transaction finds a transaction in the mempool or on the main chain; in is nil for
// the former. The result is nil if there is none.
func (c *Chain) transaction(hash *chainhash.Hash) (tx *wire.MsgTx, in *place, err error) {
	if tx, err := c.pool.FetchTransaction(hash); err == nil {
		return tx.MsgTx(), nil, nil
	}
	p, found := c.placed[*hash]
	if !found {
		return nil, nil, nil
	}
	b, err := c.content(p.block)
	if err != nil {
		return nil, nil, err
	}
	return b.MsgBlock().Transactions[p.index], &p, nil
}

// output finds an output that can still be spent, on the main chain or in the mempool.
func (c *Chain) output(at wire.OutPoint) (*wire.TxOut, error) {
	if tx, err := c.pool.FetchTransaction(&at.Hash); err == nil {
		if outs := tx.MsgTx().TxOut; int(at.Index) < len(outs) {
			return outs[at.Index], nil
		}
		return nil, nil
	}
	entry, err := c.chain.FetchUtxoEntry(at)
	if err != nil || entry == nil || entry.IsSpent() {
		return nil, err
	}
	return wire.NewTxOut(entry.Amount(), entry.PkScript()), nil
}

// decodeTransaction reads hex with or without witnesses. A transaction without
// inputs, as createrawtransaction makes for fundrawtransaction, looks like the start
// of a witness form, so that is tried first and must leave nothing over.
func decodeTransaction(text string) (*wire.MsgTx, error) {
	refused := &RPCError{codeDeserialization, "TX decode failed. Make sure the tx has at least one input."}
	raw, err := hex.DecodeString(text)
	if err != nil {
		return nil, refused
	}
	r := bytes.NewReader(raw)
	var tx wire.MsgTx
	if err := tx.Deserialize(r); err == nil && r.Len() == 0 && len(tx.TxIn) > 0 {
		return &tx, nil
	}
	r = bytes.NewReader(raw)
	tx = wire.MsgTx{}
	if err := tx.DeserializeNoWitness(r); err != nil || r.Len() != 0 {
		return nil, refused
	}
	return &tx, nil
}

// encodeTransaction is the network's form in hex.
func encodeTransaction(tx *wire.MsgTx) (string, error) {
	var raw bytes.Buffer
	if err := tx.Serialize(&raw); err != nil {
		return "", fmt.Errorf("serialize transaction: %w", err)
	}
	return hex.EncodeToString(raw.Bytes()), nil
}
