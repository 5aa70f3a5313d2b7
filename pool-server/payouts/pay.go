package payouts

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/wallet/coin"
)

// unlockFor is how long, in seconds, a locked wallet is opened to sign one payout.
const unlockFor = 120

// pay carries the open payout on, or begins one if begin allows and it is time.
func (k *Keeper) pay(ctx context.Context, begin bool) error {
	_, halted, err := k.c.Ledger.Halted(ctx, k.c.Pool)
	if err != nil {
		return err
	}
	open, err := k.c.Ledger.OpenPayouts(ctx, k.c.Pool)
	if err != nil {
		return fmt.Errorf("list payouts: %w", err)
	}
	if halted {
		return k.observe(ctx, open)
	}
	if err := k.rewatch(ctx); err != nil {
		return err
	}
	if len(open) > 0 && !k.stale(open[0]) {
		return k.carry(ctx, open[0])
	}
	if len(open) > 0 {
		if err := k.c.Ledger.CancelUnsigned(ctx, open[0].ID, "could not be signed in time"); err != nil {
			return err
		}
		k.log.Warn("payout cancelled", "payout", open[0].ID, "reason", "could not be signed in time")
	}
	if !begin || k.c.PaymentsOff || time.Now().Before(k.due) {
		return nil
	}
	p, err := k.c.Ledger.CreatePayout(ctx, k.c.Pool, max(k.c.Minimum, k.floor), func(account string) (string, error) { return k.address(ctx, account) })
	if err != nil {
		return err
	}
	if p == nil {
		return nil
	}
	// A crash here leaves an intent, which the next pass carries on.
	k.due = time.Now().Add(k.c.PayoutInterval)
	k.log.Info("payout begun", "payout", p.ID, "accounts", len(p.Outputs), "total", p.Total())
	return k.carry(ctx, *p)
}

// stale reports whether an intent could not be signed for so long that it is
// better planned anew: with other balances, addresses and another fee.
func (k *Keeper) stale(p ledger.Payout) bool {
	return p.Status == ledger.Intent && time.Since(p.Created) > k.c.PayoutInterval
}

// observe books a payout whose transaction is in the chain, while payouts are
// halted. That needs nobody's decision; everything else waits for one.
func (k *Keeper) observe(ctx context.Context, open []ledger.Payout) error {
	for _, p := range open {
		if p.TxID == "" {
			continue
		}
		status, err := k.c.Wallet.TxStatus(ctx, p.TxID)
		if err != nil {
			return fmt.Errorf("look for payout %d: %w", p.ID, err)
		}
		if status.Confirmations >= k.c.Confirmations {
			return k.c.Ledger.SetConfirmed(ctx, p.ID)
		}
	}
	return nil
}

// address says where an account is paid, if the coin's own daemon agrees. An
// error holds the account; ledger.ErrNotNow says nothing about it.
func (k *Keeper) address(ctx context.Context, account string) (string, error) {
	address, err := k.c.AddressOf(ctx, account)
	if err != nil {
		return "", err
	}
	info, err := k.c.Wallet.ValidateAddress(ctx, address)
	switch {
	case err != nil:
		return "", fmt.Errorf("%w: %w", ledger.ErrNotNow, err)
	case !info.Valid:
		return "", fmt.Errorf("the coin's daemon does not know %s as an address", address)
	case info.MWEB:
		return "", fmt.Errorf("%s is a confidential address, which a payment to several cannot reach", address)
	}
	return address, nil
}

// carry takes an open payout as far as it goes now. What was done before is not
// done again, but for sending, which may be.
func (k *Keeper) carry(ctx context.Context, p ledger.Payout) error {
	if p.Status == ledger.Intent {
		err := k.sign(ctx, &p)
		if errors.Is(err, node.ErrTooSmall) {
			return k.raiseFloor(ctx, p, err)
		}
		if err != nil {
			return fmt.Errorf("sign payout %d: %w", p.ID, err)
		}
		k.floor /= 2 // fees may be lower by the next one
	}
	if p.Status == ledger.Signed {
		if err := k.send(ctx, p); err != nil {
			return err
		}
		return nil // its confirmations are for a later pass
	}
	return k.confirm(ctx, p)
}

// raiseFloor gives up an intent one of whose amounts is less than its part of the
// fee, so that it does not hold up the others: the next pass begins a payout
// without the smallest.
func (k *Keeper) raiseFloor(ctx context.Context, p ledger.Payout, cause error) error {
	smallest := p.Outputs[0].Amount
	for _, o := range p.Outputs {
		smallest = min(smallest, o.Amount)
	}
	if err := k.c.Ledger.CancelUnsigned(ctx, p.ID, "its smallest amount is less than what sending it costs"); err != nil {
		return err
	}
	const raise = 4
	k.floor = max(k.floor, raise*smallest)
	k.due = time.Time{}
	return fmt.Errorf("payout %d: amounts below %v wait: %w", p.ID, k.floor, cause)
}

// sign has the wallet build and sign the transaction, and writes it down before
// anybody sees it.
func (k *Keeper) sign(ctx context.Context, p *ledger.Payout) error {
	if !k.released {
		// Coins that the wallet locked for transactions which were never written
		// down; nobody will send those, and no other payout of the pool is open.
		if err := k.c.Wallet.ReleaseExcept(ctx, nil); err != nil {
			return err
		}
	}
	outputs := make([]node.Output, 0, len(p.Outputs))
	for _, o := range p.Outputs {
		outputs = append(outputs, node.Output{Address: o.Address, Amount: o.Amount})
	}
	limit := node.SignOptions{MaxFee: part(p.Total(), big.NewInt(k.c.MaxFeePPM), big.NewInt(ppm))}
	tx, err := k.c.Wallet.BuildAndSign(ctx, outputs, limit)
	if errors.Is(err, node.ErrLocked) && k.c.Passphrase != "" {
		if err := k.c.Wallet.Unlock(ctx, k.c.Passphrase, unlockFor); err != nil {
			return err
		}
		tx, err = k.c.Wallet.BuildAndSign(ctx, outputs, limit)
	}
	if err != nil {
		return err
	}
	// A crash here loses a transaction that nobody has seen. The coins that the
	// wallet has locked for it are released before the next one.
	k.released = false
	nets, err := netsOf(p.Outputs, tx.Outputs)
	if err != nil {
		return err
	}
	if err := k.c.Ledger.SetSigned(ctx, p.ID, tx.Raw, tx.TxID, nets, tx.Fee); err != nil {
		return err
	}
	k.released = true
	k.log.Info("payout signed", "payout", p.ID, "txid", tx.TxID, "fee", tx.Fee)
	p.Status, p.RawTx, p.TxID, p.Fee = ledger.Signed, tx.Raw, tx.TxID, tx.Fee
	return nil
}

// netsOf says what arrives for each account. Accounts with the same address
// share its output, and so its part of the fee, in proportion.
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
		}
	}
	if len(at) > 0 {
		return nil, fmt.Errorf("%w: %d addresses are not paid", node.ErrBuilt, len(at))
	}
	return nets, nil
}

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
			return k.halt(ctx, conflict(p, err.Error()))
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

// halt stops the pool's payouts until a person has looked.
func (k *Keeper) halt(ctx context.Context, reason string) error {
	if err := k.c.Ledger.Halt(ctx, k.c.Pool, reason); err != nil {
		return fmt.Errorf("halt payouts (%s): %w", reason, err) // the next pass comes to the same doubt
	}
	return nil
}

// cancelIntent gives up the open payout if it is not signed.
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
