package payouts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
)

var (
	// errDoubt ends a pass in which payouts were halted; it is no error of the pass.
	errDoubt = errors.New("payouts are halted")
	// errGivenUp says that a payout was given up before it was signed, so that what it
	// was to pay can be planned otherwise.
	errGivenUp = errors.New("planned otherwise")
)

// pay carries the open payouts on, and makes others if begin allows and it is time.
func (k *Keeper) pay(ctx context.Context, begin bool) error {
	_, err := k.carryAndRun(ctx, func() (*demand, error) {
		if !begin || k.c.PaymentsOff {
			return nil, nil
		}
		ripe, err := k.ripe(ctx)
		if err != nil || !ripe {
			return nil, err
		}
		return &demand{Demand: ledger.Demand{Minimum: k.c.Minimum}}, nil
	})
	return err
}

// carryAndRun carries the open payouts on, and then makes those that are asked for.
func (k *Keeper) carryAndRun(ctx context.Context, ask func() (*demand, error)) ([]ledger.Payout, error) {
	k.now.released, k.now.reconciled, k.now.doubt = false, false, false
	_, halted, err := k.c.Ledger.Halted(ctx, k.c.Pool)
	if err != nil {
		return nil, err
	}
	open, err := k.c.Ledger.OpenPayouts(ctx, k.c.Pool)
	if err != nil {
		return nil, fmt.Errorf("list payouts: %w", err)
	}
	if halted {
		k.reconciled = false // what a person did meanwhile is looked at as after a start
		return nil, k.observe(ctx, open)
	}
	if len(open) > 0 || !k.c.PaymentsOff { // a pool that pays nobody may have no wallet
		if err := k.firstReconcile(ctx); err != nil {
			return nil, errors.Join(doubtless(err), k.observe(ctx, open))
		}
	}
	if err := k.rewatch(ctx); err != nil || k.now.doubt {
		return nil, err
	}
	unsigned, err := k.carryAll(ctx, open)
	if unsigned || k.now.doubt {
		return nil, err
	}
	d, askErr := ask()
	if err = errors.Join(err, askErr); askErr != nil || d == nil {
		return nil, err
	}
	made, runErr := k.run(ctx, *d)
	return made, errors.Join(err, doubtless(runErr))
}

// doubtless makes nothing of errDoubt: that payouts are halted is told elsewhere.
func doubtless(err error) error {
	if errors.Is(err, errDoubt) {
		return nil
	}
	return err
}

// carryAll takes the open payouts as far as they go now. What keeps one does not
// keep the others. unsigned means that one still waits to be signed.
func (k *Keeper) carryAll(ctx context.Context, open []ledger.Payout) (unsigned bool, _ error) {
	var errs []error
	for _, p := range open {
		if k.stale(p) {
			errs = append(errs, k.giveUp(ctx, p, "could not be signed in time"))
			continue
		}
		err := k.carry(ctx, p)
		if k.now.doubt {
			return unsigned, errors.Join(append(errs, doubtless(err))...)
		}
		if errors.Is(err, errGivenUp) {
			k.unfinished = true
		} else if err != nil && p.Status == ledger.Intent {
			unsigned = true
		}
		errs = append(errs, err)
	}
	return unsigned, errors.Join(errs...)
}

// stale reports whether an intent could not be signed for so long that it is
// better planned anew: with other balances, addresses and another fee.
func (k *Keeper) stale(p ledger.Payout) bool {
	return p.Status == ledger.Intent && time.Since(p.Created) > k.c.PayoutInterval
}

// giveUp cancels an intent; its money is in the balances again.
func (k *Keeper) giveUp(ctx context.Context, p ledger.Payout, reason string) error {
	if err := k.c.Ledger.CancelUnsigned(ctx, p.ID, reason); err != nil {
		return err
	}
	k.log.Warn("payout cancelled", "payout", p.ID, "reason", reason)
	return nil
}

// observe books payouts whose transactions are in the chain, while nothing may be
// sent. That needs nobody's decision; everything else waits for one.
func (k *Keeper) observe(ctx context.Context, open []ledger.Payout) error {
	var errs []error
	for _, p := range open {
		if p.TxID == "" {
			continue
		}
		status, err := k.c.Wallet.TxStatus(ctx, p.TxID)
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("look for payout %d: %w", p.ID, err))
		case status.Confirmations >= k.c.Confirmations:
			errs = append(errs, k.c.Ledger.SetConfirmed(ctx, p.ID))
		}
	}
	return errors.Join(errs...)
}

// carry takes an open payout as far as it goes now. What was done before is not
// done again, but for sending, which may be.
func (k *Keeper) carry(ctx context.Context, p ledger.Payout) error {
	switch p.Status {
	case ledger.Intent:
		if err := k.sign(ctx, &p); err != nil {
			return k.unsigned(ctx, p, err)
		}
		return k.send(ctx, p) // its confirmations are for a later pass
	case ledger.Signed:
		return k.send(ctx, p)
	}
	return k.confirm(ctx, p)
}

// unsigned decides what becomes of an intent that could not be signed: it is given
// up if it can never be, so that it does not hold up the others, and waits otherwise.
func (k *Keeper) unsigned(ctx context.Context, p ledger.Payout, cause error) error {
	reason := ""
	switch {
	case errors.Is(cause, node.ErrTooSmall):
		reason = "its smallest amount is less than what sending it costs"
		k.raiseFloor(p, cause)
	case errors.Is(cause, node.ErrTooLarge):
		reason = "its transaction would be too large"
	case affordable(p, cause) > 0:
		reason = "the wallet has coins for a part of it only"
	default:
		return fmt.Errorf("sign payout %d: %w", p.ID, cause)
	}
	if err := k.giveUp(ctx, p, reason); err != nil {
		return err
	}
	return fmt.Errorf("payout %d: %w: %w", p.ID, errGivenUp, cause)
}

// cancelIntent gives up the payout that is not signed, if there is one.
func (k *Keeper) cancelIntent(ctx context.Context, reason string) error {
	open, err := k.c.Ledger.OpenPayouts(ctx, k.c.Pool)
	if err != nil {
		return err
	}
	for _, p := range open {
		if p.Status == ledger.Intent {
			return k.c.Ledger.CancelUnsigned(ctx, p.ID, reason)
		}
	}
	return nil
}

// halt stops the pool's payouts until a person has looked.
func (k *Keeper) halt(ctx context.Context, reason string) error {
	if err := k.c.Ledger.Halt(ctx, k.c.Pool, reason); err != nil {
		return fmt.Errorf("halt payouts (%s): %w", reason, err) // the next pass comes to the same doubt
	}
	k.now.doubt = true
	return nil
}
