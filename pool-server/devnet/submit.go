package devnet

import (
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
)

// SubmitBlock offers a serialised block to the chain and returns the verdict in the
// words of BIP 22: "" when it became the tip, "inconclusive" when it is valid so far
// but on a shorter branch, "duplicate", or why it was refused. What was accepted is
// on disk. An error means that the bytes are no block (RPCError -22) or that the
// chain cannot answer.
func (c *Chain) SubmitBlock(raw []byte) (verdict string, err error) {
	b, err := decodeBlock(raw)
	if err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.usable(); err != nil {
		return "", err
	}
	return c.submit(b)
}

// decodeBlock wants exactly one block that starts with a coinbase.
func decodeBlock(raw []byte) (*btcutil.Block, error) {
	b, err := btcutil.NewBlockFromBytes(raw)
	if err != nil || b.MsgBlock().SerializeSize() != len(raw) {
		return nil, &RPCError{codeDeserialization, "Block decode failed"}
	}
	if txs := b.MsgBlock().Transactions; len(txs) == 0 || !blockchain.IsCoinBaseTx(txs[0]) {
		return nil, &RPCError{codeDeserialization, "Block does not start with a coinbase"}
	}
	return b, nil
}

// submit is SubmitBlock with the mutex held. The checks come in Core's order.
func (c *Chain) submit(b *btcutil.Block) (string, error) {
	have, err := c.chain.HaveBlock(b.Hash())
	if err != nil {
		return "", c.fail(err)
	}
	if have {
		return c.duplicate(b.Hash()), nil
	}
	if err := blockchain.CheckBlockSanity(b, c.params.PowLimit, c.clock); err != nil {
		return c.verdict(b, err)
	}
	if c.blocks[b.MsgBlock().Header.PrevBlock] == nil {
		return c.strayVerdict(b)
	}
	onMain, _, err := c.chain.ProcessBlock(b, blockchain.BFNone)
	if err != nil {
		c.settle() // a reorganisation may have been tried and undone
		return c.verdict(b, err)
	}
	// A crash before this line forgets a block that nobody was told of, or finds it
	// in the database at the next start and writes it down then.
	if err := c.writeDown(b); err != nil {
		return "", c.fail(err)
	}
	c.settle()
	if !onMain {
		return "inconclusive", nil
	}
	c.log.Info("block accepted", "block", b.Hash().String(), "height", b.Height())
	return "", nil
}

// duplicate is the verdict on a block that is known already.
func (c *Chain) duplicate(hash *chainhash.Hash) string {
	for _, tip := range c.chain.ChainTips() {
		if tip.BlockHash == *hash && tip.Status == blockchain.StatusInvalid {
			return "duplicate-invalid"
		}
	}
	return "duplicate"
}

// strayVerdict is for a block whose parent the journal does not have: unknown, or
// known to the chain as invalid.
func (c *Chain) strayVerdict(b *btcutil.Block) (string, error) {
	known, err := c.chain.HaveBlock(&b.MsgBlock().Header.PrevBlock)
	if err != nil {
		return "", c.fail(err)
	}
	if known {
		return "bad-prevblk", nil
	}
	return "prev-blk-not-found", nil
}

// verdict puts the chain's objection into words; an error that is no objection
// stops the chain.
func (c *Chain) verdict(b *btcutil.Block, err error) (string, error) {
	var rule blockchain.RuleError
	if !errors.As(err, &rule) {
		return "", c.fail(err)
	}
	c.log.Info("block refused", "block", b.Hash().String(), "err", err)
	if rule.ErrorCode == blockchain.ErrBlockVersionTooOld {
		return fmt.Sprintf("bad-version(0x%08x)", uint32(b.MsgBlock().Header.Version)), nil
	}
	return ruleReason(rule), nil
}

// settle brings indexes, wallet and mempool in line with what happened to the main
// chain, and wakes those who wait for it. The mutex is held.
func (c *Chain) settle() {
	events := c.events
	c.events = nil
	var returned []*btcutil.Tx
	reorganised := false
	for _, e := range events {
		if e.connected {
			c.place(e.block)
			c.wallet.connect(e.block)
			for _, tx := range e.block.Transactions()[1:] {
				c.pool.RemoveTransaction(tx, false)
				c.pool.RemoveDoubleSpends(tx)
			}
			continue
		}
		reorganised = true
		c.displace(e.block)
		c.wallet.disconnect(e.block)
		returned = append(returned, e.block.Transactions()[1:]...)
	}
	if reorganised {
		c.refill(returned)
	}
	if len(events) > 0 {
		c.announce()
		c.publish(events[len(events)-1])
	}
}

// announce tells that tip or mempool have changed.
func (c *Chain) announce() {
	c.updates++
	c.template = nil
	close(c.changed)
	c.changed = make(chan struct{})
}

// invalidate declares a block and its descendants invalid, as an operator does by
// invalidateblock; reconsider takes that back.
func (c *Chain) invalidate(hash *chainhash.Hash) error {
	return c.redefine(invalidateRecord, hash, c.chain.InvalidateBlock)
}

func (c *Chain) reconsider(hash *chainhash.Hash) error {
	return c.redefine(reconsiderRecord, hash, c.chain.ReconsiderBlock)
}

func (c *Chain) redefine(k kind, hash *chainhash.Hash, do func(*chainhash.Hash) error) error {
	b := c.blocks[*hash]
	if b == nil || b.parent == nil {
		return &RPCError{codeAddressOrKey, "Block not found"}
	}
	if err := do(hash); err != nil {
		return c.fail(err)
	}
	if _, err := c.journal.append(k, hash[:]); err != nil {
		return c.fail(err)
	}
	c.settle()
	return nil
}
