package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/wallet/coin"
)

const (
	limitsEvery    = 10 * time.Second // between two looks at what is asked for: an account is written down once in that time
	limitsQueue    = 256              // miners that may ask at the same moment
	limitsWaiting  = 10_000           // accounts that may wait for their first share
	limitsPatience = time.Hour        // and how long
)

// limitBook is what payoutLimits needs of the ledger.
type limitBook interface {
	CountShares(ctx context.Context, pool, account, worker string) (n int64, difficulty float64, err error)
	SetPayoutMinimum(ctx context.Context, pool, account string, minimum coin.Amount, source string) error
}

// payoutLimits writes down from which balance on accounts want to be paid, as miners'
// passwords ask for it (pl=). Anybody can mine to an account and ask so; it delays
// payouts within bounds, and what the account's owner has signed stays. Sessions only
// leave word here: the ledger is not on their way.
type payoutLimits struct {
	pool  string
	book  limitBook
	log   *slog.Logger
	asked chan payoutLimit
}

// payoutLimit is what a password asks for; a minimum of 0 stands for the pool's own.
type payoutLimit struct {
	account string
	minimum coin.Amount
	since   time.Time
}

func newPayoutLimits(pool string, book limitBook, log *slog.Logger) *payoutLimits {
	return &payoutLimits{pool: pool, book: book, log: log, asked: make(chan payoutLimit, limitsQueue)}
}

// ask leaves word and does not wait. In a storm of sign-ins some are lost: the miner
// asks again when it signs in again.
func (l *payoutLimits) ask(account string, minimum coin.Amount) {
	select {
	case l.asked <- payoutLimit{account, minimum, time.Now()}:
	default:
		l.log.Debug("a payout limit is not written down: too many at once", "account", account)
	}
}

// run writes down what is asked for until ctx ends.
func (l *payoutLimits) run(ctx context.Context) error {
	tick := time.NewTicker(limitsEvery)
	defer tick.Stop()
	waiting := map[string]payoutLimit{}
	for {
		select {
		case a := <-l.asked:
			if _, known := waiting[a.account]; !known && len(waiting) >= limitsWaiting {
				for one := range waiting { // any: those that mine do not wait for long
					delete(waiting, one)
					break
				}
			}
			waiting[a.account] = a
		case <-tick.C:
			for _, a := range waiting {
				if l.settle(ctx, a) {
					delete(waiting, a.account)
				}
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// settle writes one down, and reports whether that is the end of it. Before an account's
// first share there is nothing to write it to.
func (l *payoutLimits) settle(ctx context.Context, a payoutLimit) bool {
	shares, _, err := l.book.CountShares(ctx, l.pool, a.account, "*")
	if err == nil && shares == 0 {
		return time.Since(a.since) > limitsPatience
	}
	if err == nil {
		err = l.book.SetPayoutMinimum(ctx, l.pool, a.account, a.minimum, ledger.MinimumPassword)
	}
	switch {
	case err == nil:
	case errors.Is(err, ledger.ErrSignedMinimum):
		l.log.Debug("a password's payout limit does not count: the owner has signed one", "account", a.account)
	default:
		l.log.Warn("a payout limit is not written down", "account", a.account, "err", err)
	}
	return true
}
