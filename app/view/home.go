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

	cards := container.New(&board{right: []bool{false, true, true, false, true, false}},
		hero.content, earned.content, work.content, devices.content, key.content, history.content)
	page := container.New(layout.NewCustomPaddedVBoxLayout(gap), head.content, alarm.content, cards)
	scroll := container.NewVScroll(container.New(margin{}, page))
	return &Home{
		content: container.New(atLeast{narrowest, 320}, scroll),
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
