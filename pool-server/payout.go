package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/ledger"
)

const payoutUsage = `usage: adit-pool payout ACTION --dir DIR [--pool ID] [flags]

  explain  ID [--account A] [--json]: why a payout gave to each account what it gave,
           with --account down to the blocks and shares
  status   whether payouts are halted and why, and which payout is open
  resume   pay again, after you have looked at what halted the payouts
  abandon  --payout N --reason TEXT: give the money of a payout that can never be
           mined back to the balances. If it is mined after all, these miners are
           paid twice. Only while payouts are halted.
  settle   --block N: stop asking for a block that is gone, though it was paid
           for; the loss is the pool's. Only while payouts are halted.

The server may run meanwhile.
`

// payoutRequest is what the command line of `adit-pool payout` says.
type payoutRequest struct {
	action        string
	pool          string
	payout, block int64
	reason        string
}

// runPayout is the operator's hand on payouts that have halted.
func runPayout(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) == 0 || args[0] == "-h" || args[0] == "--help" {
		io.WriteString(stderr, payoutUsage)
		return errors.New("no action")
	}
	if args[0] == "explain" {
		return runExplain(ctx, args[1:], stdout, stderr)
	}
	r := payoutRequest{action: args[0]}
	f := newFlags("payout "+r.action, stderr)
	dir := f.String("dir", "adit-pool", "the configuration folder")
	f.StringVar(&r.pool, "pool", "", "the pool's id, if there are several")
	f.Int64Var(&r.payout, "payout", 0, "the payout's number, as status and the log tell it")
	f.Int64Var(&r.block, "block", 0, "the block's number, as status tells it")
	f.StringVar(&r.reason, "reason", "", "why a payout is abandoned, for the book")
	if err := parse(f, args[1:]); err != nil {
		return err
	}
	c, err := config.Load(*dir)
	if err != nil {
		return err
	}
	if r.pool, err = onlyPool(c, r.pool); err != nil {
		return err
	}
	book, err := openLedgerThere(ctx, c)
	if err != nil {
		return err
	}
	defer book.Close()
	return r.do(ctx, book, stdout)
}

// onlyPool returns the pool that is meant: the named one, or the only one.
func onlyPool(c *config.Config, id string) (string, error) {
	var ids []string
	for i := range c.Pools {
		if ids = append(ids, c.Pools[i].ID); c.Pools[i].ID == id {
			return id, nil
		}
	}
	if id == "" && len(ids) == 1 {
		return ids[0], nil
	}
	return "", fmt.Errorf("name a pool with --pool; there are %v", ids)
}

func (r payoutRequest) do(ctx context.Context, book *ledger.Ledger, out io.Writer) error {
	reason, halted, err := book.Halted(ctx, r.pool)
	if err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	if r.action != "status" && !halted {
		return fmt.Errorf("payouts of %s are not halted: there is nothing to mend", r.pool)
	}
	switch r.action {
	case "status":
		return r.status(ctx, book, reason, halted, out)
	case "resume":
		err = book.Resume(ctx, r.pool)
	case "abandon":
		if r.payout == 0 || r.reason == "" {
			return errors.New("abandon wants --payout N and --reason TEXT")
		}
		err = book.AbandonPayout(ctx, r.payout, r.reason)
	case "settle":
		if r.block == 0 {
			return errors.New("settle wants --block N")
		}
		err = book.SettleBlock(ctx, r.block)
	default:
		return fmt.Errorf("no such action: %q\n%s", r.action, payoutUsage)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", r.action, err)
	}
	_, err = fmt.Fprintf(out, "%s: done; it was halted because: %s\n", r.action, reason)
	return err
}

func (r payoutRequest) status(ctx context.Context, book *ledger.Ledger, reason string, halted bool, out io.Writer) error {
	t := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	defer t.Flush()
	fmt.Fprintf(t, "pool\t%s\n", r.pool)
	if halted {
		fmt.Fprintf(t, "halted\t%s\n", reason)
	} else {
		fmt.Fprintf(t, "halted\tno\n")
	}
	open, err := book.OpenPayouts(ctx, r.pool)
	if err != nil {
		return fmt.Errorf("read the open payouts: %w", err)
	}
	for _, p := range open {
		fmt.Fprintf(t, "payout %d\t%s, %d accounts, since %s, transaction %s\n", p.ID, p.Status, len(p.Outputs), p.Created.Format("2006-01-02 15:04:05"), p.TxID)
	}
	blocks, err := book.UnsettledBlocks(ctx, r.pool)
	if err != nil {
		return fmt.Errorf("read the blocks: %w", err)
	}
	for _, b := range blocks {
		fmt.Fprintf(t, "block %d\t%s at height %d, %s, %d confirmations\n", b.ID, b.Hash, b.Height, b.Status, b.Confirmations)
	}
	return nil
}
