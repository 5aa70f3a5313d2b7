package node

import (
	"errors"
	"time"

	"github.com/adit-mining/adit/pool-server/work"
)

// sighting is what a daemon answered when it was asked for a template.
type sighting struct {
	node     int
	order    int // counts the daemon's templates; its two goroutines may pass them on in another order
	at       time.Time
	template *work.Template // nil if err is not
	err      error
}

// choice decides which template is the best. It does no I/O and has no clock of
// its own; Group.Run owns it.
type choice struct {
	options   GroupOptions
	start     time.Time
	seen      []sighting     // by node: the last template
	errs      []error        // by node: the last answer's error
	current   *work.Template // announced last
	currentAt time.Time      // when the daemon made it, by our clock
	announced time.Time
	stale     bool // miners were sent away

	expected   *work.Template // a provisional one, until a daemon gives its own
	expectedAt time.Time
}

// fullAfter is how long miners keep an empty job at least. Sent at once, the next one
// would be in the way of the first one's last copies; what a block's fees lose by this
// is a three-thousandth on a chain of ten minutes.
const fullAfter = 200 * time.Millisecond

// expectFor is how long a daemon may take for its own template of a block before we
// doubt that it has that block.
const expectFor = 15 * time.Second

// decision is what there is to do: announce the template, say that all is stale,
// or neither. lookAgain is when time alone may change it.
type decision struct {
	template  *work.Template
	newBlock  bool
	stale     error
	lookAgain time.Duration
}

func newChoice(nodes int, o GroupOptions, now time.Time) *choice {
	return &choice{options: o, start: now, seen: make([]sighting, nodes), errs: make([]error, nodes)}
}

// see takes in a sighting. After an error the daemon's last template still counts
// until it is too old: a daemon that is restarted is no reason to stop.
func (c *choice) see(s sighting) {
	c.errs[s.node] = s.err
	if s.err == nil && s.order > c.seen[s.node].order {
		c.seen[s.node] = s
	}
}

// drop takes back a template that turned out to be of no use. It returns the daemons
// that it is from.
func (c *choice) drop(t *work.Template, err error) (nodes []int) {
	for i := range c.seen {
		if c.seen[i].template == t {
			c.seen[i].template, c.errs[i] = nil, err
			nodes = append(nodes, i)
		}
	}
	if c.current == t {
		c.current = nil // miners have it: the next one is a new start
	}
	return nodes
}

// base is the template that a new block is expected for, nil if there is none.
func (c *choice) base() *work.Template {
	if c.stale {
		return nil
	}
	return c.current
}

// expect takes in the provisional template of a block that somebody told of.
func (c *choice) expect(t *work.Template, now time.Time) { c.expected, c.expectedAt = t, now }

func (c *choice) decide(now time.Time) decision {
	found := c.best(now)
	best := found.template
	if best == nil {
		return c.withoutTemplate(now)
	}
	d := decision{lookAgain: c.nextChange(now)}
	d.newBlock = c.current == nil || c.stale || best.PreviousHash != c.current.PreviousHash
	due := c.options.RefreshInterval - now.Sub(c.announced)
	if c.current != nil && c.current.Provisional {
		due = fullAfter - now.Sub(c.announced)
	}
	switch {
	case d.newBlock || best != c.current && due <= 0:
		d.template = best
		c.current, c.currentAt, c.announced, c.stale = best, found.at, now, false
	case best != c.current:
		d.lookAgain = min(d.lookAgain, due)
	}
	return d
}

// best returns the template to mine on, an empty sighting if all are too old.
func (c *choice) best(now time.Time) sighting {
	var best sighting
	for _, s := range c.seen {
		if s.template != nil && now.Sub(s.at) < c.options.MaxTemplateAge && c.better(s, best) {
			best = s
		}
	}
	if c.expecting(best.template, now) {
		return sighting{at: c.expectedAt, template: c.expected}
	}
	return best
}

// expecting reports whether the provisional template is to be preferred to what the
// daemons have given: until one of them has a template for its tip or for a higher
// one, and no longer than expectFor.
func (c *choice) expecting(best *work.Template, now time.Time) bool {
	e := c.expected
	return e != nil && best != nil && now.Sub(c.expectedAt) < expectFor &&
		best.PreviousHash != e.PreviousHash && best.Height <= e.Height
}

// better reports whether a is to be preferred to b: the higher block, then the tip
// that is mined on already, then the template that pays more, then the newer one.
func (c *choice) better(a, b sighting) bool {
	switch {
	case b.template == nil:
		return true
	case a.template.Height != b.template.Height:
		return a.template.Height > b.template.Height
	case a.template.PreviousHash != b.template.PreviousHash:
		return c.current != nil && a.template.PreviousHash == c.current.PreviousHash
	case a.template.CoinbaseValue != b.template.CoinbaseValue:
		return a.template.CoinbaseValue > b.template.CoinbaseValue
	}
	return a.at.After(b.at)
}

// withoutTemplate decides whether to say that there is no work: once, when the last
// template is too old, or when at the start every daemon has failed.
func (c *choice) withoutTemplate(now time.Time) decision {
	d := decision{lookAgain: c.options.MaxTemplateAge}
	waiting := false // for a daemon's first answer
	if c.current == nil && now.Sub(c.start) < c.options.MaxTemplateAge {
		d.lookAgain = c.options.MaxTemplateAge - now.Sub(c.start)
		for i := range c.seen {
			waiting = waiting || c.errs[i] == nil && c.seen[i].template == nil
		}
	}
	if c.stale || waiting {
		return d
	}
	c.stale = true
	if d.stale = errors.Join(c.errs...); d.stale == nil {
		d.stale = ErrUnanswered
	}
	return d
}

// nextChange is the time until the next template gets too old.
func (c *choice) nextChange(now time.Time) time.Duration {
	next := c.options.MaxTemplateAge
	for _, s := range c.seen {
		if left := c.options.MaxTemplateAge - now.Sub(s.at); s.template != nil && left > 0 {
			next = min(next, left)
		}
	}
	if left := expectFor - now.Sub(c.expectedAt); c.expected != nil && left > 0 {
		next = min(next, left)
	}
	return next
}
