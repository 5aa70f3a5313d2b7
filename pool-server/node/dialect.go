package node

import (
	"context"
	"sync"
)

// A way is one form of a question that daemons want put differently.
type way struct {
	wallet bool // it goes to the wallet
	method string
	params []any
}

// dialect remembers which way of each question the daemon understood last: its
// version number says little, for every coin counts its own.
type dialect struct {
	mu    sync.Mutex // guards knows
	knows map[string]int
}

func (d *dialect) of(question string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.knows[question]
}

func (d *dialect) learn(question string, way int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.knows == nil {
		d.knows = make(map[string]int)
	}
	d.knows[question] = way
}

// ask puts a question in the way that this daemon understands. Which one that is is
// found by trying, the last that was understood first: the daemon may have been
// replaced since. If it understands none, the error is what it said to the first way
// whose method it has; foreign tells that error from others.
func (c *Client) ask(ctx context.Context, question string, result any, ways ...way) error {
	first := c.dialect.of(question)
	var refusal error
	for i := range ways {
		at := (first + i) % len(ways)
		w := ways[at]
		call := c.Call
		if w.wallet {
			call = c.walletCall
		}
		err := call(ctx, w.method, w.params, result)
		switch {
		case foreign(err):
			if refusal == nil || codeOf(refusal) == codeMethodNotFound {
				refusal = err
			}
			continue
		case err == nil:
			c.dialect.learn(question, at)
		}
		return err
	}
	return refusal
}

// foreign reports whether the daemon did not understand the call: it lacks the
// method, or wants other parameters. Daemons have many codes for that, and some use
// them for wrong contents too, so it is worth another try and nothing more.
func foreign(err error) bool {
	switch codeOf(err) {
	case codeMethodNotFound, codeInvalidParams, codeMisc, codeType, codeInvalidParam:
		return true
	}
	return false
}
