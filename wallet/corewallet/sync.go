package corewallet

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	told := false
	answered := time.Now()
	for {
		now, err := w.synced(ctx)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err == nil:
			answered = time.Now()
			if on != nil && (now != last || !told) {
				told = true
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
	var peers []peer
	if err := w.node(ctx, "getpeerinfo", nil, &peers); err != nil {
		return program.Sync{}, err
	}
	s.Peers = len(peers)
	// A daemon that was off for some hours says that it has all it knows of, until it has
	// heard of more: what its peers had when they met counts too.
	seen := heard(peers)
	s.Headers = max(s.Headers, seen.height)
	downloading := chain.Downloading != nil && *chain.Downloading // those of before 2018 do not say
	if s.Synced = seen.headers && !downloading && s.Blocks > 0 && s.Blocks == s.Headers; s.Synced {
		s.Fraction = 1
	}
	return s, nil
}

// A peer is another node that the daemon is connected to.
type peer struct {
	Height  *int64 `json:"startingheight"` // of its chain when they met; gone in later versions
	Headers *int64 `json:"synced_headers"` // up to where both have the same; -1 before it told
}

// hearsay is what the peers have told.
type hearsay struct {
	headers bool  // one of them has sent its headers
	height  int64 // the median of what they say: one of them may lie
}

func heard(peers []peer) (h hearsay) {
	var heights []int64
	for _, p := range peers {
		h.headers = h.headers || p.Headers == nil || *p.Headers >= 0
		if p.Height != nil && *p.Height >= 0 {
			heights = append(heights, *p.Height)
		}
	}
	if len(heights) > 0 {
		slices.Sort(heights)
		h.height = heights[(len(heights)-1)/2]
	}
	return h
}
