package view

import (
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// shownFor is how long words stay on the screen.
const shownFor = 60 * time.Second

// wordBoard shows words to be written down: large, numbered, in the order of reading.
// While they are hidden it does not have them.
type wordBoard struct {
	content *fyne.Container
	words   []*widget.Label
	until   time.Time // when they hide; zero: hidden
}

func newWordBoard(n int) *wordBoard {
	b := &wordBoard{content: container.New(&tiles{least: 142})}
	for i := range n {
		number, text := newText(theme.SizeNameCaptionText), newText(theme.SizeNameSubHeadingText)
		number.Text, number.Importance = strconv.Itoa(i+1), widget.LowImportance
		text.TextStyle = fyne.TextStyle{Bold: true, Monospace: true}
		text.Alignment = fyne.TextAlignLeading // English words, in every language
		b.words = append(b.words, text)
		line := container.NewBorder(nil, nil, container.NewGridWrap(fyne.NewSize(30, 34), container.NewCenter(number)), nil, text)
		b.content.Add(newWell(line))
	}
	b.hide()
	return b
}

const dots = "••••••"

func (b *wordBoard) show(words []string, now time.Time) {
	for i, w := range words {
		if i < len(b.words) {
			b.words[i].SetText(w)
		}
	}
	b.until = now.Add(shownFor)
}

func (b *wordBoard) hide() {
	for _, l := range b.words {
		l.SetText(dots)
	}
	b.until = time.Time{}
}

func (b *wordBoard) shown() bool { return !b.until.IsZero() }

// left is how many seconds they stay.
func (b *wordBoard) left(now time.Time) int {
	return max(int((b.until.Sub(now)+time.Second-1)/time.Second), 0)
}
