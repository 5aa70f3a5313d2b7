package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
)

// statusLine says on every screen what is going on and why, and has the button. On
// the first screen the large card does that while it is in sight.
type statusLine struct {
	content  fyne.CanvasObject
	lamp     *lamp
	sentence *widget.Label
	why      *widget.Label
	rate     *widget.Label
	button   *pressButton
}

func newStatusLine(actions Actions) *statusLine {
	l := &statusLine{lamp: newLamp(), sentence: newText(theme.SizeNameText), why: newText(theme.SizeNameCaptionText),
		rate: newText(theme.SizeNameSubHeadingText), button: newPressButton(actions)}
	l.sentence.TextStyle.Bold = true
	l.sentence.Truncation, l.why.Truncation = fyne.TextTruncateEllipsis, fyne.TextTruncateEllipsis
	l.why.Importance = widget.LowImportance
	texts := container.New(layout.NewCustomPaddedVBoxLayout(-10), l.sentence, l.why)
	right := inLine(container.NewCenter(l.rate), container.NewCenter(l.button.content))
	row := between(container.NewCenter(l.lamp), right, texts)
	l.content = newGround(colorRail, container.New(layout.NewCustomPaddedLayout(3, 3, 8, 10), row))
	return l
}

func (l *statusLine) show(s model.State) {
	phase := s.Phase()
	l.lamp.set(lampColor(phase))
	put(l.sentence, Sentence(s))
	put(l.why, About(s))
	rate := ""
	if t := s.Totals(); t.Units > 0 && t.Hashrate > 0 {
		rate = number(t.Hashrate.String())
	}
	put(l.rate, rate)
	reveal(l.rate, rate != "")
	l.button.show(s)
	reveal(l.button.content, phase != model.NoPool)
}
