package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
)

// newPage makes a screen's content: its name, a sentence on what it is for, and its
// parts below each other. It scrolls.
func newPage(at Place, parts ...fyne.CanvasObject) *container.Scroll {
	title := newBold(say("place."+string(at), nil))
	title.SizeName = sizeTitle
	head := container.New(layout.NewCustomPaddedVBoxLayout(-8), title, newSaying("lead."+string(at)))
	return scrolling(append([]fyne.CanvasObject{head}, parts...)...)
}

// scrolling puts parts below each other, with room around them.
func scrolling(parts ...fyne.CanvasObject) *container.Scroll {
	return container.NewVScroll(container.New(margin{}, stacked(gap, parts...)))
}

// stacked puts objects below each other.
func stacked(space float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(space), objects...)
}

// gap is the space between cards.
const gap = 12

// card is a panel with a heading.
func card(title string, rows ...fyne.CanvasObject) *panel {
	return newPanel(colorPanel, stacked(0, append([]fyne.CanvasObject{newTitle(title)}, rows...)...))
}
