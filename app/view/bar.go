package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// bar is a thin line that fills from the left: how near the next payout is.
type bar struct {
	widget.BaseWidget
	part float64 // 0 to 1
}

func newBar() *bar {
	b := &bar{}
	b.ExtendBaseWidget(b)
	return b
}

func (b *bar) set(part float64) {
	if b.part != part {
		b.part = part
		b.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (b *bar) CreateRenderer() fyne.WidgetRenderer {
	r := &barRenderer{bar: b, track: &canvas.Rectangle{CornerRadius: barHeight / 2}, fill: &canvas.Rectangle{CornerRadius: barHeight / 2}}
	r.paint()
	return r
}

const barHeight = 6

type barRenderer struct {
	bar         *bar
	track, fill *canvas.Rectangle
}

func (r *barRenderer) paint() {
	th, variant := r.bar.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	r.track.FillColor = th.Color(colorOutline, variant)
	r.fill.FillColor = th.Color(theme.ColorNamePrimary, variant)
}

// Layout implements fyne.WidgetRenderer.
func (r *barRenderer) Layout(size fyne.Size) {
	r.track.Resize(size)
	width := size.Width * float32(r.bar.part)
	r.fill.Resize(fyne.NewSize(width, size.Height))
	reveal(r.fill, width >= barHeight) // less than its own roundness is a speck
}

// MinSize implements fyne.WidgetRenderer.
func (r *barRenderer) MinSize() fyne.Size { return fyne.NewSize(40, barHeight) }

// Refresh implements fyne.WidgetRenderer.
func (r *barRenderer) Refresh() {
	r.paint()
	r.Layout(r.bar.Size())
	r.track.Refresh()
	r.fill.Refresh()
}

// Objects implements fyne.WidgetRenderer.
func (r *barRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.track, r.fill} }

// Destroy implements fyne.WidgetRenderer.
func (r *barRenderer) Destroy() {}
