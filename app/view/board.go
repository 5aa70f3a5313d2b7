package view

import "fyne.io/fyne/v2"

// board lays out the cards in two columns where the width allows, the left one
// wider, and in one where it does not; then they stand in the order in which they
// were added, which is that of what somebody wants to know. Like fold it never
// keeps a window from being made narrow.
type board struct {
	right  []bool // by card: whether it belongs to the right column
	folded bool   // by the last Layout; the height follows from it
}

const (
	leftShare   = 0.54
	leastForTwo = 700 // below this width there is one column
)

// columns returns the two columns' widths, and whether all cards fit into them.
func (b *board) columns(cards []fyne.CanvasObject, width float32) (left, right float32, fit bool) {
	left = (width - gap) * leftShare
	right = width - gap - left
	for i, card := range cards {
		column := left
		if b.right[i] {
			column = right
		}
		if card.Visible() && card.MinSize().Width > column {
			return left, right, false
		}
	}
	return left, right, width >= leastForTwo
}

// MinSize implements fyne.Layout.
func (b *board) MinSize(cards []fyne.CanvasObject) fyne.Size {
	var width float32
	for _, card := range cards {
		if card.Visible() {
			width = max(width, card.MinSize().Width)
		}
	}
	return fyne.NewSize(width, b.place(cards, func(fyne.CanvasObject, bool, float32) {}))
}

// Layout implements fyne.Layout.
func (b *board) Layout(cards []fyne.CanvasObject, size fyne.Size) {
	left, right, fit := b.columns(cards, size.Width)
	b.folded = !fit
	b.place(cards, func(card fyne.CanvasObject, onRight bool, y float32) {
		x, width := float32(0), left
		switch {
		case b.folded:
			width = size.Width
		case onRight:
			x, width = left+gap, right
		}
		card.Move(fyne.NewPos(beginAt(x, width, size.Width), y))
		card.Resize(fyne.NewSize(width, card.MinSize().Height))
	})
}

// place puts the visible cards below each other in their columns and returns the
// height of the taller one.
func (b *board) place(cards []fyne.CanvasObject, put func(card fyne.CanvasObject, right bool, y float32)) float32 {
	var heights [2]float32
	for i, card := range cards {
		if !card.Visible() {
			continue
		}
		column := 0
		if b.right[i] && !b.folded {
			column = 1
		}
		if heights[column] > 0 {
			heights[column] += gap
		}
		put(card, b.right[i], heights[column])
		heights[column] += card.MinSize().Height // after put: text takes lines by its width
	}
	return max(heights[0], heights[1])
}
