package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// figure is a number with a picture and what it is.
type figure struct {
	content fyne.CanvasObject
	value   *widget.Label
}

func newFigure(picture, name string) *figure {
	f := &figure{value: newText(theme.SizeNameText)}
	f.value.TextStyle.Bold = true
	drawn := container.NewGridWrap(fyne.NewSquareSize(20), widget.NewIcon(tinted(picture, theme.ColorNameDisabled)))
	caption := newText(theme.SizeNameCaptionText)
	caption.Importance = widget.LowImportance
	caption.Text = say(name, nil)
	f.content = between(container.New(&pad{left: textInset}, container.NewCenter(drawn)), nil, stacked(-12, f.value, caption))
	return f
}

func (f *figure) show(text string, known bool) {
	if known {
		put(f.value, text)
	}
	reveal(f.content, known)
}

func (f *figure) showOptional(v *float64, write func(float64) string) {
	text := ""
	if v != nil {
		text = write(*v)
	}
	f.show(text, v != nil)
}

// pad leaves room at the side where a line begins.
type pad struct{ left float32 }

// MinSize implements fyne.Layout.
func (p *pad) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return objects[0].MinSize().AddWidthHeight(p.left, 0)
}

// Layout implements fyne.Layout.
func (p *pad) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	width := size.Width - p.left
	place(objects[0], beginAt(p.left, width, size.Width), 0, width, size.Height)
}

// tiles lays out the visible objects in rows of as many as fit, all of one width.
type tiles struct {
	least float32 // width of one; wider where an object needs it
	wide  float32 // by the last Layout; the height follows from it
}

func visible(objects []fyne.CanvasObject) (seen []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		if o.Visible() {
			seen = append(seen, o)
			size = size.Max(o.MinSize())
		}
	}
	return seen, size
}

// columns returns how many fit beside each other.
func (t *tiles) columns(seen []fyne.CanvasObject, least fyne.Size) int {
	fit := int(t.wide / max(t.least, least.Width))
	return max(min(fit, len(seen)), 1)
}

// MinSize implements fyne.Layout.
func (t *tiles) MinSize(objects []fyne.CanvasObject) fyne.Size {
	seen, least := visible(objects)
	n := t.columns(seen, least)
	return fyne.NewSize(least.Width, least.Height*float32((len(seen)+n-1)/n))
}

// Layout implements fyne.Layout.
func (t *tiles) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	t.wide = size.Width
	seen, least := visible(objects)
	n := t.columns(seen, least)
	width := size.Width / float32(n)
	for i, o := range seen {
		place(o, beginAt(float32(i%n)*width, width, size.Width), float32(i/n)*least.Height, width, least.Height)
	}
}
