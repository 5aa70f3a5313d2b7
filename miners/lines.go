package miners

import (
	"strings"
	"unicode/utf8"
)

// maxLine is how many bytes of a line are looked at; the rest is left out.
const maxLine = 4096

// Lines is an io.Writer that cuts what a program prints into lines and hands
// each to Each, without its end, without colours and other terminal escapes, and
// as valid UTF-8. A line ends with a line feed or a carriage return, because
// some programs paint a status line over itself and print the next event right
// behind it; or where the cursor is sent elsewhere, as in programs that paint a
// whole screen. Empty lines are left out.
//
// Write never fails. It must not be called by two goroutines at a time.
type Lines struct {
	Each func(line string)
	line []byte
}

// Write implements io.Writer.
func (l *Lines) Write(p []byte) (int, error) {
	for _, b := range p {
		switch {
		case b == '\n' || b == '\r':
			l.Flush()
		case len(l.line) < maxLine:
			l.line = append(l.line, b)
		}
	}
	return len(p), nil
}

// Flush hands over what was printed of a line whose end is missing.
func (l *Lines) Flush() {
	rest := string(l.line)
	l.line = l.line[:0]
	for rest != "" {
		var line string
		if line, rest = plain(rest); line != "" {
			l.Each(line)
		}
	}
}

// plain returns s without terminal escapes, control characters, broken UTF-8,
// and space at the end. It ends where the cursor jumps; rest is what comes then.
func plain(s string) (line, rest string) {
	var b strings.Builder
	b.Grow(len(s))
	for len(s) > 0 {
		if s[0] == 0x1b {
			escape := s[:escapeLen(s)]
			s = s[len(escape):]
			if jumps(escape) {
				break
			}
			continue
		}
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			b.WriteRune(utf8.RuneError)
		case r == '\t':
			b.WriteByte(' ')
		case r >= ' ' && (r < 0x7f || r > 0x9f):
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return strings.TrimRight(b.String(), " "), s
}

// jumps reports whether escape moves the cursor to another line or column.
func jumps(escape string) bool {
	return strings.HasPrefix(escape, "\x1b[") && strings.ContainsRune("ABEFGHdf", rune(escape[len(escape)-1]))
}

// escapeLen returns how long the terminal escape is with which s begins
// (ECMA-48: control sequences, and command strings that a bell may end).
func escapeLen(s string) int {
	if len(s) < 2 {
		return len(s)
	}
	switch s[1] {
	case '[':
		for i := 2; i < len(s); i++ {
			if s[i] >= 0x40 && s[i] <= 0x7e {
				return i + 1
			}
		}
		return len(s)
	case ']', 'P', '^', '_':
		for i := 2; i < len(s); i++ {
			if s[i] == '\a' {
				return i + 1
			}
			if s[i] == 0x1b && i+1 < len(s) && s[i+1] == '\\' {
				return i + 2
			}
		}
		return len(s)
	}
	for i := 1; i < len(s); i++ { // intermediate characters, then one that ends it
		if s[i] < 0x20 || s[i] > 0x2f {
			return i + 1
		}
	}
	return len(s)
}
