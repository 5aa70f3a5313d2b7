package payouts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/wallet/coin"
)

// Pay makes a run now, whatever the schedule says: of all that are due, or with an
// account of that one alone, whatever its minimum. It returns the payouts that were
// made. What cannot be signed now is left for the next Pass.
func (k *Keeper) Pay(ctx context.Context, account string) ([]ledger.Payout, error) {
	k.pass.Lock()
	defer k.pass.Unlock()
	if err := k.follow(ctx); err != nil {
		return nil, fmt.Errorf("the pool's blocks cannot be followed now, and a balance may be of one that is gone: %w", err)
	}
	made, err := k.carryAndRun(ctx, func() (*demand, error) {
		return &demand{Demand: ledger.Demand{Minimum: k.c.Minimum, Account: account}, byHand: true}, nil
	})
	reason, halted, haltErr := k.c.Ledger.Halted(ctx, k.c.Pool)
	if halted {
		err = errors.Join(err, fmt.Errorf("%w: %s", ledger.ErrHalted, reason))
	}
	return made, errors.Join(err, haltErr)
}

// Abandon gives up a payout that is signed, because its transaction can never be
// mined. If the coin's daemon does not say so too, that one which is in the chain has
// spent the same coins, it is refused, unless force. See ledger.AbandonPayout.
func (k *Keeper) Abandon(ctx context.Context, id int64, reason string, force bool) error {
	k.pass.Lock()
	defer k.pass.Unlock()
	p, err := k.c.Ledger.Payout(ctx, id)
	if err != nil {
		return err
	}
	if !force && p.RawTx != "" {
		if err := k.neverMined(ctx, p); err != nil {
			return err
		}
	}
	return k.c.Ledger.AbandonPayout(ctx, id, reason)
}

// neverMined returns an error unless the daemon says that p can never be mined.
func (k *Keeper) neverMined(ctx context.Context, p ledger.Payout) error {
	status, err := k.c.Wallet.TxStatus(ctx, p.TxID)
	switch {
	case err != nil:
		return fmt.Errorf("look for payout %d: %w", p.ID, err)
	case status.Confirmations > 0:
		return fmt.Errorf("payout %d is in the chain, with %d confirmations: resume, and it is booked", p.ID, status.Confirmations)
	case status.Confirmations < 0:
		return nil
	}
	gone, err := k.c.Wallet.InputsGone(ctx, p.RawTx)
	if err != nil {
		return fmt.Errorf("look for what payout %d spends: %w", p.ID, err)
	}
	if !gone {
		return fmt.Errorf("payout %d may still be mined: no transaction in the chain has spent what it spends. Abandoned now, its accounts may be paid twice; --force if you know better", p.ID)
	}
	return nil
}

// An Adopted is a payment that was booked as a payout.
type Adopted struct {
	Payout int64
	Short  map[string]coin.Amount // what accounts got beyond their balances: the pool's loss
}

// Adopt books a transaction of the wallet, which paid accounts of this pool, as a
// payout that was made. Its fee is borne as the pool's own payouts bear theirs. See
// ledger.AdoptPayout.
func (k *Keeper) Adopt(ctx context.Context, txid string) (Adopted, error) {
	k.pass.Lock()
	defer k.pass.Unlock()
	s, err := k.sendOf(ctx, txid)
	if err != nil {
		return Adopted{}, err
	}
	if s.Confirmations < 1 {
		return Adopted{}, fmt.Errorf("transaction %s is not in the chain yet: wait for its block", txid)
	}
	a, err := k.adoption(ctx, s)
	if err != nil {
		return Adopted{}, err
	}
	id, short, err := k.c.Ledger.AdoptPayout(ctx, k.c.Pool, a)
	return Adopted{id, short}, err
}

// Ignore notes that a transaction of the wallet is no payout, and why.
func (k *Keeper) Ignore(ctx context.Context, txid, reason string) error {
	k.pass.Lock()
	defer k.pass.Unlock()
	s, err := k.sendOf(ctx, txid)
	if err != nil {
		return err
	}
	known, err := k.c.Ledger.Transaction(ctx, k.c.Pool, txid)
	if err == nil && known.Payout != 0 {
		err = fmt.Errorf("it is payout %d: %w", known.Payout, ledger.ErrState)
	}
	if err != nil {
		return err
	}
	return k.c.Ledger.NoteSend(ctx, k.c.Pool, ledger.OtherSend{TxID: txid, Amount: spent(s), At: s.Time, Reason: reason})
}

// sendOf asks the wallet for a transaction by which coins left it.
func (k *Keeper) sendOf(ctx context.Context, txid string) (node.Send, error) {
	sends, err := k.c.Wallet.Sends(ctx, "")
	if err != nil {
		return node.Send{}, fmt.Errorf("ask the wallet what it has sent: %w", err)
	}
	at := slices.IndexFunc(sends, func(s node.Send) bool { return s.TxID == txid })
	if at < 0 {
		return node.Send{}, fmt.Errorf("the wallet has sent no transaction %s", txid)
	}
	return sends[at], nil
}

// adoption says whom s paid. The fee is borne by its outputs in equal parts.
func (k *Keeper) adoption(ctx context.Context, s node.Send) (ledger.Adoption, error) {
	a := ledger.Adoption{TxID: s.TxID, At: s.Time}
	paid, err := k.paidBy(ctx, s, &payees{})
	if err != nil {
		return a, err
	}
	claims, err := k.c.Ledger.Claims(ctx, k.c.Pool)
	if err != nil {
		return a, err
	}
	balances := make(map[string]coin.Amount, len(claims))
	for _, c := range claims {
		balances[c.Account] = c.Balance
	}
	weights := slices.Repeat([]uint64{1}, len(s.Outputs))
	fees, rest := s.Fee.Split(weights)
	got := map[string]*ledger.PayoutOutput{}
	for i, o := range s.Outputs {
		if coin.Amount(i) < rest {
			fees[i]++
		}
		names := paid[o.Address]
		if len(names) == 0 {
			a.Other += o.Amount + fees[i]
			continue
		}
		// Of several accounts with one address it is the one that had the most to get.
		name := slices.MaxFunc(names, func(x, y string) int { return cmp.Compare(balances[x], balances[y]) })
		if got[name] == nil {
			got[name] = &ledger.PayoutOutput{Account: name, Address: o.Address}
		}
		got[name].Net += o.Amount
		got[name].Amount += o.Amount + fees[i]
	}
	if len(got) == 0 {
		return a, fmt.Errorf("transaction %s paid nobody of this pool; if it was yours, ignore it", s.TxID)
	}
	for _, o := range got {
		a.Outputs = append(a.Outputs, *o)
	}
	slices.SortFunc(a.Outputs, func(x, y ledger.PayoutOutput) int { return strings.Compare(x.Account, y.Account) })
	return a, nil
}
