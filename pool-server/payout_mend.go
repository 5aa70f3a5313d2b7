package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/adit-mining/adit/pool-server/ledger"
)

// halted returns what the payouts are halted at. There is nothing to mend where they
// are not.
func (r *payoutRequest) halted(ctx context.Context) (string, error) {
	reason, halted, err := r.book.Halted(ctx, r.pool)
	if err != nil {
		return "", fmt.Errorf("read the ledger: %w", err)
	}
	if !halted {
		return "", fmt.Errorf("payouts of %s are not halted: there is nothing to mend", r.pool)
	}
	return reason, nil
}

func (r *payoutRequest) resume(ctx context.Context) error {
	reason, err := r.halted(ctx)
	if err != nil {
		return err
	}
	if err := r.book.Resume(ctx, r.pool); err != nil {
		return err
	}
	fmt.Fprintf(r.out, "resume: done; it was halted because: %s\n", reason)
	return nil
}

func (r *payoutRequest) abandon(ctx context.Context) error {
	if _, err := r.halted(ctx); err != nil {
		return err
	}
	if r.payout == 0 || r.reason == "" {
		return errors.New("it wants --payout N and --reason TEXT")
	}
	k, err := r.keeper()
	if err != nil {
		return err
	}
	if err := k.Abandon(ctx, r.payout, r.reason, r.force); err != nil {
		return err
	}
	fmt.Fprintf(r.out, "payout %d is given up, and its money is in the balances again; \"payout resume\" lets payouts go on\n", r.payout)
	return nil
}

// settle lets go of a block. One that was paid for becomes the pool's loss.
func (r *payoutRequest) settle(ctx context.Context) error {
	if _, err := r.halted(ctx); err != nil {
		return err
	}
	if r.block == 0 {
		return errors.New("it wants --block N")
	}
	blocks, err := r.book.UnsettledBlocks(ctx, r.pool)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(blocks, func(b ledger.Block) bool { return b.ID == r.block })
	if at < 0 {
		return fmt.Errorf("block %d of %s: %w, or settled already", r.block, r.pool, ledger.ErrNotFound)
	}
	b := blocks[at]
	if b.Status != ledger.Matured {
		if err := r.book.SettleBlock(ctx, r.block); err != nil {
			return err
		}
		fmt.Fprintf(r.out, "block %d is settled; \"payout resume\" lets payouts go on\n", r.block)
		return nil
	}
	if r.reason == "" {
		r.reason = "the chain went on without it, and miners were paid for it"
	}
	if err := r.book.BearLoss(ctx, r.block, r.reason); err != nil {
		return err
	}
	fmt.Fprintf(r.out, "block %d is settled as an orphan; its %v %s are the pool's loss. \"payout resume\" lets payouts go on\n", r.block, b.Reward, r.of.CoinData().Symbol)
	return nil
}

func (r *payoutRequest) adopt(ctx context.Context) error {
	if _, err := r.halted(ctx); err != nil {
		return err
	}
	if r.txid == "" {
		return errors.New("it wants --txid T")
	}
	k, err := r.keeper()
	if err != nil {
		return err
	}
	a, err := k.Adopt(ctx, r.txid)
	if err != nil {
		return err
	}
	fmt.Fprintf(r.out, "transaction %s is payout %d\n", r.txid, a.Payout)
	for _, name := range slices.Sorted(maps.Keys(a.Short)) {
		fmt.Fprintf(r.out, "%s got %v %s more than its balance had: the pool's loss\n", name, a.Short[name], r.of.CoinData().Symbol)
	}
	fmt.Fprintln(r.out, "\"payout resume\" lets payouts go on")
	return nil
}

func (r *payoutRequest) ignore(ctx context.Context) error {
	if r.txid == "" || r.reason == "" {
		return errors.New("it wants --txid T and --reason TEXT")
	}
	k, err := r.keeper()
	if err != nil {
		return err
	}
	if err := k.Ignore(ctx, r.txid, r.reason); err != nil {
		return err
	}
	fmt.Fprintf(r.out, "transaction %s is noted as no payout\n", r.txid)
	return nil
}
