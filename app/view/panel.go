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
	border  fyne.ThemeColorName // none for a panel without
	radius  float32
	around  fyne.Layout // leaves room around the content
	content fyne.CanvasObject
}

func newPanel(fill fyne.ThemeColorName, content fyne.CanvasObject) *panel {
	p := &panel{fill: fill, border: colorOutline, radius: 14, around: layout.NewCustomPaddedLayout(12, 12, 16, 16), content: content}
	p.ExtendBaseWidget(p)
	return p
}

// newGround returns a plain ground behind an object, without corners, border or room.
func newGround(fill fyne.ThemeColorName, content fyne.CanvasObject) *panel {
	p := &panel{fill: fill, around: layout.NewStackLayout(), content: content}
	p.ExtendBaseWidget(p)
	return p
}

// newWell returns a sunken ground for choices and for raw text.
func newWell(content fyne.CanvasObject) *panel {
	p := &panel{fill: colorWell, radius: 10, around: layout.NewCustomPaddedLayout(3, 3, 3, 3), content: content}
	p.ExtendBaseWidget(p)
	return p
}

// CreateRenderer implements fyne.Widget.
func (p *panel) CreateRenderer() fyne.WidgetRenderer {
	back := &canvas.Rectangle{CornerRadius: p.radius}
	r := &panelRenderer{panel: p, back: back, box: container.New(p.around, p.content)}
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
	if r.panel.border != "" {
		r.back.StrokeColor, r.back.StrokeWidth = th.Color(r.panel.border, variant), 1
	}
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
