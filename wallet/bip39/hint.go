package bip39

import (
	"slices"
	"strings"
)

// most is how many words are suggested at most.
const most = 6

// Complete returns the words of the list that begin with prefix, in order; none for
// an empty prefix. Four letters always leave one word, or three letters that are one.
func Complete(prefix string) []string {
	prefix = strings.ToLower(strings.TrimSpace(prefix))
	if prefix == "" {
		return nil
	}
	from, _ := slices.BinarySearch(list(), prefix)
	to := from
	for to < len(list()) && strings.HasPrefix(list()[to], prefix) {
		to++
	}
	return slices.Clone(list()[from:to])
}

// Known reports whether word is in the list.
func Known(word string) bool {
	_, known := slices.BinarySearch(list(), word)
	return known
}

// Hint returns the place of the first word that is not in the list and the words it
// may have been, likely ones first; or -1 and nothing.
func Hint(words []string) (index int, suggestions []string) {
	for i, w := range words {
		if !Known(w) {
			return i, near(w)
		}
	}
	return -1, nil
}

// Last returns the words that can stand after words, which are one less than a whole
// number of words, so that the checksum is right: 128 for the twelfth. It returns
// nothing if there is something else wrong.
func Last(words []string) []string {
	var fitting []string
	whole := append(slices.Clone(words), "")
	if !slices.Contains(counts, len(whole)) {
		return nil
	}
	for _, w := range list() {
		whole[len(words)] = w
		if _, err := Entropy(whole); err == nil {
			fitting = append(fitting, w)
		}
	}
	return fitting
}

// A Repair is one word in the place of another.
type Repair struct {
	Index int
	Word  string
}

// Repairs returns, for known words whose checksum is wrong, which of them could be a
// slip: another word of the list, one or two letters away, would make it right. What
// is right only the mining key on the same paper can tell.
func Repairs(words []string) []Repair {
	if _, err := Entropy(words); err == nil {
		return nil
	}
	var found []Repair
	tried := slices.Clone(words)
	for distance := 1; distance <= 2; distance++ {
		for i, w := range words {
			for _, other := range list() {
				if slip(w, other) != distance {
					continue
				}
				tried[i] = other
				if _, err := Entropy(tried); err == nil {
					found = append(found, Repair{i, other})
				}
			}
			tried[i] = w
		}
	}
	return found
}

// near returns the words of the list that somebody who typed w may have meant.
func near(w string) []string {
	if len(w) > 16 {
		return nil
	}
	var found []string
	add := func(words ...string) {
		for _, other := range words {
			if len(found) < most && !slices.Contains(found, other) {
				found = append(found, other)
			}
		}
	}
	if len(w) >= 3 {
		if goOn := Complete(w); len(goOn) <= most {
			add(goOn...)
		}
	}
	for distance := 1; distance <= 2; distance++ {
		for _, other := range list() {
			if slip(w, other) == distance {
				add(other)
			}
		}
	}
	if len(w) >= 4 { // the first four letters tell words apart, so an ending was mistaken
		add(Complete(w[:4])...)
	}
	return found
}

// slip counts the letters that were left out, added, mistaken or exchanged with their
// neighbour between a and b (optimal string alignment).
func slip(a, b string) int {
	if d := len(a) - len(b); d > 2 || d < -2 {
		return 3
	}
	before, above, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above, row = above, row, before
	}
	return above[len(b)]
}
