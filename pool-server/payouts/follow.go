package payouts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
)

// resubmitWithin bounds how long a pass waits for the chain's answer to a block
// that is submitted again. The next pass goes on.
const resubmitWithin = 30 * time.Second

// A fate is what the chain says of a block now.
type fate struct {
	confirmations int64  // more than 0: it is on the main chain
	reason        string // why it is not
	open          bool   // neither is certain
}

// follow brings every unsettled block to where the chain says it is. A block
// whose fate cannot be told does not stop the others.
func (k *Keeper) follow(ctx context.Context) error {
	if err := k.c.Ledger.BookPurchases(ctx, k.c.Pool); err != nil {
		return err
	}
	blocks, err := k.c.Ledger.UnsettledBlocks(ctx, k.c.Pool)
	if err != nil {
		return fmt.Errorf("list blocks: %w", err)
	}
	fates := make(map[int64]fate, len(blocks))
	contested := map[string]string{}
	var errs []error
	for _, b := range blocks {
		f, err := k.fate(ctx, b)
		if err != nil {
			errs = append(errs, fmt.Errorf("block %s: %w", b.Hash, err))
			f.open = true
		}
		if errors.Is(err, node.ErrContested) {
			contested[b.Hash] = err.Error()
		}
		fates[b.ID] = f
	}
	k.change(func(s *Status) { s.Contested = contested })
	// First what leaves the chain, then what returns to it: then no share is
	// asked back from a block that is about to give it up anyway.
	for _, b := range blocks {
		if f := fates[b.ID]; !f.open && f.confirmations <= 0 && b.Status != ledger.Orphaned {
			errs = append(errs, k.orphan(ctx, b, f.reason))
		}
	}
	for _, b := range blocks {
		if f := fates[b.ID]; !f.open && f.confirmations > 0 && b.Status == ledger.Orphaned {
			k.log.Info("orphaned block is back", "block", b.Hash, "height", b.Height)
			errs = append(errs, k.c.Ledger.RestoreBlock(ctx, b.ID))
		}
	}
	blocks, err = k.c.Ledger.UnsettledBlocks(ctx, k.c.Pool)
	if err != nil {
		return errors.Join(append(errs, fmt.Errorf("list blocks: %w", err))...)
	}
	if err := errors.Join(append(errs, k.advance(ctx, blocks, fates))...); err != nil {
		return err // and nothing is final while something is unclear
	}
	return k.settle(ctx, blocks, fates)
}

// fate asks the chain for a block. One that no daemon knows is submitted again:
// a crash may have come before it was submitted, or a daemon may have lost it.
func (k *Keeper) fate(ctx context.Context, b ledger.Block) (fate, error) {
	hash, err := pow.ParseHash(b.Hash)
	if err != nil {
		return fate{}, err
	}
	status, err := k.c.Chain.BlockStatus(ctx, hash)
	switch {
	case err != nil:
		return fate{}, fmt.Errorf("ask the chain: %w", err)
	case status.OnMainChain():
		return fate{confirmations: status.Confirmations}, nil
	case status.Known:
		return fate{reason: "the chain went on without it"}, nil
	case b.Status == ledger.Orphaned:
		return fate{reason: b.Reason}, nil
	}
	raw, err := k.c.Ledger.RawBlock(ctx, b.ID)
	if errors.Is(err, ledger.ErrNotFound) {
		return k.fateWithoutBytes(ctx, b)
	}
	if err != nil {
		return fate{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, resubmitWithin)
	defer cancel()
	verdict, err := k.c.Chain.SubmitBlock(ctx, raw, hash)
	switch {
	case err != nil:
		return fate{}, fmt.Errorf("submit again: %w", err)
	case verdict.Accepted:
		k.log.Info("block submitted again", "block", b.Hash, "height", b.Height)
		return fate{open: true}, nil // the next pass sees where it went
	}
	return fate{reason: "refused: " + reasons(verdict)}, nil
}

// fateWithoutBytes is the fate of a block that no daemon knows and that cannot be
// submitted again: another program found it, of whom the ledger was taken over. A daemon
// that has caught up far beyond it would know it if it were on the main chain.
func (k *Keeper) fateWithoutBytes(ctx context.Context, b ledger.Block) (fate, error) {
	best, err := k.c.Wallet.BestBlock(ctx)
	if err != nil {
		return fate{}, fmt.Errorf("ask for the best block: %w", err)
	}
	tip, err := k.c.Chain.BlockStatus(ctx, best)
	switch {
	case err != nil:
		return fate{}, fmt.Errorf("ask for the best block's height: %w", err)
	case !tip.OnMainChain() || tip.Height < b.Height+k.c.Maturity:
		return fate{open: true}, nil // it may yet come
	}
	return fate{reason: fmt.Sprintf("no daemon knows it, though their chain is at height %d, and its bytes are not known", tip.Height)}, nil
}

// reasons puts the daemons' words together.
func reasons(v node.Verdict) string {
	var all []string
	for _, n := range v.PerNode {
		all = append(all, fmt.Sprintf("%s (%s)", n.Reason, n.Node))
	}
	return strings.Join(all, ", ")
}

// orphan takes a block's credits back. If they are in a payout that is not
// signed yet, the payout is given up. If somebody was paid, nothing can be taken
// back: a person has to decide who bears it.
func (k *Keeper) orphan(ctx context.Context, b ledger.Block, reason string) error {
	err := k.c.Ledger.OrphanBlock(ctx, b.ID, reason)
	if errors.Is(err, ledger.ErrPaid) {
		if err := k.cancelIntent(ctx, "a block that it pays for is orphaned"); err != nil {
			return err
		}
		// A crash here leaves the money in the balances, and the block for the next pass.
		err = k.c.Ledger.OrphanBlock(ctx, b.ID, reason)
	}
	switch {
	case errors.Is(err, ledger.ErrPaid):
		return k.halt(ctx, fmt.Sprintf("Block %s at height %d is no longer on the main chain (%s), but miners were paid for it: %v. "+
			"Look at the block in two daemons and an explorer. If they have it on the main chain, mend the daemon that does not, and resume. "+
			"If it is really gone, the pool has to bear the loss: put the missing coins into the wallet, settle the block, then resume.",
			b.Hash, b.Height, reason, err))
	case err != nil:
		return err
	}
	k.log.Warn("block orphaned", "block", b.Hash, "height", b.Height, "reason", reason)
	return nil
}

// advance credits, deepens and matures blocks that are on the main chain.
func (k *Keeper) advance(ctx context.Context, blocks []ledger.Block, fates map[int64]fate) error {
	var errs []error
	deeper := map[int64]int64{}
	for _, b := range blocks {
		f, known := fates[b.ID]
		if !known || f.open || f.confirmations <= 0 || b.Status == ledger.Orphaned {
			continue
		}
		errs = append(errs, k.deepen(ctx, b, f.confirmations))
		if b.Status != ledger.Candidate && b.Confirmations != f.confirmations {
			deeper[b.ID] = f.confirmations
		}
	}
	if len(deeper) > 0 {
		errs = append(errs, k.c.Ledger.SetBlockConfirmations(ctx, deeper))
	}
	return errors.Join(errs...)
}

// deepen does what a block that is on the main chain with so many confirmations is ripe for.
func (k *Keeper) deepen(ctx context.Context, b ledger.Block, confirmations int64) error {
	if b.Status == ledger.Candidate {
		accepted, err := k.accept(ctx, b, confirmations)
		if err != nil {
			return fmt.Errorf("credit block %s: %w", b.Hash, err)
		}
		k.log.Info("block accepted", "block", b.Hash, "height", b.Height, "reward", accepted.Reward, "scheme", b.Scheme)
		if accepted.Reward != b.Reward {
			k.log.Warn("the chain's block pays the pool another reward than its template promised", "block", b.Hash, "promised", b.Reward, "reward", accepted.Reward)
		}
	}
	if b.Status != ledger.Matured && confirmations >= k.c.Maturity {
		if err := k.c.Ledger.MatureBlock(ctx, b.ID); err != nil {
			return err
		}
		k.log.Info("block matured", "block", b.Hash, "height", b.Height)
	}
	return nil
}

// settle lets go of blocks whose fate is final. An orphan could only return
// together with a chain that drops a block which has matured on this one; as
// that block tells us so, orphans go first.
func (k *Keeper) settle(ctx context.Context, blocks []ledger.Block, fates map[int64]fate) error {
	var matured int64 // the greatest height that has matured
	for _, b := range blocks {
		if f := fates[b.ID]; !f.open && f.confirmations >= k.c.Maturity {
			matured = max(matured, b.Height)
		}
	}
	for _, b := range blocks {
		f := fates[b.ID]
		if b.Status == ledger.Orphaned && !f.open && f.confirmations <= 0 && b.Height+k.c.Maturity <= matured {
			if err := k.c.Ledger.SettleBlock(ctx, b.ID); err != nil {
				return err
			}
		}
	}
	for _, b := range blocks {
		if f := fates[b.ID]; b.Status != ledger.Orphaned && !f.open && f.confirmations >= k.c.Settle {
			if err := k.c.Ledger.SettleBlock(ctx, b.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// accept books the credits of a candidate that is on the main chain: of the reward that
// the chain's own copy of the block pays, by the terms and the shares that the ledger
// has of it.
func (k *Keeper) accept(ctx context.Context, b ledger.Block, confirmations int64) (a ledger.Acceptance, err error) {
	a.Confirmations = confirmations
	hash, err := pow.ParseHash(b.Hash)
	if err != nil {
		return a, err
	}
	if a.Reward, err = k.c.Chain.BlockReward(ctx, hash, k.c.Script); err != nil {
		return a, fmt.Errorf("ask the chain for its reward: %w", err)
	}
	if a.Weights, err = k.c.Ledger.RoundShares(ctx, b.ID); err != nil {
		return a, err
	}
	recipients, err := k.c.Ledger.BlockRecipients(ctx, b.ID)
	if err != nil {
		return a, err
	}
	feePPM := b.FeePPM
	if feePPM < 0 {
		feePPM = k.c.FeePPM
	}
	credits, fee, dust := Split(a.Reward, feePPM, recipients, a.Weights)
	a.Credits = append(credits, ledger.Credit{Account: ledger.FeeAccount, Amount: fee}, ledger.Credit{Account: ledger.DustAccount, Amount: dust})
	return a, k.c.Ledger.SetBlockAccepted(ctx, b.ID, a)
}
