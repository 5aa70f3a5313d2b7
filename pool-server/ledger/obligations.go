package ledger

import (
	"context"
	"fmt"

	"github.com/adit-mining/adit/wallet/coin"
)

// Obligations is what a pool's wallet is there for, as of one moment.
//
// A pool's money adds up to zero: what blocks brought is owed (immature, balances, in
// payment), the pool's own (fee, dust, reserve), paid, or a transaction's fee; a loss
// is what is missing of it. The wallet got what blocks brought, and what was paid with
// its fees has left it. So it has what is owed and what is the pool's own, but for what
// the operator took out or put in by other transactions. A payout's money leaves the
// wallet when it is sent, though it is paid only when it is confirmed.
type Obligations struct {
	Immature coin.Amount // owed, not payable yet; the pool's own part is in it
	Balance  coin.Amount // owed and payable
	Unsent   coin.Amount // in payouts that are not sent
	Sent     coin.Amount // in payouts that are sent and not confirmed

	Fee       coin.Amount
	Dust      coin.Amount
	Reserve   coin.Amount // negative: shares were bought for more than blocks brought
	Loss      coin.Amount // negative: what is missing
	Withdrawn coin.Amount // what left the wallet besides payouts
}

// Owed is what others are owed and the wallet has to have, whatever became of the
// pool's own.
func (o Obligations) Owed() coin.Amount { return o.Immature + o.Balance + o.Unsent }

// Own is the pool's own. Less than 0 is what the operator has to put in, or has put in
// already.
func (o Obligations) Own() coin.Amount {
	return o.Fee + o.Dust + o.Reserve + o.Loss - o.Withdrawn
}

// Required is what the wallet has to have at least.
func (o Obligations) Required() coin.Amount { return o.Owed() + max(0, o.Own()) }

// Obligations returns what the pool's wallet has to have.
func (l *Ledger) Obligations(ctx context.Context, pool string) (o Obligations, err error) {
	id, err := l.poolID(ctx, pool)
	if err != nil || id == 0 {
		return o, err
	}
	s, err := l.read.snapshot(ctx)
	if err != nil {
		return o, fmt.Errorf("obligations of %s: %w", pool, err)
	}
	defer s.Rollback() // nothing was written
	err = s.QueryRowContext(ctx, `SELECT CAST(coalesce(sum(CASE WHEN kind = 'immature' THEN amount ELSE 0 END), 0) AS BIGINT),
		CAST(coalesce(sum(CASE WHEN kind = 'balance' THEN amount ELSE 0 END), 0) AS BIGINT),
		CAST(coalesce(sum(CASE WHEN kind = 'fee' THEN amount ELSE 0 END), 0) AS BIGINT),
		CAST(coalesce(sum(CASE WHEN kind = 'dust' THEN amount ELSE 0 END), 0) AS BIGINT),
		CAST(coalesce(sum(CASE WHEN kind = 'reserve' THEN amount ELSE 0 END), 0) AS BIGINT),
		CAST(coalesce(sum(CASE WHEN kind = 'loss' THEN amount ELSE 0 END), 0) AS BIGINT)
		FROM balances WHERE pool_id = ?`, id).Scan(&o.Immature, &o.Balance, &o.Fee, &o.Dust, &o.Reserve, &o.Loss)
	if err == nil {
		err = s.QueryRowContext(ctx, `SELECT CAST(coalesce(sum(CASE WHEN y.status = 'sent' THEN 0 ELSE p.gross END), 0) AS BIGINT),
			CAST(coalesce(sum(CASE WHEN y.status = 'sent' THEN p.gross ELSE 0 END), 0) AS BIGINT)
			FROM payouts y JOIN payout_outputs p ON p.payout_id = y.id WHERE y.pool_id = ? AND y.status IN ('intent', 'signed', 'sent')`, id).
			Scan(&o.Unsent, &o.Sent)
	}
	var bearing coin.Amount // the pool's part of the fees of payouts that are sent: booked as a loss when they are confirmed
	if err == nil {
		err = s.QueryRowContext(ctx, `SELECT CAST(coalesce(sum(y.fee - (SELECT sum(p.gross - p.net) FROM payout_outputs p WHERE p.payout_id = y.id)), 0) AS BIGINT)
			FROM payouts y WHERE y.pool_id = ? AND y.status = 'sent'`, id).Scan(&bearing)
		o.Loss -= bearing
	}
	if err == nil {
		err = s.QueryRowContext(ctx, "SELECT CAST(coalesce(sum(amount), 0) AS BIGINT) FROM other_sends WHERE pool_id = ?", id).Scan(&o.Withdrawn)
	}
	if err != nil {
		return o, fmt.Errorf("obligations of %s: %w", pool, err)
	}
	return o, nil
}
