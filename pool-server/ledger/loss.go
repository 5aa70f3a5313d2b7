package ledger

import (
	"context"
	"fmt"
)

// BearLoss books that a block is gone although miners were paid for it: the pool
// bears what it brought. What the miners have they keep; the block brought nothing,
// and the same amount is missing instead, as a loss. Its shares are paid for and stay with
// it. The block is an orphan then, and settled. That it is gone a person
// has to say: it is refused unless the pool's payouts are halted. Done twice it
// changes nothing.
func (l *Ledger) BearLoss(ctx context.Context, blockID int64, reason string) error {
	return l.changeBlock(ctx, blockID, func(ctx context.Context, t tx, b Block) error {
		pool, err := t.pool(ctx, b.Pool)
		if err != nil {
			return err
		}
		if err := t.onlyHalted(ctx, pool); err != nil {
			return err
		}
		switch {
		case b.Status == Orphaned && b.Settled:
			return nil
		case b.Status != Matured || b.Settled:
			return fmt.Errorf("bear the loss of a block that is %s: %w", b.Status, ErrState)
		}
		held, err := t.held(ctx, blockID)
		if err != nil {
			return err
		}
		for _, h := range held {
			if h.kind != reward {
				continue
			}
			lost := movement{cause: "loss", block: blockID, note: reason}
			if err := t.post(ctx, lost, []line{{reward, h.account, -h.amount}, {loss, poolAccount, h.amount}}); err != nil {
				return err
			}
		}
		if err := t.setStatus(ctx, blockID, Orphaned, reason); err != nil {
			return err
		}
		return t.settle(ctx, blockID)
	})
}

// settle lets go of a block whose fate is final.
func (t tx) settle(ctx context.Context, block int64) error {
	if err := t.exec(ctx, "DELETE FROM raw_blocks WHERE block_id = ?", block); err != nil {
		return err
	}
	return t.exec(ctx, "UPDATE blocks SET settled_at = ? WHERE id = ?", now(), block)
}
