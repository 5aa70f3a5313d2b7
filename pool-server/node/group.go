package node

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/adit-mining/adit/miners/pow"
	"github.com/adit-mining/adit/pool-server/work"
)

// GroupOptions say how a Group watches its daemons.
type GroupOptions struct {
	Rules []string // template rules of the coin
	// PollInterval is how often each daemon is asked for its tip; 0 means 1 second.
	// It is the second line: long polls usually tell of a block first.
	PollInterval time.Duration
	// RefreshInterval is how often the template of an unchanged tip is renewed, for
	// new transactions and the time; 0 means 30 seconds.
	RefreshInterval time.Duration
	// MaxTemplateAge is how old the newest template may get, while no daemon
	// answers with another, before miners are sent away; 0 means 2 minutes.
	MaxTemplateAge time.Duration
	// Check looks at a daemon before its first template, and again after each
	// failure, for it may be another daemon by then. A daemon that it objects to
	// gives no work. nil means that any daemon will do.
	Check func(context.Context, *Client) error
	// FirstJob makes the group give an empty template as soon as it hears of a new
	// block's header; the daemon's own template follows. nil waits for that.
	FirstJob *FirstJob
	Log      *slog.Logger // nil means none
}

const (
	defaultPoll    = time.Second
	defaultRefresh = 30 * time.Second
	defaultMaxAge  = 2 * time.Minute
	maxBackOff     = 30 * time.Second
)

// Group is the daemons of one coin. Some of them may be dead, slow or behind at
// any time, from the start on. Its methods are safe for concurrent use; Run may
// run once at a time.
type Group struct {
	options GroupOptions
	log     *slog.Logger
	nodes   []*watched
	past    *past
	telling *telling
	hasher  pow.Hasher  // Run's alone; nil without FirstJob
	headers chan header // of new blocks, as they were told
	news    news

	mu     sync.Mutex
	status []NodeStatus // by node
}

// NodeStatus is how a daemon did at its last template.
type NodeStatus struct {
	Node   string // host:port
	Height int64  // of the block that its template would make
	Tip    pow.Hash
	At     time.Time // when it last gave a template
	Err    error     // why it gives none now; nil if it does
}

// NewGroup returns the group of these daemons, at least one. Nothing is started.
func NewGroup(clients []*Client, o GroupOptions) *Group {
	if o.PollInterval <= 0 {
		o.PollInterval = defaultPoll
	}
	if o.RefreshInterval <= 0 {
		o.RefreshInterval = defaultRefresh
	}
	if o.MaxTemplateAge <= 0 {
		o.MaxTemplateAge = defaultMaxAge
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	g := &Group{options: o, log: o.Log, past: new(past), telling: new(telling), headers: make(chan header, headersWaiting)}
	if o.FirstJob != nil {
		// An algorithm that is not known gives no empty templates, as it gives no jobs.
		g.hasher, _ = pow.NewHasher(o.FirstJob.Algorithm)
	}
	for i, c := range clients {
		g.nodes = append(g.nodes, &watched{
			index: i, client: c, options: o, past: g.past, telling: g.telling,
			kick: make(chan struct{}, 1), polls: make(chan string, 1), hashes: make(chan pow.Hash, hashesWaiting), answered: make(chan struct{}, 1),
			pace: rate.NewLimiter(looksPerSecond, lookBurst),
		})
		g.status = append(g.status, NodeStatus{Node: c.Name()})
	}
	return g
}

// Notify makes the group look for a new block now. It is the daemons' blocknotify
// hook, which is only a hint: calls may come late, twice or in a wrong order.
func (g *Group) Notify() {
	for _, n := range g.nodes {
		n.lookNow()
	}
}

// Status says how each daemon is doing.
func (g *Group) Status() []NodeStatus {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]NodeStatus(nil), g.status...)
}

// Run watches the daemons until ctx ends, which is no error. It calls onTemplate
// with each new best template; newBlock is true if the tip is another than that of
// the template before, or if onStale was called since. With FirstJob a new block's
// first template may be provisional, and the daemon's own follows as soon as it is
// there. The tip with the greatest height wins, and the one that was there first
// among equals. It calls onStale
// once when no daemon has given a template within MaxTemplateAge, or when all of
// them failed at the start. Both are called on Run's goroutine, one at a time, and
// hold up everything while they last.
func (g *Group) Run(ctx context.Context, onTemplate func(t *work.Template, newBlock bool), onStale func(err error)) error {
	if len(g.nodes) == 0 {
		return fmt.Errorf("watch daemons: %w: none is configured", ErrUnreachable)
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	sightings := make(chan sighting)
	for _, n := range g.nodes {
		wg.Go(func() { n.poll(ctx, sightings) })
		wg.Go(func() { n.longPoll(ctx, sightings) })
		wg.Go(func() { n.hear(ctx, g.headers) })
		if g.hasher != nil {
			wg.Go(func() { n.fetchHeaders(ctx, g.headers) })
		}
	}
	best := newChoice(len(g.nodes), g.options, time.Now())
	timer := time.NewTimer(g.options.MaxTemplateAge)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case s := <-sightings:
			g.record(s)
			best.see(s)
		case h := <-g.headers:
			g.extend(best, h, time.Now())
		case <-timer.C:
		}
		d := best.decide(time.Now())
		timer.Reset(d.lookAgain)
		switch {
		case d.template != nil:
			g.tell(d, onTemplate)
			if !g.sound(best, d.template) {
				timer.Reset(0) // another daemon's will do
			}
		case d.stale != nil:
			g.log.Error("no daemon gives work", "err", d.stale)
			onStale(d.stale)
		}
	}
}

func (g *Group) tell(d decision, onTemplate func(t *work.Template, newBlock bool)) {
	if d.template.Provisional {
		g.telling.Lock()
		defer g.telling.Unlock()
	}
	if d.newBlock {
		g.news.count(d.template)
	}
	onTemplate(d.template, d.newBlock)
}

// sound looks whether blocks can be made of a template, now that miners need not wait
// for that any more. The daemons that gave one of no use give no work.
func (g *Group) sound(c *choice, t *work.Template) bool {
	err := t.Verify()
	if err == nil {
		return true
	}
	for _, node := range c.drop(t, err) {
		g.record(sighting{node: node, err: err})
		g.nodes[node].fail()
	}
	return false
}

// record keeps the status and logs a daemon's changes between good and bad.
func (g *Group) record(s sighting) {
	g.mu.Lock()
	defer g.mu.Unlock()
	st := &g.status[s.node]
	was := st.Err
	st.Err = s.err
	if s.err == nil {
		st.Height, st.Tip, st.At = s.template.Height, s.template.PreviousHash, s.at
	}
	switch {
	case s.err != nil && (was == nil || was.Error() != s.err.Error()):
		g.log.Warn("daemon gives no work", "node", st.Node, "err", s.err)
	case s.err == nil && was != nil:
		g.log.Info("daemon gives work again", "node", st.Node, "height", st.Height)
	}
}
