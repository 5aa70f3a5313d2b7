package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/adit-mining/adit/packaging/bubble"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/wallet/coin"
)

// limitsKept is a book of limits.
type limitsKept struct {
	mu     sync.Mutex
	shares map[string]int64
	signed map[string]bool
	kept   map[string]coin.Amount
	writes int
}

func (b *limitsKept) CountShares(_ context.Context, _, account, _ string) (int64, float64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.shares[account], 0, nil
}

func (b *limitsKept) SetPayoutMinimum(_ context.Context, pool, account string, minimum coin.Amount, source string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.writes++
	if source != ledger.MinimumPassword || pool != "litecoin" {
		return fmt.Errorf("%s of %s", source, pool)
	}
	if b.signed[account] {
		return ledger.ErrSignedMinimum
	}
	b.kept[account] = minimum
	return nil
}

func (b *limitsKept) of(account string) coin.Amount {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.kept[account]
}

func TestPasswordsLimitsAreWrittenDownOnceThereIsAShare(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		b := &limitsKept{shares: map[string]int64{"alice": 1, "carol": 1}, signed: map[string]bool{"carol": true}, kept: map[string]coin.Amount{}}
		l := newPayoutLimits("litecoin", b, slog.New(slog.DiscardHandler))
		ended := make(chan error)
		go func() { ended <- l.run(ctx) }()
		for i := range 100 { // two workers that do not agree write once each time, not a hundred times
			l.ask("alice", coin.Amount(5+i%2))
			l.ask("bob", 7)
			l.ask("carol", 9)
			if i%50 == 0 {
				time.Sleep(time.Second)
			}
		}
		time.Sleep(limitsEvery)
		if b.of("alice") != 6 || b.of("bob") != 0 || b.of("carol") != 0 || b.writes != 2 {
			t.Errorf("got %v after %d writes, want alice's alone", b.kept, b.writes)
		}
		b.mu.Lock()
		b.shares["bob"] = 1
		b.mu.Unlock()
		time.Sleep(limitsEvery)
		if b.of("bob") != 7 {
			t.Errorf("after bob's first share: got %v", b.kept)
		}
		for i := range 3 * limitsWaiting { // who floods it with names does not keep others out
			l.ask(fmt.Sprint("nobody", i), 5)
			if i%limitsQueue == 0 {
				time.Sleep(time.Millisecond)
			}
		}
		time.Sleep(time.Millisecond)
		l.ask("alice", 8)
		time.Sleep(limitsEvery)
		if b.of("alice") != 8 {
			t.Errorf("in a flood: got %v", b.of("alice"))
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
