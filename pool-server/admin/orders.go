package admin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/adit-mining/adit/pool-server/ledger"
)

// Action is what an operator can have done about payouts.
type Action string

// The actions. Resume, Abandon and Settle are for payouts that have halted.
const (
	Resume  Action = "resume"  // pay again
	Abandon Action = "abandon" // give a payout's money back to the balances: it can never be mined
	Settle  Action = "settle"  // a block is gone that miners were paid for: the pool bears it
)

// An Order is one action. The worst that comes of a wrong one: Resume, what the halt
// was to keep from happening; Abandon, that these accounts are paid twice; Settle, that
// the book holds a loss that is none. None sends money anywhere but to the accounts'
// own addresses.
type Order struct {
	Action Action
	Pool   string
	Payout int64 // Abandon
	Block  int64 // Settle
	Reason string
	// About is the mark of the halt that the operator has seen. If payouts are halted at
	// something else by now, the order is refused. Empty: whatever they are halted at.
	About string
}

// Hand carries orders out that fit the state. It refuses those that do not fit any more.
type Hand interface {
	Resume(ctx context.Context, pool string) error
	Abandon(ctx context.Context, payout int64, reason string) error
	Settle(ctx context.Context, block int64, reason string) error
}

// ErrRefused is returned for an order that does not fit the state of the pool.
var ErrRefused = errors.New("not done")

func refused(format string, args ...any) error {
	return fmt.Errorf("%w: %w", ErrRefused, fmt.Errorf(format, args...))
}

// A Prospect is what an order is about, and so what it would do.
type Prospect struct {
	Halt   string            // what payouts are halted at
	Totals ledger.PoolTotals // of the pool
	Open   []ledger.Payout   // all open payouts of the pool
	Payout ledger.Payout     // of Abandon
	Block  ledger.Block      // of Settle
}

// Foresee says what an order would do, and refuses one that does not fit the state.
// Nothing is done.
func Foresee(ctx context.Context, book Book, o Order) (p Prospect, err error) {
	var halted bool
	if p.Halt, halted, err = book.Halted(ctx, o.Pool); err != nil {
		return p, err
	}
	if !halted {
		return p, refused("payouts of %s are not halted: there is nothing to mend", o.Pool)
	}
	if o.About != "" && o.About != markOf(p.Halt) {
		return p, refused("payouts of %s are halted at something else by now: look again", o.Pool)
	}
	if p.Totals, err = book.PoolTotals(ctx, o.Pool); err != nil {
		return p, err
	}
	if p.Open, err = book.OpenPayouts(ctx, o.Pool); err != nil {
		return p, err
	}
	switch o.Action {
	case Resume:
		return p, nil
	case Abandon:
		p.Payout, err = foreseeAbandon(ctx, book, o)
	case Settle:
		p.Block, err = foreseeSettle(ctx, book, o)
	default:
		err = refused("no such action: %q", o.Action)
	}
	return p, err
}

func foreseeAbandon(ctx context.Context, book Book, o Order) (ledger.Payout, error) {
	p, err := book.Payout(ctx, o.Payout)
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		return p, refused("payout %d: %w", o.Payout, err)
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

// By is who gives an order.
type By struct {
	Who    string
	Source string // network address; empty: this computer's command line
}

// Do carries an order out, if it fits. It is in the audit log before anything is done,
// and afterwards with what came of it. An order that is refused is ErrRefused.
func Do(ctx context.Context, book Book, hand Hand, by By, o Order) error {
	// Whoever has sent the order may be gone; what has begun is finished, and its outcome
	// written down.
	ctx = context.WithoutCancel(ctx)
	entry := ledger.AuditEntry{Who: by.Who, Source: by.Source, Action: string(o.Action), Pool: o.Pool, Subject: o.subject(), Reason: o.Reason}
	_, err := Foresee(ctx, book, o)
	if errors.Is(err, ErrRefused) {
		entry.Outcome = err.Error()
		return errors.Join(err, book.Audit(ctx, entry))
	}
	if err != nil {
		return err
	}
	id, err := book.BeginAudit(ctx, entry)
	if err != nil {
		return err
	}
	// A crash here leaves an entry without an outcome; the ledger tells whether it was done.
	if err := o.by(ctx, hand); err != nil {
		return errors.Join(err, book.EndAudit(ctx, id, "failed: "+err.Error()))
	}
	if err := book.EndAudit(ctx, id, "done"); err != nil {
		return fmt.Errorf("it was done, but that could not be written down: %w", err)
	}
	return nil
}

// markOf stands for the reason of a halt in a form.
func markOf(halt string) string {
	sum := sha256.Sum256([]byte(halt))
	return hex.EncodeToString(sum[:8])
}

func (o Order) by(ctx context.Context, hand Hand) error {
	switch o.Action {
	case Resume:
		return hand.Resume(ctx, o.Pool)
	case Abandon:
		return hand.Abandon(ctx, o.Payout, o.Reason)
	case Settle:
		return hand.Settle(ctx, o.Block, o.Reason)
	}
	return refused("no such action: %q", o.Action)
}

func (o Order) subject() string {
	switch o.Action {
	case Abandon:
		return fmt.Sprint("payout ", o.Payout)
	case Settle:
		return fmt.Sprint("block ", o.Block)
	}
	return ""
}

// sentence is an error's text as one.
func sentence(err error) string {
	text := strings.ReplaceAll(err.Error(), "\n", "; ")
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
