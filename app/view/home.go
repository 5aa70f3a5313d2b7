// Package view draws the model's State with Fyne. It decides nothing, does no
// input or output and starts no goroutine: Home.Show puts a state on the screen,
// and what the user does goes out through Actions. It makes the words, too, from
// the texts in assets.
//
// All of it belongs to Fyne's own goroutine. The package does not import
// fyne/app, so it is tested without C, without a display.
package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"github.com/adit-mining/adit/app/model"
)

// Actions is where the user's doing goes. None of them may block.
type Actions struct {
	Do   func(model.Event)
	Copy func(text string) // to the clipboard
}

// Home is the window's content.
type Home struct {
	content fyne.CanvasObject
	parts   []part
}

// part is one area of the window.
type part interface {
	show(s model.State)
}

// New makes the content of a window. Nothing is shown before the first Show.
func New(window fyne.Window, actions Actions) *Home {
	head, alarm, hero := newHead(window, actions), newAlarm(actions), newHero(actions)
	earned, work, devices := newEarned(), newWork(), newDevices()
	key, history := newKeyCard(window, actions), newHistory()

	left := container.New(layout.NewCustomPaddedVBoxLayout(gap), hero.content, devices.content, history.content)
	right := container.New(layout.NewCustomPaddedVBoxLayout(gap), earned.content, work.content, key.content)
	page := container.New(layout.NewCustomPaddedVBoxLayout(gap),
		head.content, alarm.content, container.New(columns{}, left, right))
	return &Home{
		content: container.NewVScroll(container.New(layout.NewCustomPaddedLayout(14, 14, 18, 18), page)),
		parts:   []part{head, alarm, hero, earned, work, devices, key, history},
	}
}

// Content returns what goes into the window.
func (h *Home) Content() fyne.CanvasObject { return h.content }

// Show draws s. Only what differs from what is on the screen is drawn anew.
func (h *Home) Show(s model.State) {
	for _, p := range h.parts {
		p.show(s)
	}
}

// gap is the space between cards.
const gap = 12

// columns lays out two objects side by side, the left one wider.
type columns struct{}

const leftShare = 0.54

// MinSize implements fyne.Layout.
func (columns) MinSize(objects []fyne.CanvasObject) fyne.Size {
	left, right := objects[0].MinSize(), objects[1].MinSize()
	width := max(left.Width/leftShare, right.Width/(1-leftShare)) + gap
	return fyne.NewSize(width, max(left.Height, right.Height))
}

// Layout implements fyne.Layout.
func (columns) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	left := (size.Width - gap) * leftShare
	objects[0].Resize(fyne.NewSize(left, size.Height))
	objects[1].Resize(fyne.NewSize(size.Width-gap-left, size.Height))
	objects[1].Move(fyne.NewPos(left+gap, 0))
}
