package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// toggle is a switch: on or off. What it shows is set by set; a tap, space or enter
// only asks for the other.
type toggle struct {
	widget.DisableableWidget
	on      bool
	focused bool
	hovered bool
	asked   func(on bool)
}

func newToggle(asked func(on bool)) *toggle {
	t := &toggle{asked: asked}
	t.ExtendBaseWidget(t)
	return t
}

func (t *toggle) set(on, enabled bool) {
	if t.on != on {
		t.on = on
		t.Refresh()
	}
	switch {
	case enabled && t.Disabled():
		t.Enable()
	case !enabled && !t.Disabled():
		t.Disable()
	}
}

// Tapped implements fyne.Tappable.
func (t *toggle) Tapped(*fyne.PointEvent) {
	if !t.Disabled() {
		t.asked(!t.on)
	}
}

// TypedKey implements fyne.Focusable.
func (t *toggle) TypedKey(key *fyne.KeyEvent) {
	if key.Name == fyne.KeySpace || key.Name == fyne.KeyReturn || key.Name == fyne.KeyEnter {
		t.Tapped(nil)
	}
}

// TypedRune implements fyne.Focusable.
func (t *toggle) TypedRune(rune) {}

// FocusGained implements fyne.Focusable.
func (t *toggle) FocusGained() { t.focused = true; t.Refresh() }

// FocusLost implements fyne.Focusable.
func (t *toggle) FocusLost() { t.focused = false; t.Refresh() }

// MouseIn implements desktop.Hoverable.
func (t *toggle) MouseIn(*desktop.MouseEvent) { t.hovered = true; t.Refresh() }

// MouseMoved implements desktop.Hoverable.
func (t *toggle) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (t *toggle) MouseOut() { t.hovered = false; t.Refresh() }

const toggleWide, toggleHigh, toggleGap = 44, 24, 3

// CreateRenderer implements fyne.Widget.
func (t *toggle) CreateRenderer() fyne.WidgetRenderer {
	r := &toggleRenderer{toggle: t, halo: &canvas.Rectangle{CornerRadius: toggleHigh/2 + toggleGap},
		track: &canvas.Rectangle{CornerRadius: toggleHigh / 2}, knob: &canvas.Circle{}}
	r.paint()
	return r
}

type toggleRenderer struct {
	toggle      *toggle
	halo, track *canvas.Rectangle
	knob        *canvas.Circle
}

func (r *toggleRenderer) paint() {
	t := r.toggle
	th, variant := t.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	color := func(name fyne.ThemeColorName) { r.track.FillColor = th.Color(name, variant) }
	knob := theme.ColorNameForegroundOnPrimary
	switch {
	case t.Disabled():
		color(theme.ColorNameDisabledButton)
		knob = theme.ColorNameDisabled
	case t.on:
		color(theme.ColorNamePrimary)
	default:
		color(theme.ColorNameInputBorder)
		knob = colorPanel
	}
	r.knob.FillColor = th.Color(knob, variant)
	r.halo.FillColor = nil
	switch {
	case t.focused:
		r.halo.FillColor = th.Color(theme.ColorNameFocus, variant)
	case t.hovered && !t.Disabled():
		r.halo.FillColor = th.Color(theme.ColorNameHover, variant)
	}
}

// Layout implements fyne.WidgetRenderer.
func (r *toggleRenderer) Layout(size fyne.Size) {
	x, y := (size.Width-toggleWide)/2, (size.Height-toggleHigh)/2
	place(r.halo, x-toggleGap, y-toggleGap, toggleWide+2*toggleGap, toggleHigh+2*toggleGap)
	place(r.track, x, y, toggleWide, toggleHigh)
	const side = toggleHigh - 2*toggleGap
	at := float32(toggleGap)
	if r.toggle.on != rightToLeft() {
		at = toggleWide - side - toggleGap
	}
	place(r.knob, x+at, y+toggleGap, side, side)
}

// MinSize implements fyne.WidgetRenderer.
func (r *toggleRenderer) MinSize() fyne.Size {
	return fyne.NewSize(toggleWide+2*toggleGap, toggleHigh+2*toggleGap)
}

// Refresh implements fyne.WidgetRenderer.
func (r *toggleRenderer) Refresh() {
	r.paint()
	r.Layout(r.toggle.Size())
	r.halo.Refresh()
	r.track.Refresh()
	r.knob.Refresh()
}

// Objects implements fyne.WidgetRenderer.
func (r *toggleRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.halo, r.track, r.knob}
}

// Destroy implements fyne.WidgetRenderer.
func (r *toggleRenderer) Destroy() {}
