package console

import (
	"strings"

	"github.com/adit-mining/adit/miners"
)

// Tallies are a program's counts of shares, one for each algorithm or pool that it
// counts apart.
type Tallies struct {
	counted []*counted
}

type counted struct {
	name  string
	tally miners.Tally
}

// maxTallies is more than anybody mines at a time.
const maxTallies = 16

// Of returns the counts of name, which a table may cut off. Where a line has no
// name they are the first that are known, and counts whose name was not known get
// the first one that comes.
func (t *Tallies) Of(name string) *miners.Tally {
	for _, c := range t.counted {
		if c.name == "" {
			c.name = name
		}
		if strings.HasPrefix(c.name, name) || strings.HasPrefix(name, c.name) {
			return &c.tally
		}
	}
	if len(t.counted) >= maxTallies {
		return &t.counted[0].tally
	}
	t.counted = append(t.counted, &counted{name: name})
	return &t.counted[len(t.counted)-1].tally
}

// Len returns how many names are counted apart.
func (t *Tallies) Len() int { return len(t.counted) }

// Reset forgets all totals, because the program started anew.
func (t *Tallies) Reset() {
	for _, c := range t.counted {
		c.tally.Reset()
	}
}

// Said implements miners.Witness for the parser that embeds t.
func (t *Tallies) Said() (said miners.Said) {
	for _, c := range t.counted {
		said.Counts = said.Counts || c.tally.Told()
	}
	return said
}
