package payouts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/wallet/coin"
)

// Config says what a Keeper watches and pays.
type Config struct {
	Pool   string
	Ledger Book
	Chain  Chain
	Wallet Wallet // of this pool alone: what it has locked for nothing that was written down is released
	// AddressOf says where accounts are paid, in their order, as Payees.AddressOf does.
	// A Place's error holds its account, and nobody else; an error of AddressOf itself
	// makes payouts wait.
	AddressOf func(ctx context.Context, accounts []string) ([]Place, error)

	Maturity int64       // confirmations before a block's credits can be paid; more than 0
	FeePPM   int64       // what the pool keeps of the reward of a block that was found before blocks had terms, in parts per million
	Script   []byte      // what the coinbase of the pool's blocks pays to
	Minimum  coin.Amount // least balance that is paid
	// Settle is the confirmations after which a block is final and no longer
	// looked at; 0 means twice Maturity.
	Settle int64
	// Confirmations of a payout's transaction until it counts as paid; 0 means 3.
	Confirmations int64
	// MaxFeePPM bounds a transaction's fee, in parts per million of what it
	// pays; 0 means 100,000, a tenth. Above it the payout waits.
	MaxFeePPM int64
	// FeeRate is what a transaction pays for each 1000 virtual bytes; 0 means what the
	// daemon thinks right.
	FeeRate coin.Amount
	// MaxAccounts bounds the accounts of one payout; 0 means ledger.MaxOutputs.
	MaxAccounts int
	// PaymentsOff lets credits collect: no payout is begun but by hand.
	PaymentsOff bool
	// Passphrase opens the wallet if it is locked; empty: the operator does.
	Passphrase node.Secret

	Interval       time.Duration // between two looks at blocks and open payouts; 0 means 15 seconds
	PayoutInterval time.Duration // between two runs, and how long an unsigned payout waits; 0 means an hour
	// At is when runs begin each day, as times since midnight UTC, in ascending order.
	// Empty: every PayoutInterval.
	At  []time.Duration
	Log *slog.Logger // nil means none
}

// A Keeper follows the blocks of one pool and makes its payouts.
type Keeper struct {
	c    Config
	log  *slog.Logger
	kick chan struct{}

	pass       sync.Mutex      // held by a running Pass; guards what follows
	due        time.Time       // when the next run may begin, without At
	unfinished bool            // a run has begun, and not paid all
	reconciled bool            // the wallet's sends were held against the ledger since the start, or the last halt
	floor      coin.Amount     // what is less is not worth sending at present; 0: not known
	valid      map[string]bool // addresses that the daemon knows to be good
	deep       map[int64]bool  // confirmed payouts that are too deep to fall out of the chain
	now        struct {        // of this pass
		released   bool // the wallet has no stale locks
		reconciled bool
		doubt      bool // payouts are halted
	}

	mu     sync.Mutex // guards what follows
	status Status
}

// Status is how a Keeper fares, for the site and the operator.
type Status struct {
	Pool       string
	LastPass   time.Time         // zero: none yet
	NextPass   time.Time         // zero: not running
	NextPayout time.Time         // when the next payout may begin; zero: as soon as somebody is due
	Blocks     string            // why blocks cannot be followed now; empty: all is well
	Contested  map[string]string // blocks whose place in the chain is open, by hash, and why; not to be changed
	Payments   string            // what a payout waits for; empty: nothing
	Halted     bool              // until a person has looked
	HaltReason string            // at what
}

// New returns a Keeper. It is an error if c lacks something.
func New(c Config) (*Keeper, error) {
	if c.Pool == "" || c.Ledger == nil || c.Chain == nil || c.Wallet == nil || c.AddressOf == nil {
		return nil, errors.New("payouts: pool, ledger, chain, wallet and addressOf are needed")
	}
	if c.Maturity <= 0 || c.FeePPM < 0 || c.FeePPM > ppm {
		return nil, fmt.Errorf("payouts of %s: want a maturity above 0 and a fee of 0 to %d ppm, have %d and %d", c.Pool, ppm, c.Maturity, c.FeePPM)
	}
	defaultTo(&c.Settle, 2*c.Maturity)
	defaultTo(&c.Confirmations, 3)
	defaultTo(&c.MaxFeePPM, ppm/10)
	defaultTo(&c.MaxAccounts, ledger.MaxOutputs)
	defaultTo(&c.Interval, 15*time.Second)
	defaultTo(&c.PayoutInterval, time.Hour)
	c.Settle = max(c.Settle, c.Maturity)
	c.MaxAccounts = min(c.MaxAccounts, ledger.MaxOutputs)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Keeper{c: c, log: c.Log.With("pool", c.Pool), kick: make(chan struct{}, 1), valid: map[string]bool{}, status: Status{Pool: c.Pool}}, nil
}

func defaultTo[T int | int64 | time.Duration](v *T, d T) {
	if *v == 0 {
		*v = d
	}
}

// Run makes a Pass every Interval, and at each Kick, until ctx is done. Passes
// never overlap, however long the wallet takes. What a Pass stumbles over is in
// Status and in the log; it does not end Run.
func (k *Keeper) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		_ = k.Pass(ctx) // Pass has noted it
		wait := time.NewTimer(k.c.Interval)
		k.change(func(s *Status) { s.NextPass = time.Now().Add(k.c.Interval) })
		select {
		case <-wait.C:
		case <-k.kick:
		case <-ctx.Done():
		}
		wait.Stop()
	}
	k.change(func(s *Status) { s.NextPass = time.Time{} })
	return nil
}

// Kick makes Run look now: there is a new block, or the operator has mended something.
func (k *Keeper) Kick() {
	select {
	case k.kick <- struct{}{}:
	default: // it will look anyway
	}
}

// Status returns how the Keeper fares.
func (k *Keeper) Status() Status {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.status
}

func (k *Keeper) change(f func(*Status)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f(&k.status)
}

// Pass looks once at the pool's blocks and carries its payouts as far as they
// go now. It may be repeated at any time. The error says what has to be waited
// for; a halt is not an error, see Status.
func (k *Keeper) Pass(ctx context.Context) error {
	k.pass.Lock()
	defer k.pass.Unlock()
	blocks := k.follow(ctx)
	// While the chain cannot be seen whole, a balance may be of a block that is
	// an orphan by now: what has begun goes on, but nothing new is begun.
	payments := k.pay(ctx, blocks == nil)
	reason, halted, err := k.c.Ledger.Halted(ctx, k.c.Pool)
	payments = errors.Join(payments, err)
	if ctx.Err() == nil { // otherwise we are being stopped, and the errors say only that
		k.note(blocks, payments, halted, reason)
	}
	return errors.Join(blocks, payments)
}

// note keeps a Pass's outcome for Status, and logs what is new in it.
func (k *Keeper) note(blocks, payments error, halted bool, reason string) {
	was := k.Status()
	is := was
	is.LastPass, is.NextPayout = time.Now(), k.nextRun(time.Now())
	is.Blocks, is.Payments = text(blocks), text(payments)
	is.Halted, is.HaltReason = halted, reason
	k.change(func(s *Status) { is.NextPass, is.Contested = s.NextPass, s.Contested; *s = is })
	if is.Blocks != was.Blocks && blocks != nil {
		k.log.Warn("blocks wait", "err", blocks)
	}
	if is.Payments != was.Payments && payments != nil {
		k.log.Warn("payouts wait", "err", payments)
	}
	if halted && !was.Halted {
		k.log.Error("payouts are halted", "err", reason)
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
