package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// segments lets the user choose one of a few: buttons in a row, the chosen one
// raised.
type segments struct {
	content fyne.CanvasObject
	values  []string
	buttons []*widget.Button
}

// newSegments makes a choice between values; their words are name+"."+value.
func newSegments(name string, values []string, asked func(value string)) *segments {
	g := &segments{values: values}
	var all []fyne.CanvasObject
	for _, v := range values {
		b := widget.NewButton(say(name+"."+v, nil), func() { asked(v) })
		b.Importance = widget.LowImportance
		g.buttons = append(g.buttons, b)
		all = append(all, b)
	}
	g.content = newWell(inColumns(all...))
	return g
}

func (g *segments) set(value string) {
	for i, b := range g.buttons {
		importance := widget.LowImportance
		if g.values[i] == value {
			importance = widget.MediumImportance
		}
		caption(b, b.Text, b.Icon, importance, true)
	}
}
