package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// navigation is the buttons that open the screens.
type navigation struct {
	buttons map[Place]*widget.Button
	chosen  Place
	title   *widget.Label
	named   bool // its buttons have words
}

func newNavigation(open func(Place)) *navigation {
	n := &navigation{buttons: map[Place]*widget.Button{}}
	for _, at := range Places() {
		b := widget.NewButtonWithIcon("", icon(string(at)), func() { open(at) })
		b.Importance = widget.LowImportance
		buttonLeading(b)
		n.buttons[at] = b
	}
	n.title = widget.NewLabelWithStyle("Adit", leading(), fyne.TextStyle{Bold: true})
	n.title.SizeName = sizeLarge
	return n
}

// asRail arranges the buttons below each other, under the app's name.
func (n *navigation) asRail() fyne.CanvasObject {
	picture := canvas.NewImageFromResource(appIcon())
	picture.FillMode = canvas.ImageFillContain
	picture.SetMinSize(fyne.NewSquareSize(38))
	rows := container.New(layout.NewCustomPaddedVBoxLayout(6), between(container.NewCenter(picture), nil, n.title), newSpace(6))
	for _, at := range Places() {
		rows.Add(container.New(roomy{}, n.buttons[at]))
	}
	return container.New(layout.NewCustomPaddedLayout(14, 12, 10, 10), rows)
}

// asBar arranges the buttons beside each other.
func (n *navigation) asBar() fyne.CanvasObject {
	var all []fyne.CanvasObject
	for _, at := range Places() {
		n.buttons[at].Alignment = widget.ButtonAlignCenter
		all = append(all, container.New(roomy{}, n.buttons[at]))
	}
	return container.New(layout.NewCustomPaddedLayout(3, 3, 3, 3), inColumns(all...))
}

// name writes the places' names on the buttons, or takes them away.
func (n *navigation) name(named bool) {
	if n.named == named {
		return
	}
	n.named = named
	for at, b := range n.buttons {
		text := ""
		if named {
			text = say("place."+string(at), nil)
		}
		b.SetText(text)
	}
	reveal(n.title, named)
}

// choose marks one of them.
func (n *navigation) choose(at Place) {
	if n.chosen == at {
		return
	}
	if old, ok := n.buttons[n.chosen]; ok {
		old.Icon, old.Importance = icon(string(n.chosen)), widget.LowImportance
		old.Refresh()
	}
	n.chosen = at
	n.buttons[at].Icon, n.buttons[at].Importance = tinted(string(at), theme.ColorNameHyperlink), widget.MediumImportance
	n.buttons[at].Refresh()
}

// roomy is a layout of one button that makes it easy to hit. (A theme with more padding
// would load all fonts again, a megabyte.)
type roomy struct{}

const roomyBy = 8

// MinSize implements fyne.Layout.
func (roomy) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return objects[0].MinSize().AddWidthHeight(roomyBy, roomyBy)
}

// Layout implements fyne.Layout.
func (roomy) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	place(objects[0], 0, 0, size.Width, size.Height)
}
