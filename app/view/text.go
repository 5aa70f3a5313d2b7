package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// newTitle returns the heading of a card.
func newTitle(name string) *widget.Label {
	l := widget.NewLabelWithStyle(say(name, nil), leading(), fyne.TextStyle{Bold: true})
	l.Importance = widget.LowImportance
	l.SizeName = theme.SizeNameCaptionText
	return l
}

// newText returns a label of a size, for text that changes.
func newText(size fyne.ThemeSizeName) *widget.Label {
	l := widget.NewLabel("")
	l.SizeName, l.Alignment = size, leading()
	return l
}

// newProse returns a label that wraps, in the quieter colour.
func newProse() *widget.Label {
	l := widget.NewLabel("")
	l.Wrapping, l.Alignment = fyne.TextWrapWord, leading()
	l.Importance = widget.LowImportance
	return l
}

// newCaption returns prose in small letters, saying what is told by name; "" is said
// later.
func newCaption(name string) *widget.Label {
	l := newProse()
	l.SizeName = theme.SizeNameCaptionText
	if name != "" {
		l.Text = say(name, nil)
	}
	return l
}

// newBold returns a label in bold letters that wraps.
func newBold(text string) *widget.Label {
	l := widget.NewLabelWithStyle(text, leading(), fyne.TextStyle{Bold: true})
	l.Wrapping = fyne.TextWrapWord
	return l
}

// newSaying returns prose that says what is told by name.
func newSaying(name string) *widget.Label {
	l := newProse()
	l.Text = say(name, nil)
	return l
}

// textInset is how far a label's text stands from the label's side.
const textInset = 6

// inset gives an object the sides that text has, so that both line up.
func inset(o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(0, 0, textInset, textInset), o)
}

// put sets a label's text if it differs.
func put(l *widget.Label, text string) {
	text = arranged(l, text)
	if l.Text != text {
		l.SetText(text)
	}
}

// tint sets a label's importance, which is its colour, if it differs.
func tint(l *widget.Label, importance widget.Importance) {
	if l.Importance != importance {
		l.Importance = importance
		l.Refresh()
	}
}

// reveal shows or hides an object if it is not so already.
func reveal(o fyne.CanvasObject, visible bool) {
	switch {
	case visible && !o.Visible():
		o.Show()
	case !visible && o.Visible():
		o.Hide()
	}
}

// caption sets a button's text, look and state if they differ.
func caption(b *widget.Button, text string, icon fyne.Resource, importance widget.Importance, enabled bool) {
	if b.Text != text || b.Icon != icon || b.Importance != importance {
		b.Text, b.Icon, b.Importance = text, icon, importance
		b.Refresh()
	}
	switch {
	case enabled && b.Disabled():
		b.Enable()
	case !enabled && !b.Disabled():
		b.Disable()
	}
}
