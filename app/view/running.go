package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"
)

// Running makes the content of the window that a second Adit opens: it says that
// the first one is there and does nothing else. closed is called by its button.
func Running(closed func()) fyne.CanvasObject {
	title := newText(sizeLarge)
	title.TextStyle.Bold = true
	title.Wrapping = fyne.TextWrapWord
	title.SetText(say("running.title", nil))
	about, do := newProse(), widget.NewLabel(say("running.do", nil))
	about.SetText(say("running.about", nil))
	do.Wrapping = fyne.TextWrapWord
	button := widget.NewButton(say("button.close", nil), closed)
	button.Importance = widget.HighImportance
	rows := container.New(layout.NewCustomPaddedVBoxLayout(4), title, about, do, newSpace(4),
		inset(container.NewHBox(layout.NewSpacer(), button)))
	return container.New(atLeast{narrowest, 200}, container.New(margin{}, rows))
}
