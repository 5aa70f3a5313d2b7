package view_test

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/adit-mining/adit/app/view"
)

// pinned is Adit's theme in one variant, whatever the system says.
type pinned struct{ variant fyne.ThemeVariant }

// Color implements fyne.Theme.
func (p pinned) Color(name fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	return view.Theme{}.Color(name, p.variant)
}

// Size implements fyne.Theme.
func (pinned) Size(name fyne.ThemeSizeName) float32 { return view.Theme{}.Size(name) }

// Font implements fyne.Theme.
func (pinned) Font(style fyne.TextStyle) fyne.Resource { return view.Theme{}.Font(style) }

// Icon implements fyne.Theme.
func (pinned) Icon(name fyne.ThemeIconName) fyne.Resource { return view.Theme{}.Icon(name) }

// findIn returns all of a kind below an object.
func findIn[T fyne.CanvasObject](root fyne.CanvasObject, want func(T) bool) (all []T) {
	walk(root, fyne.Position{}, func(o fyne.CanvasObject, _ fyne.Position) {
		if t, ok := o.(T); ok && want(t) {
			all = append(all, t)
		}
	})
	return all
}

// walk visits all that is visible below an object with its place in the window.
func walk(o fyne.CanvasObject, at fyne.Position, visit func(o fyne.CanvasObject, at fyne.Position)) {
	if !o.Visible() {
		return
	}
	at = at.Add(o.Position())
	visit(o, at)
	switch o := o.(type) {
	case *fyne.Container:
		for _, child := range o.Objects {
			walk(child, at, visit)
		}
	case fyne.Widget:
		for _, child := range test.WidgetRenderer(o).Objects() {
			walk(child, at, visit)
		}
	}
}
