package ledger_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/wallet/coin"
)

// under puts terms on shares.
func under(terms *ledger.Terms, shares ...ledger.Share) []ledger.Share {
	for i := range shares {
		shares[i].Terms = terms
	}
	return shares
}

// lastShares is what PPLNS says, share by share: from the newest to the oldest until
// the window is full; the share at its edge counts with the part inside.
func lastShares(shares []ledger.Share, window float64) map[string]*big.Rat {
	room := new(big.Rat).SetFloat64(window)
	sums := map[string]*big.Rat{}
	for _, s := range slices.Backward(shares) {
		if room.Sign() <= 0 {
			break
		}
		part := new(big.Rat).SetFloat64(s.Difficulty)
		if part.Cmp(room) > 0 {
			part.Set(room)
		}
		if sums[s.Account] == nil {
			sums[s.Account] = new(big.Rat)
		}
		sums[s.Account].Add(sums[s.Account], part)
		room.Sub(room, part)
	}
	return sums
}

// Whatever the shares and however they come in batches, a PPLNS block pays exactly for
// the last ones that fill its window, past blocks and slices of time.
func TestPPLNSPaysForTheLastSharesExactly(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 9))
	b := newBook(t)
	terms := &ledger.Terms{Scheme: ledger.PPLNS, FeePPM: 10_000, Window: 2}
	var all []ledger.Share
	at := time.Unix(1_800_000_000, 0)
	blocks := 0
	for batch := range 120 {
		var shares []ledger.Share
		for range 1 + r.IntN(60) {
			at = at.Add(time.Duration(r.IntN(40_000)) * time.Millisecond)
			s := share(fmt.Sprintf("miner%d", r.IntN(6)), 0)
			s.Difficulty, s.Time = []float64{0.5, 0.3, 1.0 / 3, 2, 1e-9, 17.25}[r.IntN(6)], at
			shares = append(shares, s)
		}
		ends := batch%7 == 6
		if ends {
			shares[len(shares)-1].Block = found(int64(batch))
			shares[len(shares)-1].Block.Difficulty = []float64{0.25, 40, 150.5, 1e6}[r.IntN(4)]
		}
		under(terms, shares...)
		all = append(all, shares...)
		made := b.apply(shares...)
		if !ends {
			continue
		}
		blocks++
		block := made[0]
		want := lastShares(all, block.Window)
		got := b.weights(block.ID)
		if block.Scheme != ledger.PPLNS || block.FeePPM != 10_000 || len(got) != len(want) {
			t.Fatalf("block %d: scheme %s, fee %d, %d accounts, want %d", batch, block.Scheme, block.FeePPM, len(got), len(want))
		}
		for _, w := range got {
			exact, _ := want[w.Account].Float64()
			if w.Difficulty != exact {
				t.Errorf("block %d: %s has %v, want %v", batch, w.Account, w.Difficulty, exact)
			}
		}
	}
	if blocks < 10 {
		t.Fatalf("only %d blocks", blocks)
	}
}

// What is far behind the window is forgotten, and what is inside is not.
func TestTheOrderOfSharesIsForgottenBehindTheWindow(t *testing.T) {
	b := newBook(t)
	terms := &ledger.Terms{Scheme: ledger.PPLNS, Window: 1, NetworkDifficulty: 50}
	at := time.Unix(1_800_000_000, 0)
	for range 200 { // each in a slice of time of its own
		at = at.Add(10 * time.Minute)
		s := share("alice", 10)
		s.Time = at
		b.apply(under(terms, s)...)
	}
	s := share("bob", 10)
	s.Time, s.Block = at, found(9)
	s.Block.Difficulty = 1000 // more than what is remembered: then it is all of that
	block := b.apply(under(terms, s)...)[0]
	var remembered float64
	for _, w := range b.weights(block.ID) {
		remembered += w.Difficulty
	}
	if remembered < 100 || remembered > 150 {
		t.Errorf("shares of difficulty %v are remembered, want two windows of 50 and not much more", remembered)
	}
}

// An orphan under PPLNS takes nothing along: the next block pays for its own window,
// and the orphan's window is what it was when it comes back.
func TestAPPLNSOrphanReturnsToItsOwnWindow(t *testing.T) {
	b := newBook(t)
	terms := &ledger.Terms{Scheme: ledger.PPLNS, Window: 1}
	find := func(height int64, shares ...ledger.Share) ledger.Block {
		shares[len(shares)-1].Block = found(height)
		shares[len(shares)-1].Block.Difficulty = 3
		return b.apply(under(terms, shares...)...)[0]
	}
	first := find(1, share("alice", 2), share("bob", 2))
	was := b.weights(first.ID)
	b.ok(b.OrphanBlock(t.Context(), first.ID, "gone"))
	second := find(2, share("carol", 2))
	if got := b.weights(second.ID); len(got) != 2 || got[0].Account != "bob" || got[0].Difficulty != 1 || got[1].Difficulty != 2 {
		t.Errorf("the next block pays for %v, want a part of bob's share and carol's", got)
	}
	b.ok(b.RestoreBlock(t.Context(), first.ID))
	b.accept(first)
	if got := b.weights(first.ID); !slices.Equal(got, was) {
		t.Errorf("after its return: %v, want %v", got, was)
	}
}

// A solo block pays for its account's rounds alone, with its own fee; the others' round
// goes on, and so does the other solo miner's.
func TestASoloBlockIsItsFindersAlone(t *testing.T) {
	b := newBook(t)
	terms := &ledger.Terms{Scheme: ledger.PROP, FeePPM: 20_000, SoloFeePPM: 5_000, Recipients: []ledger.Recipient{{Account: "dev", PPM: 1_000}}}
	solo := func(account string, difficulty float64) ledger.Share {
		s := share(account, difficulty)
		s.Solo = true
		return s
	}
	s := solo("alice", 3)
	s.Block = found(1)
	block := b.apply(under(terms, share("bob", 5), solo("carol", 7), solo("alice", 2), share("alice", 1), s)...)[0]
	if block.Scheme != ledger.SOLO || block.FeePPM != 5_000 || block.Work != 5 {
		t.Errorf("scheme %s, fee %d, work %v, want SOLO, 5000 and alice's 5", block.Scheme, block.FeePPM, block.Work)
	}
	if got := b.weights(block.ID); len(got) != 1 || got[0].Account != "alice" || got[0].Difficulty != 5 {
		t.Errorf("it pays for %v, want alice's 5", got)
	}
	recipients, err := b.BlockRecipients(t.Context(), block.ID)
	b.ok(err)
	if len(recipients) != 1 || recipients[0] != terms.Recipients[0] {
		t.Errorf("recipients %v", recipients)
	}
	if got := b.open(); len(got) != 2 || got[0].Difficulty != 1 || got[1].Difficulty != 5 {
		t.Errorf("the pool's round holds %v, want alice's 1 and bob's 5", got)
	}
	// An orphan gives its shares back to its own stream.
	b.ok(b.OrphanBlock(t.Context(), block.ID, "gone"))
	again := solo("alice", 4)
	again.Block = found(2)
	next := b.apply(under(terms, again)...)[0]
	if got := b.weights(next.ID); len(got) != 1 || got[0].Difficulty != 9 {
		t.Errorf("alice's next block pays for %v, want 9", got)
	}
	last := share("bob", 1)
	last.Block = found(3)
	shared := b.apply(under(terms, last)...)[0]
	if got := b.weights(shared.ID); len(got) != 2 || got[0].Difficulty != 1 || got[1].Difficulty != 6 || shared.FeePPM != 20_000 {
		t.Errorf("the pool's block pays for %v with a fee of %d", got, shared.FeePPM)
	}
}

// The reserve buys shares until its limit; then they share the next block as under
// PROP, of which the reserve has the part of what it bought.
func TestPPSBuysUntilTheReserveIsUsedUp(t *testing.T) {
	b := newBook(t)
	terms := &ledger.Terms{Scheme: ledger.PPS, FeePPM: 100_000, ReserveLimit: 1000}
	at := time.Unix(1_800_000_000, 0)
	priced := func(account string, difficulty, price float64) ledger.Share {
		s := share(account, difficulty)
		s.Price, s.Time = price, at
		return s
	}
	b.apply(under(terms, priced("alice", 2, 100.25))...) // 180.45
	b.apply(under(terms, priced("alice", 1, 100.25))...) // 90.225
	b.apply(under(terms, priced("bob", 8, 100.25))...)   // 721.8
	b.apply(under(terms, priced("carol", 1, 100.25))...) // 90.225: beyond the limit
	owing, err := b.Owing(t.Context(), pool, "alice")
	b.ok(err)
	if owing != 270 {
		t.Errorf("alice is owed %d, want 270 of 270.675", owing)
	}
	if got := b.account("bob").Immature; got != 721 {
		t.Errorf("bob sees %d coming, want 721", got)
	}
	at = at.Add(10 * time.Minute)
	b.apply(under(terms, priced("dave", 1e-3, 100.25))...) // the slice is over: it is booked
	if a, bob := b.account("alice"), b.account("bob"); a.Balance != 270 || bob.Balance != 721 || a.Immature != 0 {
		t.Errorf("balances %d and %d, want 270 and 721", a.Balance, bob.Balance)
	}
	totals, err := b.PoolTotals(t.Context(), pool)
	b.ok(err)
	if totals.Reserve != -991 {
		t.Errorf("the reserve has %d, want -991", totals.Reserve)
	}
	last := priced("carol", 1, 100.25)
	last.Block = found(1)
	block := b.apply(under(terms, last)...)[0]
	got := b.weights(block.ID)
	if len(got) != 5 || got[0] != (ledger.AccountWeight{Account: ledger.ReserveAccount, Difficulty: 11.001}) {
		t.Fatalf("the block pays for %v, want the reserve's 11.001 first", got)
	}
	for _, w := range got[1:] {
		if want := map[string]float64{"carol": 2}[w.Account]; w.Difficulty != want {
			t.Errorf("%s has %v in the block, want %v", w.Account, w.Difficulty, want)
		}
	}
	// The reserve's part of the reward fills it once the block has matured.
	b.ok(b.SetBlockAccepted(t.Context(), block.ID, ledger.Acceptance{Confirmations: 1, Reward: block.Reward, Weights: got, Credits: []ledger.Credit{
		{Account: ledger.ReserveAccount, Amount: block.Reward - 100}, {Account: "carol", Amount: 100},
	}}))
	b.ok(b.MatureBlock(t.Context(), block.ID))
	totals, err = b.PoolTotals(t.Context(), pool)
	b.ok(err)
	if want := block.Reward - 100 - 991; totals.Reserve != want {
		t.Errorf("the reserve has %d, want %d", totals.Reserve, want)
	}
	b.apply(under(terms, priced("carol", 4, 100.25))...)
	if owing, err = b.Owing(t.Context(), pool, "carol"); err != nil || owing != 360 {
		t.Errorf("carol is owed %d, %v: want 360, for the reserve buys again", owing, err)
	}
}

// What is less than a unit is carried from slice to slice, not lost.
func TestFractionsOfBoughtSharesAddUp(t *testing.T) {
	b := newBook(t)
	terms := &ledger.Terms{Scheme: ledger.PPS, ReserveLimit: coin.Amount(1e12)}
	at := time.Unix(1_700_000_000, 0)
	for range 40 {
		s := share("alice", 1)
		s.Price, s.Time = 0.25, at
		b.apply(under(terms, s)...)
		at = at.Add(10 * time.Minute)
	}
	b.ok(b.BookPurchases(t.Context(), pool))
	if got := b.account("alice").Balance; got != 10 {
		t.Errorf("got %d for forty shares of a quarter, want 10", got)
	}
}

// The chain's word on a reward counts; what was hoped for is kept beside it.
func TestTheChainsRewardCounts(t *testing.T) {
	b := newBook(t)
	block := b.find(1, share("alice", 1))
	b.ok(b.SetBlockAccepted(t.Context(), block.ID, ledger.Acceptance{
		Confirmations: 1, Reward: 777, Weights: b.weights(block.ID), Credits: []ledger.Credit{{Account: "alice", Amount: 777}},
	}))
	blocks, err := b.RecentBlocks(t.Context(), pool, 1)
	b.ok(err)
	if blocks[0].Reward != 777 || b.account("alice").Immature != 777 {
		t.Errorf("reward %d, credited %d, want 777", blocks[0].Reward, b.account("alice").Immature)
	}
}
