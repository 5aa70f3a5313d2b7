package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/adit-mining/adit/pool-server/config"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
	"github.com/adit-mining/adit/pool-server/payouts"
	"github.com/adit-mining/adit/wallet/coin"
)

const payoutUsage = `usage: adit-pool payout ACTION --dir DIR [--pool ID] [flags]

  plan     [--account A] [--minimum X] [--json]: who would be paid what now, in which
           payouts, for about which fee; who waits, and why. Changes nothing.
  run      [--account A]: pay now, whatever the schedule says: all that are due,
           or one account whatever its minimum. --dry-run is plan.
  hold     --account A --reason TEXT: do not pay this account; its owner reads why
  release  --account A: pay it again
  explain  ID [--account A] [--json]: why a payout gave to each account what it gave,
           with --account down to the blocks and shares
  status   whether payouts are halted and why, which are open, and who is held

When payouts are halted:

  resume   pay again, after you have looked at what halted them
  adopt    --txid T: book a transaction of the wallet, which paid this pool's miners
           without the ledger knowing, as a payout that was made
  ignore   --txid T --reason TEXT: note that it was no payout
  abandon  --payout N --reason TEXT: give the money of a payout that can never be
           mined back to the balances. The daemon has to agree, or you say --force.
           If it is mined after all, these miners are paid twice.
  settle   --block N: let go of a block that is gone, though miners were paid for
           it; they keep it, and the loss is the pool's

The server may run meanwhile.
`

// payoutRequest is what the command line of `adit-pool payout` says.
type payoutRequest struct {
	action        string
	pool          string
	account       string
	minimum       string
	payout, block int64
	txid, reason  string

	json, dryRun, force bool

	config *config.Config
	of     *config.Pool
	book   *ledger.Ledger
	out    io.Writer
}

// payoutActions is what can be asked for, but for explain, which has a file of its own.
var payoutActions = map[string]func(*payoutRequest, context.Context) error{
	"plan":    (*payoutRequest).plan,
	"run":     (*payoutRequest).run,
	"hold":    (*payoutRequest).hold,
	"release": (*payoutRequest).release,
	"status":  (*payoutRequest).status,
	"resume":  (*payoutRequest).resume,
	"adopt":   (*payoutRequest).adopt,
	"ignore":  (*payoutRequest).ignore,
	"abandon": (*payoutRequest).abandon,
	"settle":  (*payoutRequest).settle,
}

// runPayout is the operator's hand on payouts.
func runPayout(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) == 0 || args[0] == "-h" || args[0] == "--help" {
		io.WriteString(stderr, payoutUsage)
		return errors.New("no action")
	}
	if args[0] == "explain" {
		return runExplain(ctx, args[1:], stdout, stderr)
	}
	r := &payoutRequest{action: args[0], out: stdout}
	act, known := payoutActions[r.action]
	if !known {
		return fmt.Errorf("no such action: %q; there are explain, %s", r.action, strings.Join(slices.Sorted(maps.Keys(payoutActions)), ", "))
	}
	dir, err := r.parse(args[1:], stderr)
	if err != nil {
		return err
	}
	if r.config, err = config.Load(dir); err != nil {
		return err
	}
	if r.pool, err = onlyPool(r.config, r.pool); err != nil {
		return err
	}
	at := slices.IndexFunc(r.config.Pools, func(p config.Pool) bool { return p.ID == r.pool })
	r.of = &r.config.Pools[at]
	if r.book, err = openLedgerThere(ctx, r.config); err != nil {
		return err
	}
	defer r.book.Close()
	if err := act(r, ctx); err != nil {
		return fmt.Errorf("payout %s: %w", r.action, err)
	}
	return nil
}

func (r *payoutRequest) parse(args []string, stderr io.Writer) (dir string, err error) {
	f := newFlags("payout "+r.action, stderr)
	f.StringVar(&dir, "dir", "adit-pool", "the configuration folder")
	f.StringVar(&r.pool, "pool", "", "the pool's id, if there are several")
	f.StringVar(&r.account, "account", "", "the account: a mining key or an address")
	f.StringVar(&r.minimum, "minimum", "", "with plan: the least balance that would be paid, in coins, instead of the pool's")
	f.Int64Var(&r.payout, "payout", 0, "the payout's number, as status and the log tell it")
	f.Int64Var(&r.block, "block", 0, "the block's number, as status tells it")
	f.StringVar(&r.txid, "txid", "", "the transaction, as what halted the payouts names it")
	f.StringVar(&r.reason, "reason", "", "why, for the book")
	f.BoolVar(&r.json, "json", false, "with plan: print one JSON object")
	f.BoolVar(&r.dryRun, "dry-run", false, "with run: only say what would be paid")
	f.BoolVar(&r.force, "force", false, "with abandon: without asking the daemon")
	return dir, parse(f, args)
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

// accountName is the account that is meant, as the ledger calls it.
func (r *payoutRequest) accountName() string { return accountName(r.of, r.account) }

// keeper is what pays the pool, here and now: with the ledger and the daemons of the
// configuration, beside a server that may run.
func (r *payoutRequest) keeper() (*payouts.Keeper, error) {
	quiet := slog.New(slog.DiscardHandler)
	clients, err := newClients(r.config, r.of, quiet)
	if err != nil {
		return nil, err
	}
	return newKeeper(r.config, r.of, r.book, node.NewGroup(clients, node.GroupOptions{Rules: r.of.CoinData().Rules}), clients[0], quiet)
}

func (r *payoutRequest) status(ctx context.Context) error {
	reason, halted, err := r.book.Halted(ctx, r.pool)
	if err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	t := tabwriter.NewWriter(r.out, 0, 4, 2, ' ', 0)
	defer t.Flush()
	fmt.Fprintf(t, "pool\t%s\n", r.pool)
	if !halted {
		reason = "no"
	}
	fmt.Fprintf(t, "halted\t%s\n", reason)
	open, err := r.book.OpenPayouts(ctx, r.pool)
	if err != nil {
		return fmt.Errorf("read the open payouts: %w", err)
	}
	for _, p := range open {
		fmt.Fprintf(t, "payout %d\t%s, %d accounts, since %s, transaction %s\n", p.ID, p.Status, len(p.Outputs), p.Created.Format(time.DateTime), p.TxID)
	}
	blocks, err := r.book.UnsettledBlocks(ctx, r.pool)
	if err != nil {
		return fmt.Errorf("read the blocks: %w", err)
	}
	for _, b := range blocks {
		fmt.Fprintf(t, "block %d\t%s at height %d, %s, %d confirmations\n", b.ID, b.Hash, b.Height, b.Status, b.Confirmations)
	}
	holds, err := r.book.Holds(ctx, r.pool)
	if err != nil {
		return fmt.Errorf("read who is held: %w", err)
	}
	for _, h := range holds {
		what := "cannot be paid"
		if h.ByOperator {
			what = "held"
		}
		fmt.Fprintf(t, "%s\t%s, with %v %s, since %s: %s\n", what, h.Account, h.Balance, r.of.CoinData().Symbol, h.Since.Format(time.DateTime), h.Reason)
	}
	return r.printSends(ctx, t)
}

// printSends lists the last transactions of the wallet that are no payouts.
func (r *payoutRequest) printSends(ctx context.Context, out io.Writer) error {
	const last = 10
	sends, err := r.book.OtherSends(ctx, r.pool, last)
	if err != nil {
		return fmt.Errorf("read what else the wallet sent: %w", err)
	}
	for _, s := range sends {
		fmt.Fprintf(out, "no payout\t%s of %s, %v %s: %s\n", s.TxID, s.At.Format(time.DateTime), s.Amount, r.of.CoinData().Symbol, s.Reason)
	}
	return nil
}

// minimumFor reads --minimum; 0 is the pool's own.
func (r *payoutRequest) minimumFor() (coin.Amount, error) {
	if r.minimum == "" {
		return 0, nil
	}
	a, err := r.of.CoinData().ParseAmount(r.minimum)
	if err == nil && a <= 0 {
		err = errors.New("want more than 0")
	}
	if err != nil {
		return 0, fmt.Errorf("--minimum: %w", err)
	}
	return a, nil
}
