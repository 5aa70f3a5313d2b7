package teamredminer

import (
	"slices"
	"strings"

	"github.com/adit-mining/adit/miners"
)

// pools are the counts of shares of each pool: the program gives them with each
// share, and those of all pools in its table.
type pools []*pool

type pool struct {
	name  string
	tally miners.Tally
}

// maxPools is more than anybody mines at.
const maxPools = 16

// of returns the counts of a pool, whose name a table may cut off. Counts of which
// it is not known whose they are ("") are the first pool's.
func (p *pools) of(name string) *miners.Tally {
	for _, known := range *p {
		if known.name == "" {
			known.name = name
		}
		if strings.HasPrefix(known.name, name) || strings.HasPrefix(name, known.name) {
			return &known.tally
		}
	}
	if len(*p) >= maxPools {
		return &(*p)[0].tally
	}
	one := &pool{name: name}
	*p = append(*p, one)
	return &one.tally
}

// reset forgets all totals, because the program started anew.
func (p pools) reset() {
	for _, known := range p {
		known.tally.Reset()
	}
}

// told reports whether the program told any totals.
func (p pools) told() bool {
	return slices.ContainsFunc(p, func(known *pool) bool { return known.tally.Told() })
}
