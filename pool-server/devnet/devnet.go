// Package devnet is the embedded coin of `adit-pool demo` and of tests that have
// no coin daemon at hand: a Bitcoin regtest chain inside this process, with a
// JSON-RPC front that answers like Bitcoin Core and a wallet that can pay.
//
// It is honest. Every block and every transaction, its own included, passes the
// consensus checks of btcd's blockchain and mempool packages, proof of work too;
// nothing is simulated but the absence of other nodes. What differs from Core's
// regtest is in the parameters: the proof of work a block needs (Options.Bits),
// the maturity of a reward (Options.Maturity), a subsidy that does not halve, and
// soft forks (segwit, taproot, CSV) that are active from the first block.
//
// It leaves the peer-to-peer network, fee estimation and every wallet feature that
// a pool does not use to real daemons.
//
// A folder holds a journal (every accepted block and transaction, on disk before
// it is acknowledged), the wallet's keys, and btcd's database, which is only a
// cache of the journal: it flushes every few minutes, so after a kill the missing
// end is replayed, fully checked again, and if it is damaged it is built anew.
//
// Chain starts no goroutine; Serve runs the HTTP server's, and they are gone when
// it returns. A mutex guards everything. When the disk refuses the journal the
// chain stops answering (fail-stop), for what it then accepted could be forgotten.
package devnet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/btcsuite/btcd/blockchain"
	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/database"
	"github.com/btcsuite/btcd/mempool"
	"github.com/btcsuite/btcd/mining"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/syndtr/goleveldb/leveldb/storage"

	"github.com/adit-mining/adit/pool-server/zmq"
)

// ErrClosed is what a closed Chain answers.
var ErrClosed = errors.New("the embedded coin is closed")

// ErrInUse means that another Chain, here or in another process, has the folder open.
var ErrInUse = errors.New("the folder of the embedded coin is in use")

// Options say where the coin lives and what it is like.
type Options struct {
	// Dir is the coin's folder; it is made when missing.
	Dir string
	// Bits is the proof of work of every block in Bitcoin's compact form. 0 means
	// that of the folder, or DefaultBits for a new one. It cannot change later.
	Bits uint32
	// Maturity is how many blocks after its own a reward may be spent by consensus;
	// like Core, the wallet waits for one more. 0 means that of the folder, or
	// DefaultMaturity for a new one. It cannot change later.
	Maturity int
	// User and Password are asked for by HTTP basic authentication. With an empty
	// User, a random pair is written to the file .cookie in Dir, as Core does.
	User, Password string
	// Log gets the coin's few messages. Nil discards them.
	Log *slog.Logger
}

// Chain is an open embedded coin. Its methods are safe for concurrent use.
type Chain struct {
	dir            string
	user, password string
	cookie         string // path of the cookie file to remove, "" without one
	log            *slog.Logger
	params         *chaincfg.Params
	lock           storage.Storage // holds the folder's file lock
	closing        chan struct{}   // closed by Close, ends long polls
	publisher      zmq.Publisher   // of new tips, see Publish

	mu        sync.Mutex
	closed    bool
	broken    error // why the chain no longer answers
	syncing   bool
	db        database.DB
	chain     *blockchain.BlockChain
	clock     blockchain.MedianTimeSource
	pool      *mempool.TxPool
	generator *mining.BlkTmplGenerator
	journal   *journal
	wallet    *wallet
	blocks    map[chainhash.Hash]*block      // all blocks of the journal, on every branch
	placed    map[chainhash.Hash]place       // transactions of the main chain
	events    []event                        // told by the chain, not yet settled
	received  map[chainhash.Hash]*btcutil.Tx // from the journal, until the chain is loaded
	order     []chainhash.Hash               // of received
	template  *template                      // cache; nil when tip or mempool changed
	updates   uint64                         // counts changes of tip or mempool
	changed   chan struct{}                  // closed at the next such change
}

// Open opens the coin of a folder, or makes a new one, and checks what it finds.
// It fails with ErrInUse when the folder is open elsewhere. Nothing is started.
func Open(o Options) (*Chain, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &Chain{
		dir: o.Dir, user: o.User, password: o.Password, log: o.Log,
		closing: make(chan struct{}), changed: make(chan struct{}), updates: 1,
		clock:    blockchain.NewMedianTime(),
		placed:   map[chainhash.Hash]place{},
		received: map[chainhash.Hash]*btcutil.Tx{},
	}
	if err := c.open(o); err != nil {
		return nil, errors.Join(fmt.Errorf("open embedded coin in %s: %w", o.Dir, err), c.release())
	}
	return c, nil
}

// open takes the folder's lock, then loads settings, wallet, chain and mempool.
func (c *Chain) open(o Options) error {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return err
	}
	lock, err := storage.OpenFile(filepath.Join(o.Dir, "lock"), false)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInUse, err)
	}
	c.lock = lock
	s, err := loadSettings(filepath.Join(o.Dir, "settings.json"), o)
	if err != nil {
		return err
	}
	if c.params, err = newParams(s); err != nil {
		return err
	}
	if c.wallet, err = openWallet(filepath.Join(o.Dir, "wallet.keys"), c.params); err != nil {
		return err
	}
	if err := c.load(); err != nil {
		return err
	}
	return c.makeCookie()
}

// newPool makes the mempool and the template maker on top of the loaded chain.
func (c *Chain) newPool(signatures *txscript.SigCache, hashes *txscript.HashCache) {
	c.pool = mempool.New(&mempool.Config{
		Policy: mempool.Policy{
			MaxTxVersion:         3,
			DisableRelayPriority: true, // with no limit for free ones: every transaction pays the relay fee
			MaxSigOpCostPerTx:    blockchain.MaxBlockSigOpsCost / 5,
			MinRelayTxFee:        minRelayFee,
		},
		ChainParams:    c.params,
		FetchUtxoView:  c.chain.FetchUtxoView,
		BestHeight:     func() int32 { return c.chain.BestSnapshot().Height },
		MedianTimePast: func() time.Time { return c.chain.BestSnapshot().MedianTime },
		CalcSequenceLock: func(tx *btcutil.Tx, view *blockchain.UtxoViewpoint) (*blockchain.SequenceLock, error) {
			return c.chain.CalcSequenceLock(tx, view, true)
		},
		IsDeploymentActive: c.chain.IsDeploymentActive,
		SigCache:           signatures,
		HashCache:          hashes,
	})
	c.generator = mining.NewBlkTmplGenerator(&mining.Policy{
		BlockMaxWeight: blockchain.MaxBlockWeight - 4000, // leaves room for the pool's coinbase, as Core does
		BlockMaxSize:   blockchain.MaxBlockBaseSize - 1000,
		TxMinFreeFee:   minRelayFee,
	}, c.params, c.pool, c.chain, c.clock, signatures, hashes)
}

// Close ends long polls and closes the folder. What was acknowledged is on disk
// already. Close waits for the call in progress; a second Close does nothing.
func (c *Chain) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	close(c.closing)
	var flush error
	if c.broken == nil {
		flush = c.chain.FlushUtxoCache(blockchain.FlushRequired)
	}
	return errors.Join(flush, c.release())
}

// release gives back whatever open took.
func (c *Chain) release() error {
	errs := []error{c.removeCookie()}
	if c.journal != nil {
		errs = append(errs, c.journal.close())
	}
	if c.db != nil {
		errs = append(errs, c.db.Close())
	}
	if c.wallet != nil {
		errs = append(errs, c.wallet.file.Close())
	}
	if c.lock != nil {
		errs = append(errs, c.lock.Close())
	}
	return errors.Join(errs...)
}

// usable reports why the chain cannot answer. The mutex is held.
func (c *Chain) usable() error {
	if c.closed {
		return ErrClosed
	}
	return c.broken
}

// fail stops the chain for good: what it holds in memory is no longer what a
// restart would find.
func (c *Chain) fail(err error) error {
	c.broken = fmt.Errorf("the embedded coin stopped: %w", err)
	c.log.Error("embedded coin stopped", "err", err)
	return c.broken
}

// Height is the height of the best block; the genesis block has 0.
func (c *Chain) Height() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return int64(c.chain.BestSnapshot().Height)
}

// NewAddress makes a key, stores it, and returns its bech32 address (bcrt1...).
func (c *Chain) NewAddress() (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.usable(); err != nil {
		return "", err
	}
	return c.wallet.newAddress("bech32")
}

// SetSyncing makes the coin look like a daemon that has not caught up yet, for
// tests of its clients: templates are refused with -10 and getblockchaininfo says
// initialblockdownload.
func (c *Chain) SetSyncing(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.syncing = on
}

// wait blocks until tip or mempool differ from the state that updates counted,
// until the time is over, or until ctx or the chain end.
func (c *Chain) wait(ctx context.Context, updates uint64, limit time.Duration) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		c.mu.Lock()
		now, changed := c.updates, c.changed
		c.mu.Unlock()
		if now != updates {
			return
		}
		select {
		case <-changed:
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		case <-c.closing:
			return
		}
	}
}
