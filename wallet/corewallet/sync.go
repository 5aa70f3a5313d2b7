package corewallet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/adit-mining/adit/wallet/program"
)

// almost is the most that a chain counts as read before it is.
const almost = 0.999

// Sync waits until the daemon has read the chain, and tells how far it is; on may be nil.
// How long that takes nobody knows: days, for a large coin on a slow line. A daemon
// without peers is waited for, as the line may come back; one that does not answer any
// more is not.
func (w *Wallet) Sync(ctx context.Context, on func(program.Sync)) error {
	var last program.Sync
	answered := time.Now()
	for {
		now, err := w.synced(ctx)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err == nil:
			answered = time.Now()
			if on != nil && now != last {
				on(now)
			}
			if last = now; now.Synced {
				return nil
			}
		case errors.Is(err, ErrWrongChain) || !errors.Is(err, program.ErrUnreachable) && program.Code(err) == 0:
			return err
		case time.Since(answered) > w.program.Patience:
			return fmt.Errorf("%w: no answer for %v", ErrHangs, w.program.Patience)
		}
		if err := program.Pause(ctx, w.program.Poll); err != nil {
			return err
		}
	}
}

func (w *Wallet) synced(ctx context.Context) (program.Sync, error) {
	var chain blockchainInfo
	if err := w.node(ctx, "getblockchaininfo", nil, &chain); err != nil {
		return program.Sync{}, err
	}
	if chain.Chain != w.program.Network.Name {
		return program.Sync{}, fmt.Errorf("%w: it says %q now", ErrWrongChain, shown(chain.Chain))
	}
	s := program.Sync{Blocks: chain.Blocks, Headers: max(chain.Headers, chain.Blocks), Fraction: min(max(chain.Progress, 0), almost)}
	if err := w.node(ctx, "getconnectioncount", nil, &s.Peers); err != nil {
		return program.Sync{}, err
	}
	// A daemon of before 2018 does not say whether it is downloading: then it has peers
	// and all that they have.
	downloading := s.Peers == 0
	if chain.Downloading != nil {
		downloading = *chain.Downloading
	}
	if s.Synced = !downloading && s.Blocks > 0 && s.Blocks == s.Headers; s.Synced {
		s.Fraction = 1
	}
	return s, nil
}
