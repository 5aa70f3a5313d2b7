package paper

import (
	"strings"
)

const (
	groupLength   = 4 // letters of a key that stand together
	groupsPerLine = 4
)

// lines returns a key as it stands on the sheet: in lines of four groups of four.
func lines(key string) [][]string {
	var all [][]string
	for len(key) > 0 {
		var line []string
		for len(key) > 0 && len(line) < groupsPerLine {
			n := min(groupLength, len(key))
			line = append(line, key[:n])
			key = key[n:]
		}
		all = append(all, line)
	}
	return all
}

func joinWords(words []string) string { return strings.Join(words, " ") }

// CheckWord returns the word that stands beside a line of a key, counted from 0: it
// tells whether the line was typed as it is on the sheet.
func CheckWord(line int, text string) string { return "abandon" }
