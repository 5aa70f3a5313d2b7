package payouts

import (
	"context"
	"errors"
	"fmt"
	"math/big"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/wallet/coin"
)

// unlockFor is how long, in seconds, a locked wallet stays open at most for one payout:
// one that takes minutes for each call must not close before it has signed. It is
// closed again right after that.
const unlockFor = 40 * 60

// sign has the wallet build and sign the transaction, and writes it down before
// anybody sees it.
func (k *Keeper) sign(ctx context.Context, p *ledger.Payout) error {
	if err := k.reconcile(ctx); err != nil {
		return err
	}
	if err := k.release(ctx); err != nil {
		return err
	}
	outputs := make([]node.Output, 0, len(p.Outputs))
	for _, o := range p.Outputs {
		outputs = append(outputs, node.Output{Address: o.Address, Amount: o.Amount})
	}
	limit := node.SignOptions{FeeRate: k.c.FeeRate, MaxFee: k.budget(p.Total())}
	tx, err := k.c.Wallet.BuildAndSign(ctx, outputs, limit)
	if errors.Is(err, node.ErrLocked) && k.c.Passphrase != "" {
		if err := k.c.Wallet.Unlock(ctx, k.c.Passphrase, unlockFor); err != nil {
			return err
		}
		tx, err = k.c.Wallet.BuildAndSign(ctx, outputs, limit)
		if err := k.c.Wallet.Lock(ctx); err != nil {
			k.log.Warn("the wallet stays open for a while", "err", err)
		}
	}
	if err != nil {
		return err
	}
	// A crash here loses a transaction that nobody has seen. The coins that the
	// wallet has locked for it are released before the next one.
	k.now.released = false
	nets, err := netsOf(p.Outputs, tx.Outputs)
	if err != nil {
		return err
	}
	fee := tx.Fee + tx.Dropped // the accounts bear the one, the pool the other
	if err := k.c.Ledger.SetSigned(ctx, p.ID, tx.Raw, tx.TxID, nets, fee); err != nil {
		return err
	}
	k.now.released = true
	k.log.Info("payout signed", "payout", p.ID, "txid", tx.TxID, "fee", fee)
	p.Status, p.RawTx, p.TxID, p.Fee = ledger.Signed, tx.Raw, tx.TxID, fee
	return nil
}

// budget is what a transaction may cost that pays so much.
func (k *Keeper) budget(total coin.Amount) coin.Amount {
	return part(total, big.NewInt(k.c.MaxFeePPM), big.NewInt(ppm))
}

// release frees the coins that the wallet has locked for transactions which were
// never written down, for nobody will send those: no other payout waits to be signed.
// The coins of payouts that are signed stay locked, should the wallet not know these.
func (k *Keeper) release(ctx context.Context) error {
	if k.now.released {
		return nil
	}
	open, err := k.c.Ledger.OpenPayouts(ctx, k.c.Pool)
	if err != nil {
		return fmt.Errorf("list payouts: %w", err)
	}
	var keep []string
	for _, p := range open {
		if p.RawTx != "" {
			keep = append(keep, p.RawTx)
		}
	}
	if err := k.c.Wallet.ReleaseExcept(ctx, keep); err != nil {
		return err
	}
	k.now.released = true
	return nil
}

// netsOf says what arrives for each account. Accounts with the same address
// share its output, and so its part of the fee, in proportion. One of which nothing
// would be left is an ErrTooSmall.
func netsOf(asked []ledger.PayoutOutput, built []node.Output) (map[string]coin.Amount, error) {
	at := map[string][]ledger.PayoutOutput{}
	for _, o := range asked {
		at[o.Address] = append(at[o.Address], o)
	}
	nets := make(map[string]coin.Amount, len(asked))
	for _, b := range built {
		group := at[b.Address]
		delete(at, b.Address)
		if len(group) == 0 {
			return nil, fmt.Errorf("%w: it pays %s, or pays it twice, which was not asked for", node.ErrBuilt, b.Address)
		}
		weights := make([]uint64, len(group))
		for i, o := range group {
			weights[i] = uint64(o.Amount)
		}
		parts, rest := b.Amount.Split(weights)
		for i, o := range group {
			nets[o.Account] = parts[i]
			if coin.Amount(i) < rest {
				nets[o.Account]++
			}
			if nets[o.Account] == 0 { // all of it would be its part of the fee
				return nil, &node.TooSmallError{Address: o.Address, Amount: o.Amount, Least: o.Amount + 1}
			}
		}
	}
	if len(at) > 0 {
		return nil, fmt.Errorf("%w: %d addresses are not paid", node.ErrBuilt, len(at))
	}
	return nets, nil
}
