package node

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/work"
)

// watched is one daemon of a group with the goroutines that ask it: poll, which never
// misses anything, longPoll, which is fast, and those of news.go, which are faster
// where the daemon tells of blocks by itself.
type watched struct {
	index    int
	client   *Client
	options  GroupOptions
	past     *past         // the group's
	telling  *telling      // the group's
	kick     chan struct{} // look now
	polls    chan string   // the newest long poll id, at most one
	hashes   chan pow.Hash // of blocks that there may be
	answered chan struct{} // told when a template was taken
	pace     *rate.Limiter // of looks that somebody's news causes

	mu     sync.Mutex // guards what follows
	tip    pow.Hash
	height int64     // of the template for tip
	tipAt  time.Time // when it was had; zero if there is none
	failed bool      // the last question failed
	taken  int       // templates taken
	isNew  bool      // there is a block that the tip is not, beyond doubt
	asking bool      // a long poll is under way
}

// poll asks for the tip every PollInterval and for a template when the tip is new
// or the last template is due for renewal. A failing daemon is asked less and
// less often.
func (n *watched) poll(ctx context.Context, out chan<- sighting) {
	wait := n.options.PollInterval
	for {
		begun := time.Now()
		t, err := n.look(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			n.fail()
			wait = min(2*wait, max(maxBackOff, n.options.PollInterval))
			n.send(ctx, out, sighting{node: n.index, at: time.Now(), err: err})
		case t != nil:
			n.take(ctx, out, t, begun)
			fallthrough
		default:
			wait = n.options.PollInterval
			if n.options.FirstJob != nil {
				n.learn(ctx)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-n.kick:
		case <-time.After(wait):
		}
	}
}

// look returns a template if there is a reason to ask for one.
func (n *watched) look(ctx context.Context) (*work.Template, error) {
	n.mu.Lock()
	tip, unknown, isNew := n.tip, n.failed || n.tipAt.IsZero(), n.isNew
	due := unknown || isNew || time.Since(n.tipAt) >= n.options.RefreshInterval
	n.mu.Unlock()
	if unknown && n.options.Check != nil {
		if err := n.options.Check(ctx, n.client); err != nil {
			return nil, err
		}
	}
	if !due {
		best, err := n.client.BestBlock(ctx)
		if err == nil && best == tip {
			return nil, nil
		}
		if err != nil && codeOf(err) == 0 {
			return nil, err
		}
		if isNew = err == nil; isNew {
			n.setNew(true)
		}
	}
	if isNew && !unknown && n.longPollAnswers(ctx) {
		return nil, ctx.Err()
	}
	n.setNew(false)
	return n.client.template(ctx, n.telling.wait, n.options.Rules, "")
}

// headStart is what a long poll gets to answer by itself after a new block. A second
// question for the same template would cost the daemon as much as the first.
const headStart = 200 * time.Millisecond

// longPollAnswers waits for the long poll under way, if there is one, and reports
// whether it brought the new block's template.
func (n *watched) longPollAnswers(ctx context.Context) bool {
	timer := time.NewTimer(headStart)
	defer timer.Stop()
	for {
		n.mu.Lock()
		asking, isNew := n.asking, n.isNew
		n.mu.Unlock()
		if !isNew || !asking {
			return !isNew
		}
		select {
		case <-n.answered: // perhaps to an earlier question
		case <-ctx.Done():
			return true
		case <-timer.C:
			return false
		}
	}
}

// expect says that there is a new block for certain.
func (n *watched) expect() {
	n.setNew(true)
	n.lookNow()
}

func (n *watched) setNew(isNew bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.isNew = isNew
}

func (n *watched) setAsking(asking bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asking = asking
}

// longPoll keeps a long poll going while the daemon offers one.
func (n *watched) longPoll(ctx context.Context, out chan<- sighting) {
	const atLeast = time.Second // between polls that bring nothing
	for {
		var id string
		select {
		case <-ctx.Done():
			return
		case id = <-n.polls:
		}
		begun := time.Now()
		n.setAsking(true)
		t, err := n.client.template(ctx, n.telling.wait, n.options.Rules, id)
		if ctx.Err() != nil {
			return
		}
		// A failure is poll's to report; it offers the next id once all is well.
		news := err == nil && n.take(ctx, out, t, begun)
		n.setAsking(false)
		if news && n.options.FirstJob != nil {
			n.lookNow() // to learn the block's time
		}
		if !news && time.Since(begun) < atLeast {
			select {
			case <-ctx.Done():
				return
			case <-time.After(atLeast):
			}
		}
	}
}

// take passes on a template that was asked for at begun, and offers its id for the
// next long poll. It reports whether the tip is new.
func (n *watched) take(ctx context.Context, out chan<- sighting, t *work.Template, begun time.Time) (news bool) {
	now := time.Now()
	n.mu.Lock()
	news = t.PreviousHash != n.tip
	if news && t.Height <= n.height && begun.Before(n.tipAt) {
		// The two goroutines' answers overtook each other, or the chain went back. A
		// question that is asked now will tell.
		n.failed = true
		n.mu.Unlock()
		n.lookNow()
		return false
	}
	n.tip, n.height, n.tipAt, n.failed, n.isNew = t.PreviousHash, t.Height, now, false, n.isNew && !news
	n.taken++
	order := n.taken
	n.mu.Unlock()
	offer(n.answered, struct{}{})
	if t.LongPollID != "" {
		select {
		case <-n.polls: // an older one
		default:
		}
		select {
		case n.polls <- t.LongPollID:
		default: // the other goroutine was faster
		}
	}
	n.send(ctx, out, sighting{node: n.index, order: order, at: now, template: t})
	return news
}

// lookNow makes poll ask without waiting.
func (n *watched) lookNow() {
	select {
	case n.kick <- struct{}{}:
	default: // a look is due already
	}
}

func (n *watched) fail() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.failed = true
}

func (n *watched) send(ctx context.Context, out chan<- sighting, s sighting) {
	select {
	case out <- s:
	case <-ctx.Done():
	}
}
