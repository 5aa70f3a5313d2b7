package admin

import (
	"context"
	"errors"
	"regexp"
	"slices"

	"github.com/adit-mining/adit/pool-server/ledger"
)

// A Prospect is what an order is about, and so what it would do.
type Prospect struct {
	Halt    string // what payouts are halted at; empty: they go on
	Totals  ledger.PoolTotals
	Open    []ledger.Payout       // all open payouts of the pool
	Payout  ledger.Payout         // of Abandon
	Block   ledger.Block          // of Settle
	Account ledger.AccountSummary // of Hold, Release
	Known   ledger.TxRecord       // of Adopt, Ignore: what the book knows of the transaction
}

// Foresee says what an order would do, and refuses one that does not fit the state.
// Nothing is done.
func Foresee(ctx context.Context, book Book, o Order) (p Prospect, err error) {
	if err := p.foreseeHalt(ctx, book, o); err != nil {
		return p, err
	}
	if p.Totals, err = book.PoolTotals(ctx, o.Pool); err != nil {
		return p, err
	}
	if p.Open, err = book.OpenPayouts(ctx, o.Pool); err != nil {
		return p, err
	}
	switch o.Action {
	case Resume, Pay:
	case Abandon:
		p.Payout, err = foreseeAbandon(ctx, book, o)
	case Settle:
		p.Block, err = foreseeSettle(ctx, book, o)
	case Adopt, Ignore:
		p.Known, err = foreseeSend(ctx, book, o)
	case Hold, Release:
		p.Account, err = foreseeHold(ctx, book, o)
	default:
		err = refused("no such action: %q", o.Action)
	}
	return p, err
}

// foreseeHalt refuses what is for halted payouts while they go on, and the other way round.
func (p *Prospect) foreseeHalt(ctx context.Context, book Book, o Order) error {
	reason, halted, err := book.Halted(ctx, o.Pool)
	if err != nil {
		return err
	}
	p.Halt = reason
	mends := slices.Contains([]Action{Resume, Abandon, Settle, Adopt}, o.Action)
	switch {
	case mends && !halted:
		return refused("payouts of %s are not halted: there is nothing to mend", o.Pool)
	case mends && o.About != "" && o.About != markOf(reason):
		return refused("payouts of %s are halted at something else by now: look again", o.Pool)
	case o.Action == Pay && halted:
		return refused("payouts of %s are halted: %s", o.Pool, reason)
	}
	return nil
}

func foreseeAbandon(ctx context.Context, book Book, o Order) (ledger.Payout, error) {
	p, err := book.Payout(ctx, o.Payout)
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		return p, refused("%w", err)
	case err != nil:
		return p, err
	case p.Pool != o.Pool:
		return p, refused("payout %d is of %s", o.Payout, p.Pool)
	case p.Status == ledger.Intent:
		return p, refused("payout %d is not signed: nobody has seen it, and the server gives it up by itself", o.Payout)
	case !canAbandon(p):
		return p, refused("payout %d is %s", o.Payout, p.Status)
	}
	return p, nil
}

func canAbandon(p ledger.Payout) bool { return p.Status == ledger.Signed || p.Status == ledger.Sent }

func foreseeSettle(ctx context.Context, book Book, o Order) (ledger.Block, error) {
	blocks, err := book.UnsettledBlocks(ctx, o.Pool)
	if err != nil {
		return ledger.Block{}, err
	}
	at := slices.IndexFunc(blocks, func(b ledger.Block) bool { return b.ID == o.Block })
	if at < 0 {
		return ledger.Block{}, refused("%s has no block %d that is still looked at", o.Pool, o.Block)
	}
	return blocks[at], nil
}

// txids finds transaction ids in a text.
var txids = regexp.MustCompile(`\b[0-9a-f]{64}\b`)

func foreseeSend(ctx context.Context, book Book, o Order) (ledger.TxRecord, error) {
	if len(o.TxID) != 64 || !txids.MatchString(o.TxID) {
		return ledger.TxRecord{}, refused("%q is no transaction's id: want 64 hex digits", o.TxID)
	}
	known, err := book.Transaction(ctx, o.Pool, o.TxID)
	switch {
	case err != nil:
		return known, err
	case known.Paid:
		return known, refused("transaction %s is booked as payout %d", o.TxID, known.Payout)
	case known.Noted && o.Action == Ignore:
		return known, refused("transaction %s is noted as no payout already", o.TxID)
	case known.Payout != 0 && known.Status != ledger.Cancelled:
		return known, refused("transaction %s is payout %d, which is %s", o.TxID, known.Payout, known.Status)
	}
	return known, nil
}

func foreseeHold(ctx context.Context, book Book, o Order) (ledger.AccountSummary, error) {
	s, err := book.AccountSummary(ctx, o.Pool, o.Account)
	if err != nil {
		return s, err
	}
	holds, err := book.Holds(ctx, o.Pool)
	if err != nil {
		return s, err
	}
	held := slices.ContainsFunc(holds, func(h ledger.Hold) bool { return h.ByOperator && h.Account == o.Account })
	switch {
	case o.Action == Release && !held:
		return s, refused("account %q is not held", o.Account)
	case o.Action == Hold && s.Shares == 0 && s.Immature+s.Balance+s.Paying+s.Paid == 0:
		return s, refused("%s knows no account %q", o.Pool, o.Account)
	}
	return s, nil
}
