package node

import (
	"context"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/work"
	"github.com/adit-mining/adit/pool-server/zmq"
	"github.com/adit-mining/adit/wallet/coin"
)

// FirstJob says how to make an empty template for miners to begin with as soon as a
// new block's header is known.
type FirstJob struct {
	Algorithm pow.Algorithm
	Steady    *coin.Steady // of the coin's network
}

// Topics of a daemon's publisher. Both are asked for: a header out of rawblock saves a
// call, and hashblock is what most operators have switched on.
const (
	topicHash  = "hashblock"
	topicBlock = "rawblock"
)

const (
	headersWaiting = 16
	hashesWaiting  = 8
	// looksPerSecond bounds the calls that a publisher gone mad can cause.
	looksPerSecond = 20
	lookBurst      = 40
)

// header is a block's header that somebody told.
type header = [pow.HeaderSize]byte

// hear listens to the daemon's publisher, if it has one, until ctx ends. What that
// says is only a hint, but a header's proof of work speaks for itself.
func (n *watched) hear(ctx context.Context, headers chan<- header) {
	if n.client.config.ZMQ == "" {
		return
	}
	s := zmq.Subscriber{Address: n.client.config.ZMQ, Topics: []string{topicHash, topicBlock}, Log: n.client.log}
	s.Run(ctx, func(m zmq.Message) {
		switch {
		case m.Topic == topicBlock && len(m.Body) >= pow.HeaderSize:
			told := header(m.Body)
			offer(headers, told)
			n.lookFor(work.BlockID(&told))
		case m.Topic == topicHash && len(m.Body) == len(pow.Hash{}):
			n.hint(pow.Hash(m.Body)) // daemons publish it in display order
		}
	})
}

// hint says that there may be a block with that hash.
func (n *watched) hint(hash pow.Hash) {
	if n.lookFor(hash) {
		offer(n.hashes, hash)
	}
}

// lookFor looks for a new block unless hash is the tip already, or there is too much
// news to be true: polls find the rest.
func (n *watched) lookFor(hash pow.Hash) (news bool) {
	n.mu.Lock()
	news = n.tip != hash
	n.mu.Unlock()
	if news = news && n.pace.Allow(); news {
		n.lookNow()
	}
	return news
}

// offer sends v unless that would mean waiting.
func offer[T any](to chan<- T, v T) {
	select {
	case to <- v:
	default:
	}
}

// fetchHeaders asks the daemon for the headers of the blocks that were hinted at.
func (n *watched) fetchHeaders(ctx context.Context, headers chan<- header) {
	for {
		select {
		case <-ctx.Done():
			return
		case hash := <-n.hashes:
			if h, err := n.client.Header(ctx, hash); err == nil {
				offer(headers, h)
			}
		}
	}
}

// Header returns the header of a block. It is not trusted: the hash is checked.
func (c *Client) Header(ctx context.Context, hash pow.Hash) (h [pow.HeaderSize]byte, err error) {
	var text string
	if err := c.Call(ctx, "getblockheader", []any{hash, false}, &text); err != nil {
		return h, err
	}
	if len(text) < 2*len(h) { // some coins' headers go on
		return h, fmt.Errorf("getblockheader at %s: a header of %d digits", c.name, len(text))
	}
	if _, err := hex.Decode(h[:], []byte(text[:2*len(h)])); err != nil {
		return h, fmt.Errorf("getblockheader at %s: %w", c.name, err)
	}
	if work.BlockID(&h) != hash {
		return h, fmt.Errorf("getblockheader at %s: the header of another block than %v", c.name, hash)
	}
	return h, nil
}

// past remembers the times of the newest blocks: with them the earliest time of a
// block on a header is known without a question, at a moment when the daemon is busy
// with a template. It is safe for concurrent use.
type past struct {
	mu     sync.Mutex // guards what follows
	blocks map[pow.Hash]pastBlock
}

type pastBlock struct {
	previous pow.Hash
	time     uint32
}

// maxPast bounds what is remembered. What is forgotten is learned again.
const maxPast = 500

func (p *past) add(h *header) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.blocks == nil || len(p.blocks) >= maxPast {
		p.blocks = make(map[pow.Hash]pastBlock)
	}
	p.blocks[work.BlockID(h)] = pastBlock{work.HeaderPrevious(h), work.HeaderTime(h)}
}

// before returns the times of the blocks up to tip, newest first, as many as a chain
// looks at. missing is the first block that is not known, zero if none is.
func (p *past) before(tip pow.Hash) (times []uint32, missing pow.Hash) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(times) < work.MedianSpan-1 && tip != (pow.Hash{}) {
		b, known := p.blocks[tip]
		if !known {
			return times, tip
		}
		times = append(times, b.time)
		tip = b.previous
	}
	return times, pow.Hash{}
}

// learn asks the daemon for the headers up to its tip that are not known yet.
func (n *watched) learn(ctx context.Context) {
	n.mu.Lock()
	tip := n.tip
	n.mu.Unlock()
	for range work.MedianSpan {
		_, missing := n.past.before(tip)
		if missing == (pow.Hash{}) {
			return
		}
		h, err := n.client.Header(ctx, missing)
		if err != nil {
			return // the next look tries again; until then blocks wait for their template
		}
		n.past.add(&h)
	}
}

// telling keeps large templates from being read while miners are told of a new block:
// both take all processors, and the template is of use only after that.
type telling struct{ sync.RWMutex }

func (t *telling) wait() {
	t.RLock()
	defer t.RUnlock()
}

// extend makes an empty template on a header that somebody told, if it is the next
// block of what is mined on.
func (g *Group) extend(c *choice, h header, now time.Time) {
	base := c.base()
	switch {
	case g.hasher == nil || base == nil:
		return
	case work.BlockID(&h) == base.PreviousHash:
		g.past.add(&h) // the template was faster
		return
	case work.HeaderPrevious(&h) != base.PreviousHash:
		return
	}
	times, _ := g.past.before(base.PreviousHash)
	empty, err := base.Empty(g.hasher, work.Next{
		Header: h, Times: times, Steady: g.options.FirstJob.Steady,
		Clock: base.CurTime + uint32(now.Sub(c.currentAt)/time.Second),
	})
	if err != nil {
		g.log.Debug("no empty job", "err", err)
		return
	}
	g.past.add(&h)
	c.expect(empty, now)
	for _, n := range g.nodes {
		n.expect()
	}
}

// NotifyBlock is Notify with the hash of the block, as the daemons' blocknotify hook
// tells it.
func (g *Group) NotifyBlock(hash pow.Hash) {
	for _, n := range g.nodes {
		n.hint(hash)
	}
}
