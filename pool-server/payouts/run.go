package payouts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/wallet/coin"
)

const (
	// runFor bounds how long payouts are made in one pass: blocks wait to be looked at.
	runFor = time.Minute
	// maxValid bounds the addresses that are remembered as good.
	maxValid = 200_000
)

// A demand is who is to be paid now.
type demand struct {
	ledger.Demand
	byHand bool // a person asks for it; the schedule stays as it is
}

// A run is what is left to pay of all that was due when it began.
type run struct {
	due   []ledger.PayoutOutput // the largest first
	limit limits
	bad   map[string]string // accounts that cannot be paid, and why
}

// limits bound one payout.
type limits struct {
	accounts int
	total    coin.Amount // 0: any
	split    bool        // an account that has more than total gets a part of it now
}

// run makes payouts until all are paid that d asks for, the wallet has no more
// coins, or it takes too long. A scheduled run that has not paid all is unfinished:
// the next pass goes on.
func (k *Keeper) run(ctx context.Context, d demand) (made []ledger.Payout, err error) {
	due, err := k.c.Ledger.Due(ctx, k.c.Pool, d.Demand)
	if err != nil {
		return nil, err
	}
	if len(due) > 0 {
		if err := k.reconcile(ctx); err != nil {
			return nil, err
		}
	}
	r := &run{due: due, limit: limits{accounts: k.c.MaxAccounts}, bad: map[string]string{}}
	for until := time.Now().Add(runFor); ; {
		r.drop(k.floor)
		outputs, err := k.next(ctx, r)
		if err = errors.Join(err, k.c.Ledger.NoteUnpayable(ctx, k.c.Pool, r.bad)); err != nil {
			return made, err
		}
		if len(outputs) == 0 {
			return made, k.finish(ctx, d, len(made) > 0)
		}
		p, err := k.begin(ctx, d, outputs)
		switch {
		case err == nil:
			made = append(made, p)
		case errors.Is(err, errGivenUp) && r.replan(outputs, err):
		default:
			return made, err
		}
		if !d.byHand && time.Now().After(until) {
			k.Kick()
			return made, nil
		}
	}
}

// begin makes one payout and carries it as far as it goes.
func (k *Keeper) begin(ctx context.Context, d demand, outputs []ledger.PayoutOutput) (ledger.Payout, error) {
	p, err := k.c.Ledger.BeginPayout(ctx, k.c.Pool, outputs)
	if err != nil {
		return p, err
	}
	// A crash here leaves an intent, which the next pass carries on.
	if !d.byHand {
		k.unfinished = true
		k.due = time.Now().Add(k.c.PayoutInterval)
	}
	k.log.Info("payout begun", "payout", p.ID, "accounts", len(p.Outputs), "total", p.Total(), "by_hand", d.byHand)
	return p, k.carry(ctx, p)
}

// finish notes that all who were due are paid.
func (k *Keeper) finish(ctx context.Context, d demand, some bool) error {
	if d.byHand {
		return nil
	}
	k.unfinished = false
	if some {
		k.floor /= 2 // fees may be lower by the next run
	}
	return k.scheduleDone(ctx)
}

// drop leaves those out who have less than floor.
func (r *run) drop(floor coin.Amount) {
	for len(r.due) > 0 && r.due[len(r.due)-1].Amount < floor {
		r.due = r.due[:len(r.due)-1]
	}
}

// next takes the accounts of the next payout off r: in their order, as far as they
// fit. Who cannot be paid is left out, and written down in r.bad.
func (k *Keeper) next(ctx context.Context, r *run) (outputs []ledger.PayoutOutput, err error) {
	left := r.due[:0:0]
	var total coin.Amount
	for i, placed := 0, 0; i < len(r.due); i++ {
		if len(outputs) == r.limit.accounts {
			left = append(left, r.due[i:]...)
			break
		}
		if i == placed { // so many at once as a payout may have
			placed = min(len(r.due), i+k.c.MaxAccounts)
			if err := k.place(ctx, r.due[i:placed], r.bad); err != nil {
				return nil, err
			}
		}
		o := r.due[i]
		if r.limit.total > 0 && total+o.Amount > r.limit.total {
			if !r.limit.split || len(outputs) > 0 {
				left = append(left, o)
				continue
			}
			o.Amount = r.limit.total // the rest stays in its balance, and comes with the next run
		}
		good, err := k.payable(ctx, o, r.bad)
		if err != nil {
			return nil, err
		}
		if good {
			outputs = append(outputs, o)
			total += o.Amount
		}
	}
	r.due = left
	return outputs, nil
}

// place fills in where the accounts of due are paid. Why one cannot be is written
// down in bad, and its address is empty.
func (k *Keeper) place(ctx context.Context, due []ledger.PayoutOutput, bad map[string]string) error {
	names := make([]string, len(due))
	for i, o := range due {
		names[i] = o.Account
	}
	places, err := k.c.AddressOf(ctx, names)
	if err != nil {
		return fmt.Errorf("where accounts are paid: %w: %w", ledger.ErrNotNow, err)
	}
	for i, to := range places {
		due[i].Address = to.Address
		switch {
		case to.Err != nil:
			due[i].Address, bad[names[i]] = "", to.Err.Error()
		case to.Address == "":
			bad[names[i]] = "it has no address"
		}
	}
	return nil
}

// payable reports whether the coin's own daemon can pay o. If not, why is written down
// in bad. A daemon takes its time, so it is asked once for an address that is good, and
// only when it is to be paid.
func (k *Keeper) payable(ctx context.Context, o ledger.PayoutOutput, bad map[string]string) (bool, error) {
	if o.Address == "" || k.valid[o.Address] {
		return o.Address != "", nil
	}
	err := k.refusal(ctx, o.Address)
	switch {
	case errors.Is(err, ledger.ErrNotNow):
		return false, fmt.Errorf("address of %s: %w", o.Account, err)
	case err != nil:
		bad[o.Account] = err.Error()
		return false, nil
	}
	if len(k.valid) >= maxValid {
		k.valid = map[string]bool{}
	}
	k.valid[o.Address] = true
	return true, nil
}

// replan puts the accounts of a payout that was given up back, to be paid by smaller
// ones. It returns false if there are none.
func (r *run) replan(outputs []ledger.PayoutOutput, cause error) bool {
	r.due = slices.SortedStableFunc(slices.Values(append(slices.Clone(outputs), r.due...)), func(a, b ledger.PayoutOutput) int { return cmp.Compare(b.Amount, a.Amount) })
	var total coin.Amount
	for _, o := range outputs {
		total += o.Amount
	}
	var large *node.TooLargeError
	var funds *node.FundsError
	switch {
	case errors.As(cause, &funds):
		r.limit.total = funds.Spendable
	case errors.As(cause, &large) && large.Amount > 0 && large.Amount < total:
		r.limit.total, r.limit.split = large.Amount, large.Receivers == 0
		r.limit.accounts = cmp.Or(large.Receivers, 1)
	case errors.Is(cause, node.ErrTooLarge) && len(outputs) > 1:
		r.limit.accounts = len(outputs) / 2
	case errors.Is(cause, node.ErrTooLarge):
		return false
	}
	return true // what is too small was dropped
}

// affordable is how much of p's total the wallet has coins for, as far as its refusal
// tells; 0: for none that would do.
func affordable(p ledger.Payout, refusal error) coin.Amount {
	var funds *node.FundsError
	if !errors.As(refusal, &funds) || funds.Spendable < smallest(p) || funds.Spendable >= p.Total() {
		return 0
	}
	return funds.Spendable
}

func smallest(p ledger.Payout) coin.Amount {
	least := p.Outputs[0].Amount
	for _, o := range p.Outputs {
		least = min(least, o.Amount)
	}
	return least
}

// raiseFloor makes payouts leave out amounts like the smallest of p, which is less
// than its part of the fee.
func (k *Keeper) raiseFloor(p ledger.Payout, refusal error) {
	const raise = 4
	floor := raise * smallest(p)
	var small *node.TooSmallError
	if errors.As(refusal, &small) {
		floor = max(small.Least, smallest(p)+1)
	}
	k.floor = max(k.floor, floor)
}

// refusal is why the coin's daemon cannot pay to an address; nil if it can.
func (k *Keeper) refusal(ctx context.Context, address string) error {
	info, err := k.c.Wallet.ValidateAddress(ctx, address)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ledger.ErrNotNow, err)
	case !info.Valid:
		return fmt.Errorf("the coin's daemon does not know %s as an address", address)
	case info.MWEB:
		return fmt.Errorf("%s is a confidential address, which a payment to several cannot reach", address)
	}
	return nil
}
