package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// frame lays out the shell: the navigation at the side where the window is wide and
// at the bottom where it is narrow, the screen, and the status line below it.
type frame struct {
	content            *fyne.Container
	rail, bar          *navigation
	railSide, barSide  fyne.CanvasObject
	status, screenSide fyne.CanvasObject
	shape              shape
}

// shape is how much room there is.
type shape int

const (
	unknownShape shape = iota
	narrow             // as on a phone: the navigation is at the bottom
	medium             // a rail of icons
	wide               // a rail with words
)

const (
	railFrom  = 640 // the width from which the navigation is at the side
	wordsFrom = 860 // and from which it has words
	railIcons = 60
	railWords = 190
	barHigh   = 52
)

func newFrame(rail *navigation, status *statusLine, body fyne.CanvasObject, bar *navigation) *frame {
	f := &frame{rail: rail, bar: bar, status: status.content, screenSide: body}
	f.railSide = newGround(colorRail, rail.asRail())
	f.barSide = newGround(colorRail, bar.asBar())
	f.content = container.New(f, f.railSide, f.screenSide, f.status, f.barSide)
	return f
}

// choose marks the place that is open.
func (f *frame) choose(at Place) {
	f.rail.choose(at)
	f.bar.choose(at)
}

// reveal shows or hides the status line.
func (f *frame) reveal(visible bool) {
	if f.status.Visible() != visible {
		reveal(f.status, visible)
		f.content.Refresh()
	}
}

func shapeOf(width float32) shape {
	switch {
	case width >= wordsFrom:
		return wide
	case width >= railFrom:
		return medium
	}
	return narrow
}

// Layout implements fyne.Layout.
func (f *frame) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	if s := shapeOf(size.Width); s != f.shape {
		f.shape = s
		reveal(f.railSide, s != narrow)
		reveal(f.barSide, s == narrow)
		f.rail.name(s == wide)
	}
	x, bottom := float32(0), size.Height
	switch f.shape {
	case wide:
		x = railWords
	case medium:
		x = railIcons
	case narrow:
		bottom -= barHigh
		place(f.barSide, 0, bottom, size.Width, barHigh)
	}
	width := size.Width - x
	place(f.railSide, beginAt(0, x, size.Width), 0, x, size.Height)
	if f.status.Visible() {
		high := f.status.MinSize().Height
		bottom -= high
		place(f.status, beginAt(x, width, size.Width), bottom, width, high)
	}
	place(f.screenSide, beginAt(x, width, size.Width), 0, width, bottom)
}

// MinSize implements fyne.Layout.
func (f *frame) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(narrowest, 320) }

// place places an object.
func place(o fyne.CanvasObject, x, y, width, height float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(width, height))
}
