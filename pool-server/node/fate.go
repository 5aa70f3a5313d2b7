package node

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/adit-mining/adit/miners/pow"
)

const (
	// nearTip is how many blocks a daemon may lag behind the highest before its view
	// of the chain is not trusted.
	nearTip = 2
	// buried is how many blocks have to stand on the one that took a block's place
	// before the block is given up: until then either branch may win.
	buried = 1
	// witnesses is how many daemons have to give a block up, where so many are
	// configured.
	witnesses = 2
)

// ContestedError says that it is open whether a block is part of the main chain. It is
// an ErrContested and an ErrDisagree.
type ContestedError struct {
	On  []string // daemons that have it on their main chain
	Off []string // synced daemons that have another one in its place
	// Early: they agree that it lost its place, and to what may be too soon to say.
	Early bool
}

// Error names the daemons.
func (e *ContestedError) Error() string {
	if e.Early {
		return fmt.Sprintf("%v: it is off the main chain of %s, which is not yet longer without it", ErrContested, strings.Join(e.Off, ", "))
	}
	return fmt.Sprintf("%v: it is on the main chain of %s, and not of %s", ErrContested, strings.Join(e.On, ", "), strings.Join(e.Off, ", "))
}

// Unwrap makes it an ErrContested and an ErrDisagree.
func (e *ContestedError) Unwrap() []error { return []error{ErrContested, ErrDisagree} }

// BlockStatus asks all daemons for the block and forms one answer of theirs.
//
// It is on the main chain if a daemon that has caught up says so and none that has
// caught up, and whose chain is long enough to have it, denies it. Confirmations are
// the fewest that any of them counts.
//
// It is off the main chain only if every daemon that answers has caught up and says
// so, at least two where two are configured, and another block has taken its place and
// has one on top. A daemon that is behind or new does not know blocks that exist, and
// that must not make an orphan of them.
//
// In between the error says why: a *ContestedError where daemons differ or the race is
// open, ErrSyncing where one has to catch up first, and otherwise what keeps the
// daemons that are missing from answering. It is then to be asked again later.
func (g *Group) BlockStatus(ctx context.Context, hash pow.Hash) (BlockStatus, error) {
	views := make([]view, len(g.nodes))
	var wg sync.WaitGroup
	for i, n := range g.nodes {
		wg.Go(func() { views[i] = n.client.view(ctx, hash) })
	}
	wg.Wait()
	return agree(views)
}

// view is a daemon's state and what it says of a block.
type view struct {
	node   string
	info   ChainInfo
	status BlockStatus
	err    error
}

func (c *Client) view(ctx context.Context, hash pow.Hash) (v view) {
	v.node = c.name
	if v.info, v.err = c.ChainInfo(ctx); v.err == nil {
		v.status, v.err = c.BlockStatus(ctx, hash)
	}
	return v
}

// tally is what several views come to.
type tally struct {
	merged   BlockStatus // of the daemons that count
	on, off  []string    // daemons that count, and have it on their main chain or not
	short    []string    // that have no block of its height on their main chain
	lonely   []string    // that have it on a main chain much shorter than others', and know of no other
	behind   []string    // that have not caught up
	claims   bool        // one that has not caught up knows the block
	shortest int64       // the lowest chain among those that say no
	errs     []error
}

// agree forms one answer from several views.
func agree(views []view) (BlockStatus, error) {
	t := count(views)
	switch no := strings.Join(t.off, ", "); {
	case len(t.errs) == len(views):
		return BlockStatus{}, fmt.Errorf("no daemon answers: %w", errors.Join(t.errs...))
	case len(t.on) > 0 && len(t.off) > 0:
		return BlockStatus{}, &ContestedError{On: t.on, Off: t.off}
	case len(t.on) > 0:
		return t.merged, nil
	case len(t.off) > 0 && len(t.lonely) > 0:
		return BlockStatus{}, &ContestedError{On: t.lonely, Off: t.off}
	case len(t.short) > 0:
		return BlockStatus{}, &ContestedError{Off: append(t.off, t.short...), Early: true}
	case len(t.off) == 0:
		return BlockStatus{}, errors.Join(append(t.errs, ErrSyncing)...)
	case !t.merged.Known && !t.claims:
		return t.merged, nil // nobody has ever seen it
	case len(t.behind) > 0:
		return BlockStatus{}, fmt.Errorf("the block is not on the main chain of %s; %s has to catch up before that counts: %w", no, strings.Join(t.behind, ", "), ErrSyncing)
	case len(t.off) < min(witnesses, len(views)):
		return BlockStatus{}, fmt.Errorf("the block is not on the main chain of %s; another daemon has to confirm that: %w", no, errors.Join(t.errs...))
	case t.shortest < t.merged.Height+buried:
		return BlockStatus{}, &ContestedError{Off: t.off, Early: true}
	}
	return t.merged, nil
}

// count sorts the views.
func count(views []view) (t tally) {
	var highest, height int64
	for _, v := range views {
		if v.err == nil {
			highest = max(highest, v.info.Blocks, v.info.Headers)
			height = max(height, v.status.Height) // 0 if nobody can tell
		}
	}
	t.merged = BlockStatus{Confirmations: -1, Height: height}
	for _, v := range views {
		far := v.info.Blocks+nearTip < highest
		switch {
		case v.err != nil:
			t.errs = append(t.errs, v.err)
		case v.info.Synced() && far && v.status.OnMainChain():
			t.lonely = append(t.lonely, v.node)
		case !v.info.Synced() || far:
			t.behind = append(t.behind, v.node)
			t.claims = t.claims || v.status.Known
		case !v.status.OnMainChain() && v.info.Blocks < height:
			t.short = append(t.short, v.node)
		default:
			t.add(v)
		}
	}
	return t
}

// add takes the view of a daemon that counts.
func (t *tally) add(v view) {
	t.merged.Known = t.merged.Known || v.status.Known
	if !v.status.OnMainChain() {
		if len(t.off) == 0 || v.info.Blocks < t.shortest {
			t.shortest = v.info.Blocks
		}
		t.off = append(t.off, v.node)
		return
	}
	if len(t.on) == 0 || v.status.Confirmations < t.merged.Confirmations {
		t.merged.Confirmations = v.status.Confirmations
	}
	t.on = append(t.on, v.node)
}
