package miners

import "github.com/adit-mining/adit/miners/pow"

// Spellings are the algorithms that a program can compute, in its own words.
type Spellings []string

// Algorithms lists them in Adit's spelling.
func (s Spellings) Algorithms() []pow.Algorithm {
	algorithms := make([]pow.Algorithm, len(s))
	for i, name := range s {
		algorithms[i] = pow.Canonical(name)
	}
	return algorithms
}

// Of returns the program's word for a, or a itself where it has none: the program
// then says that it does not know it.
func (s Spellings) Of(a pow.Algorithm) string {
	for _, name := range s {
		if pow.Canonical(name) == pow.Canonical(string(a)) {
			return name
		}
	}
	return string(a)
}
