package payouts

import (
	"context"
	"errors"
	"fmt"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
)

// rewatched is how many confirmed payouts are looked at again. Older ones are
// beyond any reorganisation that the blocks' own maturity is meant for.
const rewatched = 50

// rewatch looks at payouts that are confirmed, but not deep in the chain yet. A
// reorganisation may have thrown one out, and a mempool drops a payment whose
// coins are immature for a while; nobody but us sends it again then.
func (k *Keeper) rewatch(ctx context.Context) error {
	last, err := k.c.Ledger.LastConfirmed(ctx, k.c.Pool, rewatched)
	if err != nil {
		return fmt.Errorf("list confirmed payouts: %w", err)
	}
	deep := make(map[int64]bool, len(last))
	var errs []error
	for _, p := range last {
		if k.deep[p.ID] {
			deep[p.ID] = true
			continue
		}
		status, err := k.c.Wallet.TxStatus(ctx, p.TxID)
		switch {
		case err != nil:
			return fmt.Errorf("look again for payout %d: %w", p.ID, err)
		case status.Known && status.Confirmations < 0:
			errs = append(errs, k.halt(ctx, conflict(p, "it was confirmed, and another one took its place")))
		case status.Confirmations == 0 && p.RawTx == "":
			// Adopted without its bytes: only the wallet can send it again.
		case status.Confirmations == 0:
			settled, err := k.sendAgain(ctx, p, status.Known)
			errs = append(errs, err)
			deep[p.ID] = settled
		case status.Confirmations >= k.c.Maturity:
			deep[p.ID] = true
		}
	}
	k.deep = deep
	return errors.Join(errs...)
}

// sendAgain sends a confirmed payout that is not in the chain any more, as far as
// the wallet can tell. known says whether the wallet has heard of it: one that was
// taken into use after the payout has not, and its word on spent coins then says
// nothing against the payout. settled means that asking again would tell nothing new.
func (k *Keeper) sendAgain(ctx context.Context, p ledger.Payout, known bool) (settled bool, err error) {
	err = k.c.Wallet.Broadcast(ctx, p.RawTx)
	switch {
	case errors.Is(err, node.ErrConflict) && known:
		return false, k.conflicts(ctx, p, "it was confirmed, and is not in the chain any more: "+err.Error())
	case errors.Is(err, node.ErrConflict):
		return true, nil
	case err != nil && !errors.Is(err, node.ErrKnown):
		return false, fmt.Errorf("payout %d fell out of the chain; send it again: %w", p.ID, err)
	case err == nil:
		k.log.Warn("payout fell out of the chain and was sent again", "payout", p.ID, "txid", p.TxID)
	}
	return false, nil
}
