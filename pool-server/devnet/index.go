package devnet

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
)

// block is what is known of a block on any branch; the chain tells which are on the
// main one.
type block struct {
	hash         chainhash.Hash
	header       wire.BlockHeader
	height       int32
	parent       *block   // nil for the genesis block
	work         *big.Int // of the branch up to here
	transactions int
	at           int64 // its journal record; -1 for the genesis block
}

// place is where a transaction of the main chain is.
type place struct {
	block *block
	index int // in the block
}

// event is a change of the main chain.
type event struct {
	connected bool // else disconnected
	block     *btcutil.Block
}

// remember puts a journalled block into the index.
func (c *Chain) remember(b *btcutil.Block, at int64) error {
	header := b.MsgBlock().Header
	parent := c.blocks[header.PrevBlock]
	if parent == nil {
		return fmt.Errorf("block %v has no parent here", b.Hash())
	}
	c.blocks[*b.Hash()] = &block{
		hash: *b.Hash(), header: header, height: parent.height + 1, parent: parent,
		work:         new(big.Int).Add(parent.work, blockchain.CalcWork(header.Bits)),
		transactions: len(b.MsgBlock().Transactions), at: at,
	}
	return nil
}

// writeDown makes an accepted block durable and known.
func (c *Chain) writeDown(b *btcutil.Block) error {
	raw, err := b.Bytes()
	if err != nil {
		return err
	}
	at, err := c.journal.append(blockRecord, raw)
	if err != nil {
		return err
	}
	return c.remember(b, at)
}

// place enters a block of the main chain into the transaction index.
func (c *Chain) place(b *btcutil.Block) {
	in := c.blocks[*b.Hash()]
	for i, tx := range b.Transactions() {
		c.placed[*tx.Hash()] = place{in, i}
	}
}

// displace takes a block that left the main chain out of the transaction index.
func (c *Chain) displace(b *btcutil.Block) {
	for _, tx := range b.Transactions() {
		if p := c.placed[*tx.Hash()]; p.block != nil && p.block.hash == *b.Hash() {
			delete(c.placed, *tx.Hash())
		}
	}
}

// content reads a block of any branch.
func (c *Chain) content(b *block) (*btcutil.Block, error) {
	if b.at < 0 {
		return btcutil.NewBlock(c.params.GenesisBlock), nil
	}
	raw, err := c.journal.read(b.at)
	if err != nil {
		return nil, err
	}
	return btcutil.NewBlockFromBytes(raw)
}

// confirmations counts the main chain's blocks from b to the tip, b included; it is
// -1 when b is not on the main chain.
func (c *Chain) confirmations(b *block) int64 {
	if !c.chain.MainChainHasBlock(&b.hash) {
		return -1
	}
	return int64(c.chain.BestSnapshot().Height-b.height) + 1
}

// medianTime is the median of the times of b and its ten ancestors, in Unix seconds.
func (b *block) medianTime() int64 {
	var times []int64
	for ; b != nil && len(times) < 11; b = b.parent {
		times = append(times, b.header.Timestamp.Unix())
	}
	slices.Sort(times)
	return times[len(times)/2]
}

// best is the tip of the main chain.
func (c *Chain) best() *block {
	return c.blocks[c.chain.BestSnapshot().Hash]
}
