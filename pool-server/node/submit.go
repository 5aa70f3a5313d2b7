package node

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/adit-mining/adit/miners/pow"
)

// Timing of SubmitBlock.
const (
	firstRetry = 250 * time.Millisecond
	lastRetry  = 5 * time.Second
	// afterAccepted is what the other daemons get once one has the block, which by
	// then travels through the network.
	afterAccepted = 5 * time.Second
	// afterRefused is what they get once one has refused it: long enough for a
	// daemon to be restarted.
	afterRefused = 2 * time.Minute
)

// Verdict is what the chain thinks of a block.
type Verdict struct {
	Accepted bool // at least one daemon has it and finds it good
	PerNode  []NodeVerdict
}

// NodeVerdict is one daemon's part in a Verdict.
type NodeVerdict struct {
	Node     string
	Accepted bool
	Reason   string // the daemon's words; may be "duplicate" for an accepted block
	Err      error  // why there is no answer
}

// SubmitBlock hands a block to all daemons at once. A daemon that cannot answer is
// asked again until it does, so ctx decides how long; once one has answered, the
// others are not waited for without end. One daemon's acceptance counts whatever
// the others say. The error is not nil if none accepted and not all refused: the
// block's fate is open, and the same call may be made again.
func (g *Group) SubmitBlock(ctx context.Context, raw []byte, hash pow.Hash) (Verdict, error) {
	if len(raw) < pow.HeaderSize {
		return Verdict{}, fmt.Errorf("submit block %v: %d bytes are no block", hash, len(raw))
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make(chan NodeVerdict, len(g.nodes))
	var wg sync.WaitGroup
	defer wg.Wait()
	for _, n := range g.nodes {
		wg.Go(func() { answers <- n.offer(ctx, raw, hash) })
	}
	var v Verdict
	var open []error
	for range g.nodes {
		a := <-answers
		v.PerNode = append(v.PerNode, a)
		g.log.Info("block submitted", "block", hash, "node", a.Node, "accepted", a.Accepted, "reason", a.Reason, "err", a.Err)
		switch {
		case a.Accepted && !v.Accepted:
			v.Accepted = true
			if a.Reason == "" { // the chain's new end: the next job need not wait for the daemon's news
				offer(g.headers, header(raw))
			}
			defer time.AfterFunc(afterAccepted, cancel).Stop()
		case a.Err != nil:
			open = append(open, a.Err)
		case !a.Accepted:
			defer time.AfterFunc(afterRefused, cancel).Stop()
		}
	}
	if v.Accepted || len(open) == 0 && len(g.nodes) > 0 {
		return v, nil
	}
	return v, fmt.Errorf("submit block %v: %w: %w", hash, ErrUnanswered, errors.Join(open...))
}

// offer submits the block to one daemon until that has an opinion.
func (n *watched) offer(ctx context.Context, raw []byte, hash pow.Hash) NodeVerdict {
	answer := NodeVerdict{Node: n.client.Name()}
	for wait := firstRetry; ; wait = min(2*wait, lastRetry) {
		verdict, err := n.client.SubmitBlock(ctx, raw)
		answer.Reason, answer.Err = verdict, err
		switch {
		case err == nil && taken(verdict) && !n.parked(ctx, hash):
			answer.Accepted = true
			return answer
		case err == nil && taken(verdict):
			answer.Err = fmt.Errorf("submitblock at %s: the block before this one is unknown there", answer.Node)
		case err == nil && !passing(verdict):
			// Some daemons have reasons of their own for "I have it already".
			status, err := n.client.BlockStatus(ctx, hash)
			answer.Accepted = err == nil && status.OnMainChain()
			return answer
		case definite(err):
			answer.Reason, answer.Err = err.Error(), nil
			return answer
		case err == nil: // passing
			answer.Err = fmt.Errorf("submitblock at %s: %s", answer.Node, verdict)
		}
		select {
		case <-ctx.Done():
			return answer
		case <-time.After(wait):
		}
	}
}

// parked reports whether a block that the daemon did not object to is not in its
// chain all the same: btcd says nothing and keeps a block aside while it does not
// know the one before.
func (n *watched) parked(ctx context.Context, hash pow.Hash) bool {
	status, err := n.client.BlockStatus(ctx, hash)
	return err == nil && !status.Known
}

// definite reports whether an error answer says that this block will never do.
// Every other error may pass.
func definite(err error) bool {
	switch codeOf(err) {
	case codeDeserialization, codeInvalidParam, codeMethodNotFound:
		return true
	}
	return false
}
