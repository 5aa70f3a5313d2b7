package devnet

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/database"
	_ "github.com/btcsuite/btcd/database/ffldb" // the database driver "ffldb"
	"github.com/btcsuite/btcd/txscript/v2"
)

const (
	signatureCache = 20_000   // signatures
	hashCache      = 1_000    // transactions
	utxoCache      = 32 << 20 // bytes
)

// load brings the chain up to the journal, then fills the indexes, the wallet and
// the mempool. If btcd's database is damaged, it is thrown away and built again.
func (c *Chain) load() error {
	dir := filepath.Join(c.dir, "chain")
	err := c.tryLoad(dir)
	if err == nil || errors.As(err, new(journalError)) {
		return err
	}
	c.log.Warn("building the chain's database again from the journal", "err", err)
	if c.journal != nil {
		_ = c.journal.close()
		c.journal = nil
	}
	if c.db != nil {
		_ = c.db.Close() // damaged: it is deleted below
		c.db = nil
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return c.tryLoad(dir)
}

// journalError is a fault that rebuilding the database would not mend.
type journalError struct{ error }

func (e journalError) Unwrap() error { return e.error }

func (c *Chain) tryLoad(dir string) error {
	db, err := database.Open("ffldb", dir, c.params.Net)
	var fault database.Error
	if errors.As(err, &fault) && fault.ErrorCode == database.ErrDbDoesNotExist {
		db, err = database.Create("ffldb", dir, c.params.Net)
	}
	if err != nil {
		return err
	}
	c.db = db
	signatures, hashes := txscript.NewSigCache(signatureCache), txscript.NewHashCache(hashCache)
	c.chain, err = blockchain.New(&blockchain.Config{
		DB: db, ChainParams: c.params, TimeSource: c.clock, UtxoCacheMaxSize: utxoCache,
		SigCache: signatures, HashCache: hashes,
	})
	if err != nil {
		return err
	}
	c.newPool(signatures, hashes)
	if err := c.replay(); err != nil {
		return err
	}
	if err := c.readChain(); err != nil {
		return err
	}
	c.readmit()
	c.chain.Subscribe(func(n *blockchain.Notification) {
		// Called from within ProcessBlock and its like, so with the mutex held.
		if b, ok := n.Data.(*btcutil.Block); ok && n.Type != blockchain.NTBlockAccepted {
			c.events = append(c.events, event{connected: n.Type == blockchain.NTBlockConnected, block: b})
		}
	})
	return nil
}

// replay gives the chain every record of the journal that it does not know, and the
// journal every block that only the database knows: one that a crash kept from being
// acknowledged.
func (c *Chain) replay() error {
	genesis := &block{hash: *c.params.GenesisHash, header: c.params.GenesisBlock.Header, transactions: 1, at: -1}
	genesis.work = blockchain.CalcWork(genesis.header.Bits)
	c.blocks = map[chainhash.Hash]*block{genesis.hash: genesis}
	clear(c.received)
	c.order = c.order[:0]
	var refused error
	j, err := openJournal(filepath.Join(c.dir, "journal"), func(k kind, payload []byte, at int64) error {
		if refused == nil {
			refused = c.replayRecord(k, payload, at)
		}
		if errors.As(refused, new(journalError)) {
			return refused
		}
		return nil
	})
	if err != nil {
		return journalError{err}
	}
	c.journal = j
	if refused != nil {
		return refused
	}
	return c.adopt()
}

func (c *Chain) replayRecord(k kind, payload []byte, at int64) error {
	switch k {
	case blockRecord:
		b, err := btcutil.NewBlockFromBytes(payload)
		if err != nil {
			return journalError{err}
		}
		if err := c.remember(b, at); err != nil {
			return journalError{err}
		}
		if have, err := c.chain.HaveBlock(b.Hash()); have || err != nil {
			return err
		}
		_, _, err = c.chain.ProcessBlock(b, blockchain.BFNone)
		return err
	case transactionRecord:
		tx, err := btcutil.NewTxFromBytes(payload)
		if err != nil {
			return journalError{err}
		}
		if _, known := c.received[*tx.Hash()]; !known {
			c.order = append(c.order, *tx.Hash())
		}
		c.received[*tx.Hash()] = tx
		return nil
	case invalidateRecord, reconsiderRecord:
		hash, err := chainhash.NewHash(payload)
		if err != nil {
			return journalError{err}
		}
		if k == invalidateRecord {
			return c.chain.InvalidateBlock(hash)
		}
		return c.chain.ReconsiderBlock(hash)
	}
	return journalError{fmt.Errorf("record of unknown kind %q", k)}
}

// adopt writes down the main chain's blocks that the journal lacks.
func (c *Chain) adopt() error {
	best := c.chain.BestSnapshot().Height
	first := best + 1
	for ; first > 0; first-- {
		hash, err := c.chain.BlockHashByHeight(first - 1)
		if err != nil {
			return err
		}
		if c.blocks[*hash] != nil {
			break
		}
	}
	for height := first; height <= best; height++ {
		b, err := c.chain.BlockByHeight(height)
		if err != nil {
			return err
		}
		if err := c.writeDown(b); err != nil {
			return journalError{err}
		}
	}
	return nil
}

// readChain fills the transaction index and the wallet from the main chain.
func (c *Chain) readChain() error {
	clear(c.placed)
	c.wallet.reset()
	for height := int32(1); height <= c.chain.BestSnapshot().Height; height++ {
		b, err := c.chain.BlockByHeight(height)
		if err != nil {
			return err
		}
		c.place(b)
		c.wallet.connect(b)
	}
	return nil
}

// readmit offers the journal's transactions to the mempool again. What is mined
// stays out; what has become invalid is dropped, as it would be by Core.
func (c *Chain) readmit() {
	for _, hash := range c.order {
		if _, mined := c.placed[hash]; mined {
			continue
		}
		tx := c.received[hash]
		c.wallet.notice(tx.MsgTx())
		if _, err := c.pool.ProcessTransaction(tx, false, true, 0); err != nil {
			c.log.Info("transaction left the mempool", "txid", hash.String(), "err", err)
		}
	}
	clear(c.received)
	c.order = nil
}
