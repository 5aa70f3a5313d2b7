package payouts_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/wallet/coin"
)

// few makes a property that needs a ledger be tried a few times only, for each write of
// it waits for the disk; ADIT_MONEY_RUNS sets how often.
func few(t *testing.T) {
	t.Helper()
	checks := "8"
	if brief() {
		checks = "1"
	}
	if runs := os.Getenv("ADIT_MONEY_RUNS"); runs != "" {
		checks = runs
	}
	f := flag.Lookup("rapid.checks")
	was := f.Value.String()
	if err := f.Value.Set(checks); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Value.Set(was) })
}

// An event is something that happens to a block or a payout.
type event struct {
	of   string // whose events stay in their order
	name string
	do   func(context.Context, *ledger.Ledger) error
}

// history is a pool's blocks and payouts, and what becomes of each. Blocks are found
// first; the first one fills the balances that payouts are made of.
type history struct {
	rounds [][]ledger.Share
	events [][]event // of each block and payout
}

const funded = 100_000 // units, at least, that each account has from the first block

var histories = rapid.Custom(func(t *rapid.T) history {
	var h history
	accounts := rapid.IntRange(1, 4).Draw(t, "accounts")
	terms := &ledger.Terms{FeePPM: 10_000}
	for b := range rapid.IntRange(2, 5).Draw(t, "blocks") {
		var shares []ledger.Share
		for i := range rapid.IntRange(1, 5).Draw(t, "shares") {
			s := share(fmt.Sprint("miner", (b+i)%accounts), float64(rapid.IntRange(1, 1000).Draw(t, "difficulty")))
			s.Terms = terms
			shares = append(shares, s)
		}
		if b == 0 {
			shares = shares[:0]
			for i := range accounts {
				s := share(fmt.Sprint("miner", i), 1)
				s.Terms = terms
				shares = append(shares, s)
			}
		}
		h.rounds = append(h.rounds, shares)
		h.events = append(h.events, blockEvents(int64(b+1), b > 0 && rapid.Bool().Draw(t, "orphaned"), rapid.Bool().Draw(t, "comes back")))
	}
	for i := range accounts {
		h.events = append(h.events, payoutEvents(i, rapid.IntRange(0, 4).Draw(t, "how far the payout comes")))
	}
	return h
})

func blockEvents(id int64, orphaned, back bool) (all []event) {
	accept := event{name: "accept", do: func(ctx context.Context, l *ledger.Ledger) error {
		w, err := l.RoundShares(ctx, id)
		if err != nil {
			return err
		}
		credits, fee, dust := payouts.Split(blockReward, 10_000, nil, w)
		credits = append(credits, ledger.Credit{Account: ledger.FeeAccount, Amount: fee}, ledger.Credit{Account: ledger.DustAccount, Amount: dust})
		return l.SetBlockAccepted(ctx, id, ledger.Acceptance{Confirmations: 1, Reward: blockReward, Weights: w, Credits: credits})
	}}
	mature := event{name: "mature", do: func(ctx context.Context, l *ledger.Ledger) error { return l.MatureBlock(ctx, id) }}
	orphan := event{name: "orphan", do: func(ctx context.Context, l *ledger.Ledger) error { return l.OrphanBlock(ctx, id, "gone") }}
	restore := event{name: "restore", do: func(ctx context.Context, l *ledger.Ledger) error { return l.RestoreBlock(ctx, id) }}
	switch {
	case orphaned && back:
		all = []event{accept, orphan, restore, accept, mature}
	case orphaned:
		all = []event{accept, mature, orphan}
	default:
		all = []event{accept, mature}
	}
	for i := range all {
		all[i].of = fmt.Sprint("block ", id)
	}
	return all
}

// payoutEvents pays a part of an account's first credit, and comes as far as that. What
// waits to be signed comes to one event with what becomes of it, for only one may wait.
func payoutEvents(account, far int) []event {
	name, txid := fmt.Sprint("miner", account), fmt.Sprint("tx", account)
	var id int64
	intent := func(ctx context.Context, l *ledger.Ledger) error {
		p, err := l.BeginPayout(ctx, pool, []ledger.PayoutOutput{{Account: name, Address: "addr-" + name, Amount: funded / 2}})
		id = p.ID
		return err
	}
	cancel := func(ctx context.Context, l *ledger.Ledger) error { return l.CancelUnsigned(ctx, id, "not now") }
	sign := func(ctx context.Context, l *ledger.Ledger) error {
		return l.SetSigned(ctx, id, "raw "+txid, txid, map[string]coin.Amount{name: funded/2 - 7}, 7)
	}
	both := func(one, other func(context.Context, *ledger.Ledger) error) func(context.Context, *ledger.Ledger) error {
		return func(ctx context.Context, l *ledger.Ledger) error { return errors.Join(one(ctx, l), other(ctx, l)) }
	}
	all := []event{
		{name: "intent and cancel", do: both(intent, cancel)},
		{name: "intent and sign", do: both(intent, sign)},
		{name: "send", do: func(ctx context.Context, l *ledger.Ledger) error { return l.SetSent(ctx, id) }},
		{name: "confirm", do: func(ctx context.Context, l *ledger.Ledger) error { return l.SetConfirmed(ctx, id) }},
	}[:far]
	for i := range all {
		all[i].of = "payout of " + name
	}
	return all
}

// standing is all that a pool owes and has.
type standing struct {
	accounts map[string]ledger.AccountSummary
	totals   string
}

// live has h happen on a new ledger, in the order that next picks from, and says what it
// comes to.
func (h history) live(t *rapid.T, dir, order string) (s standing) {
	ctx := context.Background()
	path := filepath.Join(dir, order+".db")
	l, err := ledger.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer os.Remove(path)
	defer l.Close()
	for i, shares := range h.rounds {
		shares = slices.Clone(shares)
		shares[len(shares)-1].Block = &ledger.FoundBlock{Hash: fmt.Sprintf("%064x", i+1), Height: int64(i), Reward: blockReward, Raw: []byte("raw"), Difficulty: 10}
		if _, err := l.Apply(ctx, uint64(i+1), uint64(i+1), shares); err != nil {
			t.Fatal(err)
		}
	}
	lanes := slices.Clone(h.events)
	for _, e := range lanes[0] { // what payouts are made of
		if err := e.do(ctx, l); err != nil {
			t.Fatal(err)
		}
	}
	lanes = slices.DeleteFunc(lanes[1:], func(lane []event) bool { return len(lane) == 0 })
	for len(lanes) > 0 {
		i := rapid.IntRange(0, len(lanes)-1).Draw(t, order)
		e := lanes[i][0]
		if err := e.do(ctx, l); err != nil {
			t.Fatalf("%s of %s: %v", e.name, e.of, err)
		}
		if lanes[i] = lanes[i][1:]; len(lanes[i]) == 0 {
			lanes = slices.Delete(slices.Clone(lanes), i, i+1)
		}
	}
	if err := l.Check(ctx); err != nil {
		t.Error(err)
	}
	return h.read(t, l)
}

func (h history) read(t *rapid.T, l *ledger.Ledger) standing {
	s := standing{accounts: map[string]ledger.AccountSummary{}}
	for _, shares := range h.rounds {
		for _, one := range shares {
			a, err := l.AccountSummary(context.Background(), pool, one.Account)
			if err != nil {
				t.Fatal(err)
			}
			s.accounts[one.Account] = a
		}
	}
	totals, err := l.PoolTotals(context.Background(), pool)
	if err != nil {
		t.Fatal(err)
	}
	s.totals = fmt.Sprintf("%+v", totals)
	return s
}

// Whatever order blocks and payouts come in, each in its own, everybody has the same in
// the end.
func TestNoOrderOfEventsChangesTheSums(t *testing.T) {
	few(t)
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		h := histories.Draw(t, "history")
		one, other := h.live(t, dir, "one"), h.live(t, dir, "other")
		if !maps.Equal(one.accounts, other.accounts) || one.totals != other.totals {
			t.Errorf("in one order %+v, in another %+v", one, other)
		}
	})
}

// A PPLNS block pays for the last shares that fill its window, the one at the edge with
// its part inside, whoever found blocks in between: as if each share were looked at.
func TestPPLNSWindowIsThatOfEachShare(t *testing.T) {
	few(t)
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		path := filepath.Join(dir, "window.db")
		l, err := ledger.Open(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		defer os.Remove(path)
		defer l.Close()
		terms := &ledger.Terms{Scheme: ledger.PPLNS, Window: rapid.Float64Range(0.1, 20).Draw(t, "window")}
		var all []ledger.Share
		at := time.Unix(1_800_000_000, 0)
		for batch := range uint64(rapid.IntRange(1, 8).Draw(t, "batches")) {
			shares := drawShares(t, terms, &at)
			network := rapid.Float64Range(0.01, 100).Draw(t, "network")
			shares[len(shares)-1].Block = &ledger.FoundBlock{Hash: fmt.Sprintf("%064x", batch+1), Height: int64(batch), Reward: blockReward, Raw: []byte("raw"), Difficulty: network}
			found, err := l.Apply(ctx, batch+1, batch+1, shares)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, shares...)
			got, err := l.RoundShares(ctx, found[0].ID)
			if err != nil {
				t.Fatal(err)
			}
			if err := sameWeights(got, shareByShare(all, terms.Window*network)); err != nil {
				t.Errorf("window of %v: %v", terms.Window*network, err)
			}
		}
	})
}

func drawShares(t *rapid.T, terms *ledger.Terms, at *time.Time) (shares []ledger.Share) {
	for range rapid.IntRange(1, 12).Draw(t, "shares") {
		*at = at.Add(time.Duration(rapid.IntRange(0, 1200).Draw(t, "seconds")) * time.Second)
		s := share(fmt.Sprint("miner", rapid.IntRange(0, 3).Draw(t, "miner")), rapid.SampledFrom([]float64{1e-9, 0.3, 0.5, 1, 2, 17.25, 1e6}).Draw(t, "difficulty"))
		s.Terms, s.Time = terms, *at
		shares = append(shares, s)
	}
	return shares
}

// shareByShare is what the last shares weigh that fill a window.
func shareByShare(all []ledger.Share, window float64) map[string]*big.Rat {
	room, sums := new(big.Rat).SetFloat64(window), map[string]*big.Rat{}
	for _, s := range slices.Backward(all) {
		weight := new(big.Rat).SetFloat64(s.Difficulty)
		if weight.Cmp(room) > 0 {
			weight = room
		}
		if weight.Sign() == 0 {
			break
		}
		if sums[s.Account] == nil {
			sums[s.Account] = new(big.Rat)
		}
		sums[s.Account].Add(sums[s.Account], weight)
		room = new(big.Rat).Sub(room, weight)
	}
	return sums
}

func sameWeights(got []ledger.AccountWeight, want map[string]*big.Rat) error {
	if len(got) != len(want) {
		return fmt.Errorf("%d accounts, want %d", len(got), len(want))
	}
	var errs []error
	for _, w := range got {
		if want[w.Account] == nil {
			errs = append(errs, fmt.Errorf("%s has no share in it", w.Account))
		} else if nearest, _ := want[w.Account].Float64(); w.Difficulty != nearest {
			errs = append(errs, fmt.Errorf("%s weighs %v, want %v", w.Account, w.Difficulty, nearest))
		}
	}
	return errors.Join(errs...)
}
