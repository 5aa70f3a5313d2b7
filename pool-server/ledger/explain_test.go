package ledger_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/wallet/coin"
)

// explain returns the explanation and all its movements, read in small pieces.
func (b *book) explain(payout int64, account string) (ledger.Explanation, []ledger.Income) {
	b.t.Helper()
	e, err := b.Explain(b.t.Context(), payout, account)
	b.ok(err)
	var all []ledger.Income
	for after := int64(0); ; {
		some, err := b.Explained(b.t.Context(), e, after, 3)
		b.ok(err)
		all = append(all, some...)
		if len(some) < 3 {
			return e, all
		}
		after = some[len(some)-1].ID
	}
}

// pay pays p.
func (b *book) pay(p *ledger.Payout) {
	b.t.Helper()
	b.ok(b.sign(p, fmt.Sprint("tx", p.ID)))
	b.ok(b.SetSent(b.t.Context(), p.ID))
	b.ok(b.SetConfirmed(b.t.Context(), p.ID))
}

func TestPayoutIsExplainedDownToItsBlocks(t *testing.T) {
	b := newBook(t)
	b.mature(b.find(7, share("alice", 1), share("bob", 3)))
	first := b.create()
	b.pay(first)
	b.mature(b.find(8, share("alice", 1)))
	given := b.create()
	b.ok(b.CancelUnsigned(t.Context(), given.ID, "its wallet was away"))
	b.mature(b.find(9, share("alice", 1), share("bob", 1)))
	second := b.create()
	b.pay(second)

	e, all := b.explain(second.ID, "alice")
	if e.Previous != first.ID || e.Since.IsZero() || e.Opening != 0 || e.Rest != 0 || e.Income() != e.Payout.Outputs[0].Amount {
		t.Errorf("got %+v, want everything since payout %d", e, first.ID)
	}
	var heights []int64
	for _, i := range all {
		if i.Cause == ledger.Matures {
			heights = append(heights, i.Block.Height)
		}
	}
	if len(all) != 4 || fmt.Sprint(heights) != "[8 9]" {
		t.Errorf("got blocks %v in %+v, want 8 and 9, and the payout that was given up, both ways", heights, all)
	}
	e, all = b.explain(first.ID, "bob")
	if e.Previous != 0 || len(all) != 1 || all[0].Amount != e.Payout.Outputs[0].Amount || e.Payout.Outputs[0].Net != all[0].Amount-100 {
		t.Errorf("got %+v, %+v", e, all)
	}
	for account, id := range map[string]int64{"carol": first.ID, "bob": given.ID, "alice": 99} {
		_, err := b.Explain(t.Context(), id, account)
		wantError(t, err, ledger.ErrNotFound)
	}
}

// What comes between the decision about whom to pay and the payout itself is left for
// the next one, and both are explained so.
func TestRestIsLeftForTheNextPayout(t *testing.T) {
	b := newBook(t)
	b.mature(b.find(7, share("alice", 1)))
	late := b.find(8, share("alice", 1))
	first, err := b.CreatePayout(t.Context(), pool, 0, func(string) (string, error) { b.mature(late); return "addr", nil })
	b.ok(err)
	b.pay(first)
	second := b.create()
	e, _ := b.explain(first.ID, "alice")
	next, all := b.explain(second.ID, "alice")
	if e.Rest == 0 || e.Rest != next.Opening || len(all) != 0 || next.Opening != second.Outputs[0].Amount {
		t.Errorf("the first left %d; the second began with %d and %v", e.Rest, next.Opening, all)
	}
}

func TestCreditsTellEachBlockOnce(t *testing.T) {
	b := newBook(t)
	ctx := t.Context()
	for height := int64(1); height <= 7; height++ {
		block := b.find(height, share("alice", 1))
		b.accept(block)
		if height == 3 { // gone and back
			b.ok(b.OrphanBlock(ctx, block.ID, "a test"))
			b.ok(b.RestoreBlock(ctx, block.ID))
			b.accept(block)
		}
		if height == 5 {
			b.ok(b.OrphanBlock(ctx, block.ID, "a test"))
		}
	}
	var heights []int64
	for before := int64(0); ; {
		some, err := b.Credits(ctx, pool, "alice", before, 2)
		b.ok(err)
		if len(some) == 0 {
			break
		}
		for _, i := range some {
			heights = append(heights, i.Block.Height)
			if want := (i.Block.Height == 5); (i.Block.Status == ledger.Orphaned) != want || i.Undone != want {
				t.Errorf("block %d is %s, undone: %v", i.Block.Height, i.Block.Status, i.Undone)
			}
		}
		before = some[len(some)-1].ID
	}
	if got := fmt.Sprint(heights); got != "[7 6 5 4 3 2 1]" {
		t.Errorf("got blocks %s", got)
	}
	if none, err := b.Credits(ctx, "dogecoin", "alice", 0, 5); len(none) != 0 || err != nil {
		t.Errorf("of another pool: got %v, %v", none, err)
	}
}

// A payout that is given up after the next one began does not change what is said of it.
func TestWhatIsExplainedStaysSo(t *testing.T) {
	b := newBook(t)
	b.mature(b.find(7, share("alice", 1)))
	first := b.create()
	b.ok(b.sign(first, "tx1"))
	b.mature(b.find(8, share("alice", 1)))
	second := b.create()
	b.ok(b.Halt(t.Context(), pool, "tx1 conflicts"))
	b.ok(b.AbandonPayout(t.Context(), first.ID, "its inputs are gone"))
	b.ok(b.Resume(t.Context(), pool))
	if e, all := b.explain(second.ID, "alice"); e.Previous != first.ID || len(all) != 1 {
		t.Errorf("got %+v, %+v, want block 8 alone", e, all)
	}
	b.ok(b.sign(second, "tx2"))
	third := b.create()
	if e, all := b.explain(third.ID, "alice"); e.Previous != second.ID || len(all) != 1 || all[0].Cause != ledger.Abandoned || all[0].Payout != first.ID {
		t.Errorf("got %+v, %+v, want what payout %d gave back", e, all, first.ID)
	}
}

// A payout that was given up and turns out to be in the chain took its money twice.
func TestAdoptedPayoutsAreExplained(t *testing.T) {
	b := newBook(t)
	ctx := t.Context()
	b.mature(b.find(7, share("alice", 1)))
	given := b.create()
	b.ok(b.sign(given, "tx1"))
	b.ok(b.Halt(ctx, pool, "tx1 conflicts"))
	b.ok(b.AbandonPayout(ctx, given.ID, "its inputs are gone"))
	_, short, err := b.AdoptPayout(ctx, pool, ledger.Adoption{TxID: "tx1", At: start})
	if err != nil || len(short) > 0 {
		t.Fatalf("got %v, %v", short, err)
	}
	b.mature(b.find(8, share("alice", 1)))
	has := b.account("alice").Balance
	id, short, err := b.AdoptPayout(ctx, pool, ledger.Adoption{TxID: "tx2", At: start,
		Outputs: []ledger.PayoutOutput{{Account: "alice", Address: "addr", Amount: has + 300, Net: has + 200}}})
	if err != nil || short["alice"] != 300 {
		t.Fatalf("got %v, %v", short, err)
	}
	e, all := b.explain(given.ID, "alice")
	if e.Previous != 0 || len(all) != 3 || e.Income() != given.Outputs[0].Amount {
		t.Errorf("got %+v, %+v, want the block, and what was set aside and given back", e, all)
	}
	e, all = b.explain(id, "alice")
	if e.Previous != given.ID || len(all) != 2 || all[1].Cause != ledger.Borne || all[1].Amount != 300 || e.Opening != 0 || e.Rest != 0 {
		t.Errorf("got %+v, %+v, want block 8 and the pool's loss", e, all)
	}
	arrived, err := b.AccountPayouts(ctx, pool, "alice", ledger.Confirmed, 0, 9)
	if err != nil || len(arrived) != 2 || arrived[1].ID != given.ID || arrived[1].Outputs[0].Net == 0 {
		t.Errorf("got %+v, %v, want both: they arrived", arrived, err)
	}
}

// A page that strangers may ask for reads no table from end to end.
func TestExplanationsScanNothing(t *testing.T) {
	ofSQLite(t) // PostgreSQL plans by what is in the tables
	newBook(t).scanNothing(ledger.ExplainingQueries)
}

// scanNothing demands that no query of these reads a table from end to end. queries
// says how many values each takes.
func (b *book) scanNothing(queries map[string]int) {
	b.t.Helper()
	db := b.raw()
	for query, values := range queries {
		rows, err := db.Query("EXPLAIN QUERY PLAN "+query, make([]any, values)...)
		b.ok(err)
		for rows.Next() {
			var id, parent, unused int
			var step string
			b.ok(rows.Scan(&id, &parent, &unused, &step))
			if strings.HasPrefix(step, "SCAN") && step != "SCAN CONSTANT ROW" {
				b.t.Errorf("%s in\n%s", step, query)
			}
		}
		b.ok(rows.Err())
	}
}

// The numbers that are told are those that the split used: who puts them into the
// formula comes to the amount.
func TestCreditsAreWhatTheirNumbersSay(t *testing.T) {
	b := newBook(t)
	random := rand.New(rand.NewPCG(6, 5))
	recipients := []ledger.Recipient{{Account: "alice", PPM: 12_345}, {Account: "operator", PPM: 1}}
	for height := int64(1); height <= 20; height++ {
		terms := &ledger.Terms{Scheme: ledger.PROP, FeePPM: random.Int64N(50_000), Recipients: recipients}
		var shares []ledger.Share
		for range 1 + random.IntN(9) {
			s := share([]string{"alice", "bob", "carol"}[random.IntN(3)], float64(1+random.IntN(1<<20))/64) // sums of these are exact
			s.Terms = terms
			shares = append(shares, s)
		}
		block := b.find(height, shares...)
		weights := b.weights(block.ID)
		credits, fee, dust := payouts.Split(block.Reward, terms.FeePPM, recipients, weights)
		credits = append(credits, ledger.Credit{Account: ledger.FeeAccount, Amount: fee}, ledger.Credit{Account: ledger.DustAccount, Amount: dust})
		b.ok(b.SetBlockAccepted(t.Context(), block.ID, ledger.Acceptance{Confirmations: 1, Reward: block.Reward, Weights: weights, Credits: credits}))
	}
	told := 0
	for _, account := range []string{"alice", "bob", "carol", "operator"} {
		all, err := b.Credits(t.Context(), pool, account, 0, 100)
		b.ok(err)
		for _, i := range all {
			part := new(big.Rat).SetFloat64(i.Block.Difficulty)
			part.Mul(part, new(big.Rat).SetInt64(int64(i.Block.Net()))).Quo(part, new(big.Rat).SetFloat64(i.Block.AllDifficulty))
			whole := new(big.Int).Quo(part.Num(), part.Denom()).Int64()
			if want := coin.Amount(whole) + i.Block.OwnPart; !i.Block.Kept || i.Amount != want {
				t.Errorf("block %d to %s: got %d, its numbers say %d: %+v", i.Block.Height, account, i.Amount, want, i.Block)
			}
			told++
		}
	}
	if told < 50 {
		t.Errorf("only %d credits", told)
	}
}

func TestBoughtSharesAreExplained(t *testing.T) {
	b := newBook(t)
	terms := &ledger.Terms{Scheme: ledger.PPS, FeePPM: 20_000, ReserveLimit: 1_00000000}
	for n := range 3 { // slices of time
		for range 4 {
			s := share("alice", 2.5)
			s.Time, s.Price, s.Terms = start.Add(time.Duration(n)*10*time.Minute), 1000.33, terms
			b.apply(s)
		}
	}
	b.ok(b.BookPurchases(t.Context(), pool))
	all, err := b.Credits(t.Context(), pool, "alice", 0, 100)
	b.ok(err)
	if len(all) != 3 {
		t.Fatalf("got %d purchases, want 3", len(all))
	}
	for n, i := range all {
		p := i.Purchase
		if p.Shares != 4 || p.Difficulty != 10 || !p.Start.Equal(start.Add(time.Duration(2-n)*10*time.Minute)) || p.End.Sub(p.Start) != 10*time.Minute ||
			math.Abs(p.Price()-1000.33*0.98) > 1e-6 || i.Amount != coin.Amount(math.Floor(p.Carried+p.Worth)) || (p.Carried == 0) != (n == 2) {
			t.Errorf("got %+v", i)
		}
	}
	p := b.create()
	if e, lines := b.explain(p.ID, "alice"); e.Income() != p.Outputs[0].Amount || len(lines) != 3 {
		t.Errorf("got %+v", e)
	}
}
