package payouts

import (
	"context"
	"errors"
	"fmt"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
)

// send hands the signed transaction to the daemon, the same bytes each time.
func (k *Keeper) send(ctx context.Context, p ledger.Payout) error {
	err := k.c.Wallet.Broadcast(ctx, p.RawTx)
	switch {
	case err == nil || errors.Is(err, node.ErrKnown):
	case errors.Is(err, node.ErrConflict):
		status, lookErr := k.c.Wallet.TxStatus(ctx, p.TxID)
		if lookErr != nil {
			return fmt.Errorf("send payout %d: %w; looking it up: %w", p.ID, err, lookErr)
		}
		if status.Confirmations <= 0 {
			return k.conflicts(ctx, p, err.Error())
		}
	default:
		// It may have been sent all the same; the same bytes go out again.
		return fmt.Errorf("send payout %d: %w", p.ID, err)
	}
	// A crash here sends the same bytes once more.
	if err := k.c.Ledger.SetSent(ctx, p.ID); err != nil {
		return fmt.Errorf("note payout %d as sent: %w", p.ID, err)
	}
	if p.Status == ledger.Signed {
		k.log.Info("payout sent", "payout", p.ID, "txid", p.TxID)
	}
	return nil
}

// confirm looks for the transaction in the chain. Until it is there it is sent
// again, for a mempool forgets.
func (k *Keeper) confirm(ctx context.Context, p ledger.Payout) error {
	status, err := k.c.Wallet.TxStatus(ctx, p.TxID)
	switch {
	case err != nil:
		return fmt.Errorf("look for payout %d: %w", p.ID, err)
	case status.Known && status.Confirmations < 0:
		return k.halt(ctx, conflict(p, fmt.Sprintf("a transaction that spends the same coins has %d confirmations", -status.Confirmations)))
	case status.Confirmations == 0:
		return k.send(ctx, p)
	case status.Confirmations < k.c.Confirmations:
		return nil
	}
	if err := k.c.Ledger.SetConfirmed(ctx, p.ID); err != nil {
		return fmt.Errorf("note payout %d as confirmed: %w", p.ID, err)
	}
	k.log.Info("payout confirmed", "payout", p.ID, "txid", p.TxID)
	return nil
}

// conflict is what the operator has to know about a payout that cannot be mined.
func conflict(p ledger.Payout, why string) string {
	return fmt.Sprintf("Payout %d: transaction %s conflicts with what the chain or the wallet has (%s). "+
		"Look in the wallet (gettransaction, listtransactions) and in an explorer which transaction spent its inputs, and whether that paid the same miners. "+
		"If %s is in the chain after all, resume. If it can never be mined and nobody was paid by the other one, abandon the payout, then resume.",
		p.ID, p.TxID, why, p.TxID)
}
