package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// panel is a card: rounded, with a thin border, its content inside. Unlike Fyne's
// it has no title of its own and follows a change of the theme's colours.
type panel struct {
	widget.BaseWidget
	fill    fyne.ThemeColorName
	content fyne.CanvasObject
}

func newPanel(fill fyne.ThemeColorName, content fyne.CanvasObject) *panel {
	p := &panel{fill: fill, content: content}
	p.ExtendBaseWidget(p)
	return p
}

// CreateRenderer implements fyne.Widget.
func (p *panel) CreateRenderer() fyne.WidgetRenderer {
	back := &canvas.Rectangle{CornerRadius: 12, StrokeWidth: 1}
	inset := layout.NewCustomPaddedLayout(10, 10, 14, 14)
	r := &panelRenderer{panel: p, back: back, box: container.New(inset, p.content)}
	r.paint()
	return r
}

type panelRenderer struct {
	panel *panel
	back  *canvas.Rectangle
	box   *fyne.Container
}

func (r *panelRenderer) paint() {
	th, variant := r.panel.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	r.back.FillColor = th.Color(r.panel.fill, variant)
	r.back.StrokeColor = th.Color(colorOutline, variant)
}

// Layout implements fyne.WidgetRenderer.
func (r *panelRenderer) Layout(size fyne.Size) {
	r.back.Resize(size)
	r.box.Resize(size)
}

// MinSize implements fyne.WidgetRenderer.
func (r *panelRenderer) MinSize() fyne.Size { return r.box.MinSize() }

// Refresh implements fyne.WidgetRenderer.
func (r *panelRenderer) Refresh() {
	r.paint()
	r.back.Refresh()
	r.box.Refresh()
}

// Objects implements fyne.WidgetRenderer.
func (r *panelRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.back, r.box} }

// Destroy implements fyne.WidgetRenderer.
func (r *panelRenderer) Destroy() {}

// lamp is a round light in one of the theme's colours.
type lamp struct {
	widget.BaseWidget
	name fyne.ThemeColorName
}

func newLamp() *lamp {
	l := &lamp{name: theme.ColorNameDisabled}
	l.ExtendBaseWidget(l)
	return l
}

func (l *lamp) set(name fyne.ThemeColorName) {
	if l.name != name {
		l.name = name
		l.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (l *lamp) CreateRenderer() fyne.WidgetRenderer {
	r := &lampRenderer{lamp: l, circle: &canvas.Circle{}}
	r.paint()
	return r
}

type lampRenderer struct {
	lamp   *lamp
	circle *canvas.Circle
}

const lampSize = 14

func (r *lampRenderer) paint() {
	r.circle.FillColor = r.lamp.Theme().Color(r.lamp.name, fyne.CurrentApp().Settings().ThemeVariant())
}

// Layout implements fyne.WidgetRenderer.
func (r *lampRenderer) Layout(size fyne.Size) {
	r.circle.Resize(fyne.NewSquareSize(lampSize))
	r.circle.Move(fyne.NewPos(textInset, (size.Height-lampSize)/2))
}

// MinSize implements fyne.WidgetRenderer.
func (r *lampRenderer) MinSize() fyne.Size { return fyne.NewSize(textInset+lampSize, lampSize+6) }

// Refresh implements fyne.WidgetRenderer.
func (r *lampRenderer) Refresh() {
	r.paint()
	r.circle.Refresh()
}

// Objects implements fyne.WidgetRenderer.
func (r *lampRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.circle} }

// Destroy implements fyne.WidgetRenderer.
func (r *lampRenderer) Destroy() {}
