package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// rightToLeft reports whether the user's language is written from the right, as
// Arabic and Hebrew are: then all that stands beside something else changes sides.
// Fyne turns the letters and leaves the layout to us.
func rightToLeft() bool { return say("language.direction", nil) == "rtl" }

// leading and trailing are the sides where a line of the user's language begins and
// ends.
func leading() fyne.TextAlign {
	if rightToLeft() {
		return fyne.TextAlignTrailing
	}
	return fyne.TextAlignLeading
}

func trailing() fyne.TextAlign {
	if rightToLeft() {
		return fyne.TextAlignLeading
	}
	return fyne.TextAlignTrailing
}

// buttonLeading is leading for a button's content.
func buttonLeading(b *widget.Button) {
	b.Alignment, b.IconPlacement = widget.ButtonAlignLeading, widget.ButtonIconLeadingText
	if rightToLeft() {
		b.Alignment, b.IconPlacement = widget.ButtonAlignTrailing, widget.ButtonIconTrailingText
	}
}

// between puts middle between an object where the line begins and one where it
// ends; both may be nil.
func between(first, last, middle fyne.CanvasObject) *fyne.Container {
	if rightToLeft() {
		first, last = last, first
	}
	return container.NewBorder(nil, nil, first, last, middle)
}

// inLine puts objects beside each other in the direction of reading.
func inLine(objects ...fyne.CanvasObject) *fyne.Container {
	return container.NewHBox(turned(objects)...)
}

// inColumns puts objects into columns of the same width in the direction of reading.
func inColumns(objects ...fyne.CanvasObject) *fyne.Container {
	return container.NewGridWithColumns(len(objects), turned(objects)...)
}

func turned(objects []fyne.CanvasObject) []fyne.CanvasObject {
	if !rightToLeft() {
		return objects
	}
	back := make([]fyne.CanvasObject, len(objects))
	for i, o := range objects {
		back[len(objects)-1-i] = o
	}
	return back
}

// beginAt returns the x of an object of some width that begins at x in the direction
// of reading, within total.
func beginAt(x, width, total float32) float32 {
	if rightToLeft() {
		return total - x - width
	}
	return x
}

// atStart is a layout of one object that keeps its least size: in the middle of the
// height, where the line begins.
type atStart struct{}

// MinSize implements fyne.Layout.
func (atStart) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[0].MinSize() }

// Layout implements fyne.Layout.
func (atStart) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	least := objects[0].MinSize()
	width := min(least.Width, size.Width)
	place(objects[0], beginAt(0, width, size.Width), (size.Height-least.Height)/2, width, least.Height)
}

// started wraps an object in that layout.
func started(o fyne.CanvasObject) fyne.CanvasObject { return container.New(atStart{}, o) }
