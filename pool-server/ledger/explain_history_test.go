package ledger_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/wallet/coin"
)

// A history is a book to which random things happen, and what a reader of balances saw.
type history struct {
	*book
	random *rand.Rand
	height int64
	blocks []ledger.Block
	open   []*ledger.Payout                 // begun, and neither confirmed nor given up
	signed map[int64]bool                   // of these
	given  []*ledger.Payout                 // given up after they were signed
	made   map[int64]map[string]coin.Amount // by payout: what each account had before it took its money
	order  []int64                          // of payouts, as they took their money last
	said   map[string]int64                 // by payout and account: which payout its explanation began after
}

var historyNames = []string{"alice", "bob", "carol", "bad.dave"}

func TestEveryPayoutIsExplainedToTheUnit(t *testing.T) {
	explained := 0
	for seed := range seeds(4) {
		h := &history{book: newBook(t), random: rand.New(rand.NewPCG(seed, 6)), height: 100, signed: map[int64]bool{}, made: map[int64]map[string]coin.Amount{}, said: map[string]int64{}}
		for range 120 {
			h.happen()
		}
		explained += h.prove(seed)
	}
	if explained < 12*int(seeds(4)) {
		t.Errorf("only %d payouts were made and explained", explained)
	}
}

// happen lets one thing happen that can happen.
func (h *history) happen() {
	h.t.Helper()
	ctx := h.t.Context()
	switch h.random.IntN(10) {
	case 0, 1:
		h.height++
		var shares []ledger.Share
		for range 1 + h.random.IntN(4) {
			shares = append(shares, share(historyNames[h.random.IntN(4)], 1+h.random.Float64()))
		}
		h.blocks = append(h.blocks, h.find(h.height, shares...))
	case 2, 3:
		h.onBlock(func(block ledger.Block) {
			if h.status(block.ID) == ledger.Candidate {
				h.accept(block)
			}
			if err := h.MatureBlock(ctx, block.ID); err != nil && !errors.Is(err, ledger.ErrState) {
				h.t.Fatal(err)
			}
		})
	case 4:
		h.onBlock(func(block ledger.Block) {
			if err := h.OrphanBlock(ctx, block.ID, "a test"); err != nil && !errors.Is(err, ledger.ErrPaid) {
				h.t.Fatal(err)
			}
		})
	case 5:
		h.onBlock(func(block ledger.Block) { h.ok(h.RestoreBlock(ctx, block.ID)) })
	case 6, 7:
		h.begin()
	case 8:
		h.end()
	case 9:
		h.adopt()
	}
}

func (h *history) onBlock(do func(ledger.Block)) {
	if len(h.blocks) > 0 {
		do(h.blocks[h.random.IntN(len(h.blocks))])
	}
}

func (h *history) balances() map[string]coin.Amount {
	all := map[string]coin.Amount{}
	for _, name := range historyNames {
		all[name] = h.account(name).Balance
	}
	return all
}

// took notes that a payout has taken money from balances that were as in before.
func (h *history) took(id int64, before map[string]coin.Amount) {
	h.made[id] = before
	h.order = append(slices.DeleteFunc(h.order, func(other int64) bool { return other == id }), id)
	for name := range before {
		if e, err := h.Explain(h.t.Context(), id, name); err == nil {
			h.said[fmt.Sprint(id, name)] = e.Previous
		}
	}
}

// begin signs what is not signed yet, and begins a payout, of what there was before
// another block matured.
func (h *history) begin() {
	h.t.Helper()
	ctx := h.t.Context()
	for _, p := range h.open {
		if !h.signed[p.ID] {
			h.ok(h.sign(p, fmt.Sprint("tx", p.ID)))
			h.signed[p.ID] = true
		}
	}
	due, err := h.Due(ctx, pool, ledger.Demand{Minimum: coin.Amount(h.random.Int64N(2 * int64(blockReward)))})
	h.ok(err)
	due = slices.DeleteFunc(due, func(o ledger.PayoutOutput) bool { return o.Account == "bad.dave" || h.random.IntN(5) == 0 })
	if len(due) == 0 {
		return
	}
	for i := range due {
		due[i].Address = "addr"
	}
	h.onBlock(func(block ledger.Block) {
		if h.random.IntN(3) == 0 && h.status(block.ID) == ledger.Candidate {
			h.mature(block)
		}
	})
	before := h.balances()
	p, err := h.BeginPayout(ctx, pool, due)
	h.ok(err)
	h.took(p.ID, before)
	h.open = append(h.open, &p)
}

// end confirms a payout, or gives it up.
func (h *history) end() {
	h.t.Helper()
	if len(h.open) == 0 {
		return
	}
	n := h.random.IntN(len(h.open))
	p := h.open[n]
	h.open = slices.Delete(h.open, n, n+1)
	switch {
	case !h.signed[p.ID]:
		h.ok(h.CancelUnsigned(h.t.Context(), p.ID, "a test"))
	case h.random.IntN(2) == 0:
		h.halted(func() { h.ok(h.AbandonPayout(h.t.Context(), p.ID, "a test")) })
		h.given = append(h.given, p)
	default:
		h.ok(h.SetConfirmed(h.t.Context(), p.ID))
	}
}

func (h *history) halted(do func()) {
	h.ok(h.Halt(h.t.Context(), pool, "a test"))
	do()
	h.ok(h.Resume(h.t.Context(), pool))
}

// adopt books a payment that the book did not know, or one that it had given up.
func (h *history) adopt() {
	h.t.Helper()
	for i, p := range h.open {
		if !h.signed[p.ID] { // an adoption would do it
			h.ok(h.CancelUnsigned(h.t.Context(), p.ID, "a test"))
			h.open = slices.Delete(h.open, i, i+1)
			break
		}
	}
	before := h.balances()
	has := before["alice"]
	a := ledger.Adoption{TxID: fmt.Sprint("foreign", h.random.Int64()), At: start,
		Outputs: []ledger.PayoutOutput{{Account: "alice", Address: "addr", Amount: has/2 + 1000, Net: has/2 + 900}}}
	if len(h.given) > 0 {
		a = ledger.Adoption{TxID: fmt.Sprint("tx", h.given[0].ID), At: start}
		h.given = h.given[1:]
	}
	h.halted(func() {
		id, short, err := h.AdoptPayout(h.t.Context(), pool, a)
		h.ok(err)
		for name, missing := range short {
			before[name] += missing
		}
		h.took(id, before)
	})
}

// prove explains every payout to every account and returns how many there were.
func (h *history) prove(seed uint64) (explained int) {
	h.t.Helper()
	rests := map[string]map[int64]coin.Amount{}
	for _, name := range historyNames {
		rests[name] = map[int64]coin.Amount{}
	}
	for _, id := range h.order {
		for name, before := range h.made[id] {
			if _, err := h.Explain(h.t.Context(), id, name); errors.Is(err, ledger.ErrNotFound) {
				continue
			}
			e, all := h.explain(id, name)
			explained++
			var sum coin.Amount
			for _, i := range all {
				sum += i.Amount
			}
			gross := e.Payout.Outputs[0].Amount
			if sum != e.Income() || e.Opening+sum != gross+e.Rest || e.Opening+sum != before {
				h.t.Fatalf("seed %d: payout %d to %s of %d: began with %d, then came %d (movements: %d), %d were left; the balance had been %d",
					seed, id, name, gross, e.Opening, e.Income(), sum, e.Rest, before)
			}
			if said := h.said[fmt.Sprint(id, name)]; e.Previous != said {
				h.t.Fatalf("seed %d: payout %d to %s was explained from payout %d on, later from %d on", seed, id, name, said, e.Previous)
			}
			rests[name][id] = e.Rest
			if e.Opening != rests[name][e.Previous] {
				h.t.Fatalf("seed %d: payout %d to %s began with %d, payout %d left %d", seed, id, name, e.Opening, e.Previous, rests[name][e.Previous])
			}
		}
	}
	return explained
}
