// Package console has what the drivers of closed mining programs for graphics
// cards share: such programs are told alike what to do (Names, Wallet, Numbers),
// and print alike what happens (Parts, Cells, Link, Trouble).
//
// Their output changes with every version and nobody documents it. So counts are
// only taken from lines whose form is known from recordings, and are held against
// the totals of the programs' tables; sentences are matched loosely. All here are
// functions on text: nothing is started and nothing fails.
package console

import (
	"regexp"
	"strings"
)

var (
	// prefix is what comes before the text of a line: the edge of a box, the time in
	// one of the programs' ways, the level.
	prefix = regexp.MustCompile(`^[│|]?\s*` +
		`(?:\[?(?:\d{4}-\d\d-\d\d[ T])?\d\d:\d\d:\d\d(?:[.,]\d+)?\]?(?:\s|$))?\s*` +
		`(?:(?:TRACE|DEBUG|INFO|WARN|WARNING|ERROR|FATAL) - ?)?`)
	// inside is the time of a second event that was printed into the same line by
	// another thread of the program.
	inside = regexp.MustCompile(`.\[(?:\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d(?:\.\d+)?\] `)
)

// Parts returns the events that a line holds, mostly one: without time, level and
// space around. A table's row keeps its edges.
func Parts(line string) (parts []string) {
	for {
		end := len(line)
		if at := inside.FindStringIndex(line); at != nil {
			end = at[0] + strings.LastIndexByte(line[at[0]:at[1]], '[')
		}
		if part := text(line[:end]); part != "" {
			parts = append(parts, part)
		}
		if end == len(line) {
			return parts
		}
		line = line[end:]
	}
}

func text(part string) string {
	part = strings.TrimSpace(part)
	if strings.HasPrefix(part, "|") && !strings.HasPrefix(strings.TrimLeft(part, "| "), "[") {
		return part // a row of a table
	}
	return strings.TrimSpace(part[len(prefix.FindString(part)):])
}
