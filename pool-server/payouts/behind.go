package payouts

import (
	"context"
	"fmt"

	"github.com/adit-mining/adit/pool-server/ledger"
	"github.com/adit-mining/adit/pool-server/node"
)

// recently is how many of the pool's last blocks tell how long the chain was.
const recently = 20

// conflicts halts payouts because of one whose coins are gone, as the wallet's daemon
// says: unless that daemon has fewer blocks than it once had. A power cut costs a daemon
// its last blocks, and until its peers have told it of them again it knows nothing of the
// coins in them, though its wallet does. That is waited for.
func (k *Keeper) conflicts(ctx context.Context, p ledger.Payout, why string) error {
	last, err := k.c.Ledger.RecentBlocks(ctx, k.c.Pool, recently)
	if err != nil {
		return fmt.Errorf("list blocks: %w", err)
	}
	var seen int64 // the chain's height
	for _, b := range last {
		if b.Confirmations > 0 && b.Status != ledger.Orphaned {
			seen = max(seen, b.Height+b.Confirmations-1)
		}
	}
	chain, err := k.c.Wallet.ChainInfo(ctx)
	if err != nil {
		return fmt.Errorf("ask the wallet's daemon for its chain: %w", err)
	}
	if !chain.Synced() || chain.Blocks < seen {
		return fmt.Errorf("payout %d: %w: the wallet's daemon has %d blocks, and knows of %d; the ledger has seen %d", p.ID, node.ErrSyncing, chain.Blocks, chain.Headers, seen)
	}
	return k.halt(ctx, conflict(p, why))
}
