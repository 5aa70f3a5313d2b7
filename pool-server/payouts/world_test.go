package payouts_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/wallet/coin"
)

const (
	pool                     = "litecoin"
	blockReward  coin.Amount = 50_00000001
	networkFee   coin.Amount = 100 // per output
	maturity                 = 3
	walletCoins              = 3 // so that a wallet that loses coins to stale locks runs dry
	payoutPeriod             = time.Minute
)

// A world is what really happens: a chain and a wallet that remember what was
// done to them, whether or not the pool lived to hear of it, beside a real
// ledger on disk. Each call between the pool and the world is a step, and a step
// can fail, undone or done all the same.
type world struct {
	t    *testing.T
	path string
	book *ledger.Ledger
	k    *payouts.Keeper
	c    payouts.Config

	mu       sync.Mutex
	tip      int64
	blocks   map[pow.Hash]*chainBlock
	txs      map[string]*walletTx // by raw bytes
	spent    map[int]string       // coin -> raw bytes of who spent it
	locked   map[int]bool
	unlocked int // calls of Unlock that opened the wallet
	slow     time.Duration
	least    coin.Amount // below that the wallet cannot send

	mostOutputs int         // of a transaction; 0: any
	most        coin.Amount // that a transaction can pay; 0: any
	silentAbove int         // outputs above which it is refused without a word; 0: any
	holdings    node.Holdings

	// answers to the next calls of a name instead of the real ones
	refuse map[string]error

	steps   int
	faults  func(step int, name string) fault
	crashed bool
	trace   []string
}

type chainBlock struct {
	height    int64
	bad, main bool // the chain refuses it; it is on the main chain
	known     bool
	reward    coin.Amount // 0: blockReward
}

type walletTx struct {
	raw, txid string
	coin      int
	outputs   []node.Output
	pooled    bool      // in the mempool
	mined     int64     // height, 0: not
	sent      time.Time // first; zero: never
}

// A fault is how a step fails.
type fault int

const (
	none        fault = iota
	crashUndone       // the process is gone before the step
	crashDone         // the process is gone after the step
	errorUndone       // the step fails
	errorDone         // the step is done, but its answer is lost
)

func (f fault) String() string {
	return [...]string{"none", "crash, undone", "crash, done", "error, undone", "error, done"}[f]
}

var (
	errCrash = errors.New("the process is gone")
	errFault = errors.New("something went wrong")
)

func newWorld(t *testing.T) *world {
	w := &world{t: t, path: filepath.Join(t.TempDir(), "ledger.db"), tip: 6, blocks: map[pow.Hash]*chainBlock{},
		txs: map[string]*walletTx{}, spent: map[int]string{}, locked: map[int]bool{}, refuse: map[string]error{},
		faults: func(int, string) fault { return none }}
	w.c = payouts.Config{Pool: pool, Chain: fakeChain{w}, Wallet: fakeWallet{w}, AddressOf: eachOf(addressOf), Maturity: maturity,
		FeePPM: 10_000, Minimum: 1000, Confirmations: 2, Interval: 10 * time.Second, PayoutInterval: payoutPeriod}
	w.restart()
	t.Cleanup(func() {
		w.sound()
		if err := w.book.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func addressOf(_ context.Context, account string) (string, error) {
	if account == "bad" {
		return "", errors.New("no address can be made of it")
	}
	return "addr-" + account, nil
}

// eachOf asks for one account after the other.
func eachOf(one func(context.Context, string) (string, error)) func(context.Context, []string) ([]payouts.Place, error) {
	return func(ctx context.Context, accounts []string) (places []payouts.Place, _ error) {
		for _, account := range accounts {
			address, err := one(ctx, account)
			if errors.Is(err, ledger.ErrNotNow) {
				return nil, err
			}
			places = append(places, payouts.Place{Address: address, Err: err})
		}
		return places, nil
	}
}

// restart is the start of a new process on the same disk.
func (w *world) restart() {
	w.t.Helper()
	var err error
	if w.book != nil {
		w.ok(w.book.Close())
	}
	w.book, err = ledger.Open(w.t.Context(), w.path)
	w.ok(err)
	w.c.Ledger = faultyBook{w.book, w}
	w.k, err = payouts.New(w.c)
	w.ok(err)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.crashed = false
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%v\nsteps: %v", err, w.trace)
	}
}

// sound checks the ledger's invariants.
func (w *world) sound() {
	w.t.Helper()
	w.ok(w.book.Check(context.WithoutCancel(w.t.Context())))
}

// step lets act happen, or not.
func (w *world) step(name string, act func() error) error {
	w.mu.Lock()
	if w.crashed {
		w.mu.Unlock()
		return errCrash
	}
	w.steps++
	w.trace = append(w.trace, name)
	f, refusal, slow := w.faults(w.steps, name), w.refuse[name], w.slow
	w.crashed = f == crashUndone || f == crashDone
	w.mu.Unlock()
	if slow > 0 && name == "broadcast" {
		time.Sleep(slow)
	}
	switch f {
	case crashUndone:
		return errCrash
	case errorUndone:
		return errFault
	case crashDone:
		_ = act()
		return errCrash
	case errorDone:
		_ = act()
		return errFault
	}
	if refusal != nil {
		return refusal
	}
	return act()
}

// find applies a batch: shares, and the block that the last of them found.
func (w *world) find(position uint64, block *chainBlock, shares ...ledger.Share) pow.Hash {
	w.t.Helper()
	hash, err := pow.ParseHash(fmt.Sprintf("%064x", position))
	w.ok(err)
	w.mu.Lock()
	if w.blocks[hash] == nil {
		w.blocks[hash] = block
	}
	w.mu.Unlock()
	last := &shares[len(shares)-1]
	last.Block = &ledger.FoundBlock{Hash: hash.String(), Height: block.height, Reward: blockReward, Raw: []byte(hash.String()), Difficulty: 10}
	for { // the share log delivers again after a crash
		err := w.step("apply", func() error {
			_, err := w.book.Apply(w.t.Context(), position, position, shares)
			return err
		})
		if err == nil {
			return hash
		}
		if w.crashed {
			w.restart()
		}
	}
}

func share(account string, difficulty float64) ledger.Share {
	return ledger.Share{Pool: pool, Account: account, Worker: "rig", Difficulty: difficulty, Time: time.Unix(1_800_000_000, 0), Terms: &ledger.Terms{FeePPM: 10_000}}
}

// good is a block that the chain takes when it is submitted.
func good(height int64) *chainBlock { return &chainBlock{height: height} }

// mine makes n more blocks, which take in what is in the mempool.
func (w *world) mine(n int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for range n {
		w.tip++
		for _, tx := range w.txs {
			if tx.pooled {
				tx.pooled, tx.mined = false, w.tip
			}
		}
	}
}

// pass makes a pass. Whatever goes wrong in it, the book is sound.
func (w *world) pass() error {
	w.t.Helper()
	err := w.k.Pass(w.t.Context())
	if err != nil {
		w.sound()
	}
	return err
}
