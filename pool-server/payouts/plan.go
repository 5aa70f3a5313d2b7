package payouts

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/wallet/coin"
)

// A Plan is what a run would do now. Making it changes nothing.
type Plan struct {
	Pool     string
	Halted   string          // why nothing is paid until a person has looked; empty: it is
	Doubts   []string        // payments of the wallet to the pool's accounts that the ledger does not know: they would halt it
	Open     []ledger.Payout // carried on first, oldest first
	Batches  []Batch         // the payouts that would be made, in this order
	Waiting  []Waiting       // who has something to get and is not paid, and why
	Holdings node.Holdings   // of the wallet
	FeeRate  coin.Amount     // for each 1000 virtual bytes
	NextRun  time.Time       // by the schedule; zero: as soon as somebody is due
}

// A Batch is a payout that would be made.
type Batch struct {
	Outputs []ledger.PayoutOutput // the largest first
	Total   coin.Amount
	Fee     coin.Amount // about: how many coins the wallet has to spend for it is not known
	Budget  coin.Amount // above it the payout would wait
	// Short is what the wallet's confirmed coins lack for it, after those before; the
	// payout would wait for the next blocks.
	Short coin.Amount
}

// Reasons why an account is not paid.
const (
	WaitsForMinimum  = "below minimum"
	WaitsForMaturity = "not mature yet"
	WaitsHeld        = "held"
	WaitsForAddress  = "bad address"
)

// A Waiting is an account that has something to get, and is not paid.
type Waiting struct {
	Account           string
	Balance, Immature coin.Amount
	Reason            string // one of those above
	Text              string // the same in a sentence
}

// A PlanFor asks for a plan.
type PlanFor struct {
	Account string      // of this account alone, whatever its minimum; empty: all that are due
	Minimum coin.Amount // instead of the pool's; 0: the pool's
}

// Plan says what a run would do now, and why it would not pay the others. It asks the
// ledger, and the wallet for its coins and the fee. Addresses the coin's daemon is asked
// for when they are to be paid, and here only those that it has refused before.
func (k *Keeper) Plan(ctx context.Context, f PlanFor) (Plan, error) {
	p := Plan{Pool: k.c.Pool, NextRun: k.Status().NextPayout}
	if len(k.c.At) > 0 {
		p.NextRun = k.nextRun(time.Now())
	}
	f.Minimum = max(f.Minimum, 0)
	if f.Minimum == 0 {
		f.Minimum = k.c.Minimum
	}
	if err := k.standing(ctx, &p); err != nil {
		return p, err
	}
	claims, err := k.c.Ledger.Claims(ctx, k.c.Pool)
	if err != nil {
		return p, err
	}
	due, err := k.c.Ledger.Due(ctx, k.c.Pool, ledger.Demand{Minimum: f.Minimum, Account: f.Account})
	if err != nil {
		return p, err
	}
	bad, err := k.addresses(ctx, due, claims)
	if err != nil {
		return p, err
	}
	p.wait(f, due, claims, bad)
	due = slices.DeleteFunc(due, func(o ledger.PayoutOutput) bool { return o.Address == "" })
	for outputs := range slices.Chunk(due, k.c.MaxAccounts) {
		p.Batches = append(p.Batches, k.batch(outputs, p.FeeRate))
	}
	p.spread()
	return p, nil
}

// standing fills in what does not depend on who is due.
func (k *Keeper) standing(ctx context.Context, p *Plan) (err error) {
	var halted bool
	if p.Halted, halted, err = k.c.Ledger.Halted(ctx, k.c.Pool); err != nil {
		return err
	}
	if halted && p.Halted == "" {
		p.Halted = "no reason was given"
	}
	if p.Open, err = k.c.Ledger.OpenPayouts(ctx, k.c.Pool); err != nil {
		return fmt.Errorf("list payouts: %w", err)
	}
	l, err := k.look(ctx)
	if err != nil {
		return err
	}
	p.Doubts = l.doubts
	if p.Holdings, err = k.c.Wallet.Holdings(ctx); err != nil {
		return fmt.Errorf("ask the wallet what it has: %w", err)
	}
	p.FeeRate = k.c.FeeRate
	if p.FeeRate > 0 {
		return nil
	}
	estimate, relay, err := k.c.Wallet.FeeRates(ctx)
	if err != nil {
		return fmt.Errorf("ask the daemon for the fee: %w", err)
	}
	const young = 10 // a chain without estimates pays so many times the least, as node does
	if p.FeeRate = estimate; estimate == 0 {
		p.FeeRate = young * relay
	}
	return nil
}

// addresses fills in the addresses of due, and returns why some have none.
func (k *Keeper) addresses(ctx context.Context, due []ledger.PayoutOutput, claims []ledger.Claim) (bad map[string]string, err error) {
	refused := map[string]bool{}
	for _, c := range claims {
		refused[c.Account] = c.Bad != ""
	}
	bad = map[string]string{}
	if err := k.place(ctx, due, bad); err != nil {
		return nil, err
	}
	for i := range due {
		o := &due[i]
		if o.Address == "" || !refused[o.Account] {
			continue
		}
		err := k.refusal(ctx, o.Address)
		if errors.Is(err, ledger.ErrNotNow) {
			return nil, fmt.Errorf("address of %s: %w", o.Account, err)
		}
		if err != nil {
			o.Address, bad[o.Account] = "", err.Error()
		}
	}
	return bad, nil
}

// wait lists who is not paid, those with the most to get first.
func (p *Plan) wait(f PlanFor, due []ledger.PayoutOutput, claims []ledger.Claim, bad map[string]string) {
	paid := make(map[string]bool, len(due))
	for _, o := range due {
		paid[o.Account] = o.Address != ""
	}
	for _, c := range claims {
		if paid[c.Account] || f.Account != "" && c.Account != f.Account {
			continue
		}
		w := Waiting{Account: c.Account, Balance: c.Balance, Immature: c.Immature}
		switch why, isBad := bad[c.Account]; {
		case c.Held != "":
			w.Reason, w.Text = WaitsHeld, "held by the operator: "+c.Held
		case isBad:
			w.Reason, w.Text = WaitsForAddress, why
		case c.Balance == 0:
			w.Reason, w.Text = WaitsForMaturity, "its blocks have not matured yet"
		case c.Minimum > f.Minimum:
			w.Reason, w.Text = WaitsForMinimum, fmt.Sprintf("below its own minimum of %v", c.Minimum)
		default:
			w.Reason, w.Text = WaitsForMinimum, fmt.Sprintf("below the minimum of %v", f.Minimum)
		}
		p.Waiting = append(p.Waiting, w)
	}
}

// Sizes in virtual bytes, of the kinds of inputs and outputs that take the most.
const (
	sizeOfRest   = 12
	sizeOfInput  = 148
	sizeOfOutput = 34
)

// batch says what a payout of outputs would cost: with one coin spent and change, for
// how many it takes is the wallet's business.
func (k *Keeper) batch(outputs []ledger.PayoutOutput, rate coin.Amount) Batch {
	b := Batch{Outputs: outputs}
	for _, o := range outputs {
		b.Total += o.Amount
	}
	size := int64(sizeOfRest + sizeOfInput + sizeOfOutput*(len(outputs)+1))
	b.Fee = part(rate, big.NewInt(size), big.NewInt(1000))
	b.Budget = k.budget(b.Total)
	return b
}

// spread says for which payouts the wallet's coins do.
func (p *Plan) spread() {
	left := p.Holdings.Spendable
	for _, y := range p.Open {
		if y.Status == ledger.Intent {
			left -= y.Total()
		}
	}
	for i := range p.Batches {
		left -= p.Batches[i].Total
		p.Batches[i].Short = max(0, min(-left, p.Batches[i].Total))
	}
}
