package payouts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/wallet/coin"
)

const (
	// slack is how far the clocks of the daemon and of this server may differ.
	slack = 2 * time.Hour
	// markEvery is how often the time of the last look is written down.
	markEvery = time.Hour
	// told bounds the transactions, and the outputs of each, that a halt names.
	told = 10
)

// firstReconcile reconciles once after a start: the ledger may be a restored copy.
// Until then nothing is sent, not even what the ledger has as signed.
func (k *Keeper) firstReconcile(ctx context.Context) error {
	if k.reconciled {
		return nil
	}
	return k.reconcile(ctx)
}

// reconcile holds what the wallet has sent against the ledger, once in a pass. If
// the wallet has paid accounts of this pool without the ledger knowing, payouts are
// halted and the error is errDoubt.
func (k *Keeper) reconcile(ctx context.Context) error {
	if k.now.reconciled {
		return nil
	}
	l, err := k.look(ctx)
	if err != nil {
		return err
	}
	if l.first {
		if err := k.c.Ledger.SetMark(ctx, k.c.Pool, ledger.MarkWatched, l.watched); err != nil {
			return err
		}
	}
	for _, note := range l.others {
		if err := k.c.Ledger.NoteSend(ctx, k.c.Pool, note); err != nil {
			return err
		}
	}
	if len(l.doubts) > 0 {
		if err := k.halt(ctx, unknownSends(l.doubts)); err != nil {
			return err
		}
		return errDoubt
	}
	if l.began.At.Sub(l.last.At) >= markEvery {
		if err := k.c.Ledger.SetMark(ctx, k.c.Pool, ledger.MarkReconciled, l.began); err != nil {
			return err
		}
	}
	k.reconciled, k.now.reconciled = true, true
	return nil
}

// A look is what a look at the wallet's sends finds. Nothing is written down yet.
type look struct {
	began   ledger.Mark
	watched ledger.Mark // from when on sends are our business
	first   bool        // watched is new
	last    ledger.Mark // up to where they have been looked at
	doubts  []string    // payments to the pool's accounts that the ledger does not know
	others  []ledger.OtherSend
}

func (k *Keeper) look(ctx context.Context) (l look, err error) {
	l.began.At = time.Now()
	best, err := k.c.Wallet.BestBlock(ctx)
	if err != nil {
		return l, fmt.Errorf("ask the wallet what it has sent: %w", err)
	}
	l.began.Block = best.String()
	if err := k.since(ctx, &l); err != nil {
		return l, err
	}
	sends, err := k.sends(ctx, l.last.Block)
	if err != nil {
		return l, fmt.Errorf("ask the wallet what it has sent: %w", err)
	}
	var payees payees
	for _, s := range sends {
		if s.Time.Before(l.watched.At.Add(-slack)) {
			continue
		}
		if err := k.judge(ctx, s, &payees, &l); err != nil {
			return l, fmt.Errorf("look at transaction %s: %w", s.TxID, err)
		}
	}
	return l, nil
}

// since is from when on the wallet's sends are our business, and up to where they have
// been looked at. With a new ledger both are now: what the wallet sent before has
// nothing to do with it. One that has made payouts, but has no marks, is from before
// there were marks.
func (k *Keeper) since(ctx context.Context, l *look) (err error) {
	if l.watched, err = k.c.Ledger.Mark(ctx, k.c.Pool, ledger.MarkWatched); err != nil {
		return err
	}
	if l.watched.At.IsZero() {
		l.first = true
		if l.watched.At, err = k.c.Ledger.LastSigned(ctx, k.c.Pool); err != nil {
			return err
		}
		if l.watched.At.IsZero() {
			l.watched = l.began
		}
	}
	l.last, err = k.c.Ledger.Mark(ctx, k.c.Pool, ledger.MarkReconciled)
	if l.last.Block == "" {
		l.last.Block = l.watched.Block
	}
	return err
}

// sends asks the wallet what it sent since a block, and should the daemon not know
// that block, for all that it ever sent.
func (k *Keeper) sends(ctx context.Context, since string) ([]node.Send, error) {
	sends, err := k.c.Wallet.Sends(ctx, since)
	var refused *node.RPCError
	if since != "" && errors.As(err, &refused) {
		return k.c.Wallet.Sends(ctx, "")
	}
	return sends, err
}

// judge says what is in doubt about a transaction of the wallet, if anything is, or
// that it is no payout.
func (k *Keeper) judge(ctx context.Context, s node.Send, p *payees, l *look) error {
	if s.Confirmations < 0 || s.Abandoned || len(s.Outputs) == 0 {
		return nil // another one took its place, or it paid nobody
	}
	known, err := k.c.Ledger.Transaction(ctx, k.c.Pool, s.TxID)
	switch {
	case err != nil || known.Noted || known.Paid:
		return err
	case known.Payout != 0 && known.Status == ledger.Cancelled && s.Confirmations > 0:
		l.doubts = append(l.doubts, fmt.Sprintf("%s, which is payout %d, that was given up: its accounts have the money in their balances as well", s.TxID, known.Payout))
		return nil
	case known.Payout != 0:
		return nil
	}
	paid, err := k.paidBy(ctx, s, p)
	if err != nil {
		return err
	}
	if len(paid) == 0 {
		l.others = append(l.others, ledger.OtherSend{TxID: s.TxID, Amount: spent(s), At: s.Time, Reason: "to addresses that the pool does not pay"})
		return nil
	}
	var outs []string
	for _, o := range s.Outputs {
		if names := paid[o.Address]; len(names) > 0 && len(outs) < told {
			outs = append(outs, fmt.Sprintf("%v to %s of %s", o.Amount, o.Address, strings.Join(names, " or ")))
		}
	}
	if more := len(paid) - len(outs); more > 0 {
		outs = append(outs, fmt.Sprintf("and %d more", more))
	}
	l.doubts = append(l.doubts, fmt.Sprintf("%s of %s, which paid %s", s.TxID, s.Time.UTC().Format(time.DateTime), strings.Join(outs, ", ")))
	return nil
}

// unknownSends is what the operator has to know about payments that the ledger does
// not.
func unknownSends(doubts []string) string {
	if more := len(doubts) - told; more > 0 {
		doubts = append(doubts[:told:told], fmt.Sprintf("and %d more", more))
	}
	return "The wallet has paid this pool's miners without the ledger knowing: " + strings.Join(doubts, "; ") + ". " +
		"Is the ledger a restored copy, or did somebody use the wallet by hand? For each: if it was a payout, adit-pool payout adopt --txid TXID books it; " +
		"if it was something else, adit-pool payout ignore --txid TXID --reason TEXT. Then resume."
}

// spent is what left the wallet by s.
func spent(s node.Send) coin.Amount {
	sum := s.Fee
	for _, o := range s.Outputs {
		sum += o.Amount
	}
	return sum
}

// payees is where the accounts that have something to get are paid now; made when it
// is first needed.
type payees struct{ at map[string][]string }

// paidBy returns which accounts of the pool have the addresses that s paid: those that
// were paid there before, and those that would be now.
func (k *Keeper) paidBy(ctx context.Context, s node.Send, p *payees) (map[string][]string, error) {
	paid := map[string][]string{}
	for _, o := range s.Outputs {
		names, err := k.c.Ledger.PaidAt(ctx, k.c.Pool, o.Address)
		if err == nil && len(names) == 0 {
			names, err = k.payableAt(ctx, o.Address, p)
		}
		if err != nil {
			return nil, err
		}
		if len(names) > 0 {
			paid[o.Address] = names
		}
	}
	return paid, nil
}

func (k *Keeper) payableAt(ctx context.Context, address string, p *payees) ([]string, error) {
	if p.at == nil {
		claims, err := k.c.Ledger.Claims(ctx, k.c.Pool)
		if err != nil {
			return nil, err
		}
		names := make([]string, len(claims))
		for i, c := range claims {
			names[i] = c.Account
		}
		places, err := k.c.AddressOf(ctx, names)
		if err != nil {
			return nil, err
		}
		p.at = make(map[string][]string, len(claims))
		for i, to := range places {
			if to.Err == nil {
				p.at[to.Address] = append(p.at[to.Address], names[i])
			}
		}
	}
	return p.at[address], nil
}
