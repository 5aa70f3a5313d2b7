package view

import "fyne.io/fyne/v2"

// fold lays out two objects side by side where the width allows and one above the
// other where it does not. What it asks for at least is the width of the wider one,
// so that it never keeps a window from being made narrow.
type fold struct {
	share  float32 // of the width for the first; 0: its minimum, 1: all but the second's minimum
	least  float32 // below this width it folds even if both would fit
	gap    float32
	folded bool // by the last Layout; the height follows from it
}

// widths returns the widths of both side by side, and whether they fit.
func (f *fold) widths(first, second, width float32) (a, b float32, fit bool) {
	switch f.share {
	case 0:
		a = first
	case 1:
		a = width - f.gap - second
	default:
		a = (width - f.gap) * f.share
	}
	b = width - f.gap - a
	const slack = 0.5 // of rounding
	return a, b, width >= f.least && a+slack >= first && b+slack >= second
}

// MinSize implements fyne.Layout.
func (f *fold) MinSize(objects []fyne.CanvasObject) fyne.Size {
	first, second := objects[0].MinSize(), objects[1].MinSize()
	size := fyne.NewSize(max(first.Width, second.Width), max(first.Height, second.Height))
	if f.folded {
		size.Height = first.Height + f.between(objects) + second.Height
	}
	return size
}

// Layout implements fyne.Layout. When it begins or ends to be folded, Fyne notices
// the other height before it paints and lays out what is around.
func (f *fold) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	first, second := objects[0].MinSize(), objects[1].MinSize()
	a, b, fit := f.widths(first.Width, second.Width, size.Width)
	f.folded = !fit
	objects[0].Move(fyne.NewPos(0, 0))
	if fit {
		objects[0].Resize(fyne.NewSize(a, size.Height))
		objects[0].Move(fyne.NewPos(beginAt(0, a, size.Width), 0))
		objects[1].Resize(fyne.NewSize(b, size.Height))
		objects[1].Move(fyne.NewPos(beginAt(a+f.gap, b, size.Width), 0))
		return
	}
	objects[0].Resize(fyne.NewSize(size.Width, first.Height))
	first = objects[0].MinSize() // text may take more or fewer lines in that width
	objects[0].Resize(fyne.NewSize(size.Width, first.Height))
	top := first.Height + f.between(objects)
	objects[1].Move(fyne.NewPos(0, top))
	objects[1].Resize(fyne.NewSize(size.Width, max(size.Height-top, second.Height)))
}

// between returns the gap when both have something to show.
func (f *fold) between(objects []fyne.CanvasObject) float32 {
	if objects[0].MinSize().Height == 0 || objects[1].MinSize().Height == 0 {
		return 0
	}
	return f.gap
}

// margin puts space around an object: less at the sides of a narrow window, where
// it is dear.
type margin struct{}

const (
	sideNarrow = 8
	sideWide   = 18
	narrowest  = 360  // the width in which all must be seen whole
	widest     = 1080 // longer lines are hard to read
	topMargin  = 16
)

// MinSize implements fyne.Layout.
func (margin) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return objects[0].MinSize().AddWidthHeight(2*sideNarrow, 2*topMargin)
}

// Layout implements fyne.Layout.
func (margin) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	side := float32(sideNarrow)
	if size.Width >= 500 {
		side = max(sideWide, (size.Width-widest)/2)
	}
	objects[0].Move(fyne.NewPos(side, topMargin))
	objects[0].Resize(fyne.NewSize(size.Width-2*side, size.Height-2*topMargin))
}

// atLeast is a layout of one object whose minimum is a size of its own, whatever is
// in it: the window's content scrolls, so it may be made as small as this.
type atLeast fyne.Size

// MinSize implements fyne.Layout.
func (a atLeast) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size(a) }

// Layout implements fyne.Layout.
func (atLeast) Layout(objects []fyne.CanvasObject, size fyne.Size) { objects[0].Resize(size) }
