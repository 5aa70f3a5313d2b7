package view

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/adit-mining/adit/app/model"
)

// devicesScreen lists what this computer can mine with, a card for each device.
type devicesScreen struct {
	scroll  *container.Scroll
	actions Actions
	list    *fyne.Container
	cards   []*unitCard
	looking *panel
	waiting *widget.Label
}

func newDevicesScreen(actions Actions) *devicesScreen {
	d := &devicesScreen{actions: actions, list: stacked(gap), waiting: newProse()}
	d.looking = newPanel(colorPanel, d.waiting)
	d.scroll = newPage(AtDevices, d.looking, d.list)
	return d
}

func (d *devicesScreen) content() fyne.CanvasObject { return d.scroll }

func (d *devicesScreen) show(s model.State) {
	text := say("devices.looking", nil)
	if s.Seen {
		text = say("devices.none", nil)
	}
	put(d.waiting, text)
	reveal(d.looking, len(s.Units) == 0)
	for len(d.cards) < len(s.Units) {
		c := newUnitCard(d.actions)
		d.cards = append(d.cards, c)
		d.list.Add(c.content)
	}
	for i, c := range d.cards {
		reveal(c.content, i < len(s.Units))
		if i < len(s.Units) {
			c.show(s, i)
		}
	}
}
