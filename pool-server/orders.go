package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/adit-mining/adit/pool-server/admin"
	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/payouts"
)

// accountName is the account of p that is meant, as the ledger calls it. One that is no
// name of this coin's may be in the ledger all the same.
func accountName(p *config.Pool, name string) string {
	if a, err := p.NetworkData().ParseAccount(name); err == nil {
		return a.String()
	}
	return name
}

// carryOut does what an operator orders, on the page or at the command line, and says
// what came of it. Whether it fits, admin.Do has seen to.
func carryOut(ctx context.Context, p *config.Pool, book *ledger.Ledger, keeper func() (*payouts.Keeper, error), o admin.Order) (string, error) {
	switch o.Action {
	case admin.Resume:
		return "payouts go on", book.Resume(ctx, o.Pool)
	case admin.Settle:
		return settle(ctx, p, book, o)
	case admin.Hold:
		return fmt.Sprintf("%s is held: it is not paid until it is released. What is in an open payout stays there", o.Account),
			book.HoldPayouts(ctx, o.Pool, o.Account, o.Reason)
	case admin.Release:
		return fmt.Sprintf("%s is paid again when it is due", o.Account), book.ReleasePayouts(ctx, o.Pool, o.Account)
	}
	k, err := keeper()
	if err != nil {
		return "", err
	}
	switch o.Action {
	case admin.Abandon:
		return fmt.Sprintf("payout %d is given up, and its money is in the balances again; resume lets payouts go on", o.Payout),
			k.Abandon(ctx, o.Payout, o.Reason, o.Force)
	case admin.Adopt:
		return adopt(ctx, p, k, o)
	case admin.Ignore:
		return fmt.Sprintf("transaction %s is noted as no payout", o.TxID), k.Ignore(ctx, o.TxID, o.Reason)
	}
	return "", fmt.Errorf("nobody can %s", o.Action)
}

// settle lets go of a block. One that was paid for becomes the pool's loss.
func settle(ctx context.Context, p *config.Pool, book *ledger.Ledger, o admin.Order) (string, error) {
	blocks, err := book.UnsettledBlocks(ctx, o.Pool)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(blocks, func(b ledger.Block) bool { return b.ID == o.Block })
	if at < 0 {
		return "", fmt.Errorf("block %d of %s: %w, or settled already", o.Block, o.Pool, ledger.ErrNotFound)
	}
	b := blocks[at]
	if b.Status != ledger.Matured {
		return fmt.Sprintf("block %d is settled; resume lets payouts go on", o.Block), book.SettleBlock(ctx, o.Block)
	}
	if o.Reason == "" {
		o.Reason = "the chain went on without it, and miners were paid for it"
	}
	said := fmt.Sprintf("block %d is settled as an orphan; its %s %s are the pool's loss. Resume lets payouts go on",
		o.Block, p.CoinData().FormatAmount(b.Reward), p.CoinData().Symbol)
	return said, book.BearLoss(ctx, o.Block, o.Reason)
}

func adopt(ctx context.Context, p *config.Pool, k *payouts.Keeper, o admin.Order) (string, error) {
	a, err := k.Adopt(ctx, o.TxID)
	if err != nil {
		return "", err
	}
	said := []string{fmt.Sprintf("transaction %s is payout %d", o.TxID, a.Payout)}
	for _, name := range slices.Sorted(maps.Keys(a.Short)) {
		said = append(said, fmt.Sprintf("%s got %s %s more than its balance had: the pool's loss", name, p.CoinData().FormatAmount(a.Short[name]), p.CoinData().Symbol))
	}
	return strings.Join(append(said, "resume lets payouts go on"), "\n"), nil
}

// order gives an order from the command line, and prints what came of it.
func (r *payoutRequest) order(ctx context.Context, o admin.Order, hand admin.Hand) error {
	o.Pool, o.Reason = r.pool, r.reason
	said, err := admin.Do(ctx, r.book, hand, admin.By{Who: consoleUser() + ", command line"}, o)
	if err == nil && said != "" {
		fmt.Fprintln(r.out, said)
	}
	return err
}

func (r *payoutRequest) carryOut(ctx context.Context, o admin.Order) (string, error) {
	return carryOut(ctx, r.of, r.book, r.keeper, o)
}

func (r *payoutRequest) resume(ctx context.Context) error {
	reason, _, err := r.book.Halted(ctx, r.pool)
	if err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	if err := r.order(ctx, admin.Order{Action: admin.Resume}, r.carryOut); err != nil {
		return err
	}
	fmt.Fprintf(r.out, "resume: done; it was halted because: %s\n", reason)
	return nil
}

func (r *payoutRequest) abandon(ctx context.Context) error {
	if r.payout == 0 || r.reason == "" {
		return errors.New("it wants --payout N and --reason TEXT")
	}
	return r.order(ctx, admin.Order{Action: admin.Abandon, Payout: r.payout, Force: r.force}, r.carryOut)
}

func (r *payoutRequest) settle(ctx context.Context) error {
	if r.block == 0 {
		return errors.New("it wants --block N")
	}
	return r.order(ctx, admin.Order{Action: admin.Settle, Block: r.block}, r.carryOut)
}

func (r *payoutRequest) adopt(ctx context.Context) error {
	if r.txid == "" {
		return errors.New("it wants --txid T")
	}
	return r.order(ctx, admin.Order{Action: admin.Adopt, TxID: r.txid}, r.carryOut)
}

func (r *payoutRequest) ignore(ctx context.Context) error {
	if r.txid == "" || r.reason == "" {
		return errors.New("it wants --txid T and --reason TEXT")
	}
	return r.order(ctx, admin.Order{Action: admin.Ignore, TxID: r.txid}, r.carryOut)
}

func (r *payoutRequest) hold(ctx context.Context) error {
	if r.account == "" || r.reason == "" {
		return errors.New("it wants --account A and --reason TEXT")
	}
	return r.order(ctx, admin.Order{Action: admin.Hold, Account: r.accountName()}, r.carryOut)
}

func (r *payoutRequest) release(ctx context.Context) error {
	if r.account == "" {
		return errors.New("it wants --account A")
	}
	return r.order(ctx, admin.Order{Action: admin.Release, Account: r.accountName()}, r.carryOut)
}
