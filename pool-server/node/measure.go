package node

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/adit-mining/adit/pool-server/histogram"
	"github.com/adit-mining/adit/pool-server/work"
)

// failures are the ways in which a call has no answer, each with a word for it.
var failures = [...]struct {
	kind error
	word string
}{
	{ErrUnreachable, "unreachable"},
	{ErrUnanswered, "unanswered"},
	{ErrBusy, "busy"},
	{ErrAuth, "login"},
	{ErrNotDaemon, "not_a_daemon"},
}

// measures are what nobody but the operator's metrics asks for.
type measures struct {
	answered *histogram.Histogram
	failed   [len(failures)]atomic.Uint64
}

// call counts a call that began at begun and could take limit. A long poll is there to
// wait, so its time says nothing; nor does the end of a call that nobody waits for.
func (m *measures) call(ctx context.Context, begun time.Time, limit time.Duration, kind error) {
	if errors.Is(ctx.Err(), context.Canceled) {
		return
	}
	for i := range failures {
		if failures[i].kind == kind {
			m.failed[i].Add(1)
			return
		}
	}
	if limit < longPollTimeout {
		m.answered.Since(begun)
	}
}

// Measures are what metrics show of a daemon, since New.
type Measures struct {
	Answered histogram.Snapshot // nanoseconds that answers took, long polls left out; a daemon's "no" is an answer
	Failed   map[string]uint64  // calls without an answer, by a word for the reason
}

// Measures returns what was measured so far.
func (c *Client) Measures() Measures {
	all := Measures{Answered: c.measures.answered.Snapshot(), Failed: map[string]uint64{}}
	for i := range failures {
		all.Failed[failures[i].word] = c.measures.failed[i].Load()
	}
	return all
}

// news counts the new blocks that a group went over to, by what told of them first.
type news struct{ byHeader, byTemplate atomic.Uint64 }

func (n *news) count(first *work.Template) {
	if first.Provisional {
		n.byHeader.Add(1)
		return
	}
	n.byTemplate.Add(1)
}

// NewBlocks returns how many new blocks the group went over to, by what told of them
// first: a block's header, which comes of a daemon's publisher or blocknotify, or the
// template of a daemon that was asked.
func (g *Group) NewBlocks() (byHeader, byTemplate uint64) {
	return g.news.byHeader.Load(), g.news.byTemplate.Load()
}
