package view

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
	"golang.org/x/text/unicode/bidi"
)

// The marks that say in which direction the signs beside them are read.
const (
	leftToRightMark = "\u200e"
	rightToLeftMark = "\u200f"
)

// arranged returns a text as a label has to get it. Fyne turns the letters of Hebrew
// round, but draws the pieces of a line, words and numbers, from the left as they
// come. That is undone for what is one line; text that wraps keeps its order, because
// nobody knows yet where its lines end.
func arranged(l *widget.Label, text string) string {
	if !rightToLeft() || !strings.ContainsFunc(text, fromTheRight) || !onOneLine(l, text) {
		return text
	}
	return fromTheLeft(text)
}

// fromTheRight reports whether a letter is one of a script that is read from the right.
func fromTheRight(r rune) bool {
	p, _ := bidi.LookupRune(r)
	return p.Class() == bidi.R || p.Class() == bidi.AL
}

func onOneLine(l *widget.Label, text string) bool {
	if strings.Contains(text, "\n") {
		return false
	}
	size := fyne.MeasureText(text, l.Theme().Size(l.SizeName), l.TextStyle)
	return l.Wrapping == fyne.TextWrapOff || size.Width <= l.Size().Width-2*textInset
}

// fromTheLeft returns the pieces of a line that is read from the right in the order in
// which they stand from the left. Marks keep each piece's direction.
func fromTheLeft(line string) string {
	var p bidi.Paragraph
	if _, err := p.SetString(line, bidi.DefaultDirection(bidi.RightToLeft)); err != nil {
		return line
	}
	pieces, err := p.Order()
	if err != nil || pieces.NumRuns() < 2 {
		return line
	}
	var b strings.Builder
	b.WriteString(leftToRightMark)
	for i := pieces.NumRuns() - 1; i >= 0; i-- {
		piece, mark := pieces.Run(i), leftToRightMark
		if piece.Direction() == bidi.RightToLeft {
			mark = rightToLeftMark
		}
		b.WriteString(mark + piece.String() + mark)
	}
	return b.String()
}
